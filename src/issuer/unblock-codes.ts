/** `unblockCodes`: printed and dynamic codes, and proofs of possession, may be tried again. */
import { fail } from '../error.ts';
import type { Capability } from '../hsm/functions.ts';
import { isBlocked, unblock } from '../tries/tries.ts';
import { requireTransition } from './card-state.ts';
import { type CardView, viewOf } from './card-view.ts';
import { countUnblock } from './daily-unblocks.ts';
import { changeCard, type Desk, now, requireProduct } from './desk.ts';

/** Clears both budgets, where at least one is used up; so many times a day, apart from the PIN. */
export async function unblockCodes(
  desk: Desk,
  request: { readonly token: string; readonly permit: Capability },
): Promise<CardView> {
  await desk.hsm.authorize(request.permit, 'unblock-pin');
  const card = await changeCard(desk, request.token, ({ card }) => {
    requireTransition(card, 'produce', now(desk));
    const { pin, code, activation } = card.tries;
    if (!isBlocked(code) && !isBlocked(activation))
      fail('ERR_CARD_STATE', 'token', 'a card whose codes or proofs are used up');
    const counted = countUnblock(desk, requireProduct(desk, card.product), card, 'codes');
    return { card: { ...counted, tries: { pin, code: unblock(code), activation: unblock(activation) } } };
  });
  return viewOf(desk, card);
}
