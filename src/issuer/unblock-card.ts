/** `unblockCard`: a blocked card is again what it was. */
import { requireTransition } from './card-state.ts';
import { type CardView, viewOf } from './card-view.ts';
import { changeCard, type Desk, now } from './desk.ts';

/** Unblocks a card that is blocked. */
export async function unblockCard(desk: Desk, request: { readonly token: string }): Promise<CardView> {
  const card = await changeCard(desk, request.token, ({ card }) => ({
    card: { ...card, state: requireTransition(card, 'unblock', now(desk)), before: null },
  }));
  return viewOf(desk, card);
}
