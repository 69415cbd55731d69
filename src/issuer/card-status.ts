/** `cardStatus`: a card as it stands. */
import { type CardView, viewOf } from './card-view.ts';
import { type Desk, requireCard } from './desk.ts';

/** Reads a card. */
export async function cardStatus(desk: Desk, request: { readonly token: string }): Promise<CardView> {
  return viewOf(desk, (await requireCard(desk, request.token)).card);
}
