/** `cancelCard`: the end of a card. */
import { requireTransition } from './card-state.ts';
import { type CardView, viewOf } from './card-view.ts';
import { changeCard, type Desk, now } from './desk.ts';
import { leavingStock } from './stock.ts';

/** Cancels a card, for good; its PAN is never issued again. */
export async function cancelCard(desk: Desk, request: { readonly token: string }): Promise<CardView> {
  const card = await changeCard(desk, request.token, async ({ card }) => ({
    card: { ...card, state: requireTransition(card, 'cancel', now(desk)), before: null, next: null },
    beside: await leavingStock(desk, card),
  }));
  return viewOf(desk, card);
}
