/** `blockCard`: nothing is verified on the card until it is unblocked. */
import { requireTransition } from './card-state.ts';
import { type CardView, viewOf } from './card-view.ts';
import { changeCard, type Desk, now } from './desk.ts';

/** Blocks a card that is not blocked. */
export async function blockCard(desk: Desk, request: { readonly token: string }): Promise<CardView> {
  const card = await changeCard(desk, request.token, ({ card }) => {
    const state = requireTransition(card, 'block', now(desk));
    return { card: { ...card, state, before: card.state === 'active' ? 'active' : 'inactive' } };
  });
  return viewOf(desk, card);
}
