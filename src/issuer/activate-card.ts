/** `activateCard`: a card, or its next plastic, is in use from now on. */
import { renewTries } from '../tries/tries.ts';
import type { CardRecord } from './card-record.ts';
import { requireTransition } from './card-state.ts';
import { type CardView, viewOf } from './card-view.ts';
import { changeCard, type Desk, now } from './desk.ts';

/** A card whose next plastic, if it has one, took the place of the one before. */
export function activated(desk: Desk, card: CardRecord): CardRecord {
  const { next } = card;
  if (next === null) return { ...card, state: requireTransition(card, 'activate', now(desk)) };
  requireTransition(card, 'receive', now(desk));
  const { expiry, psn, generation, pin } = next;
  const { tries } = card;
  // Another expiry makes other codes: what was tried of those before says nothing of them.
  const ofCodes =
    expiry === card.expiry ? {} : { code: renewTries(tries.code), activation: renewTries(tries.activation) };
  return {
    ...card,
    state: 'active',
    expiry,
    psn,
    generation,
    next: null,
    dynamic: { ...card.dynamic, issued: null },
    tries: { ...tries, ...ofCodes, ...(pin !== undefined && { pin: renewTries(tries.pin) }) },
    ...(pin !== undefined && { pin, pinTriedAt: null }),
  };
}

/** Activates by decision of the issuer; `acknowledgeReceipt` asks the holder for a proof. */
export async function activateCard(desk: Desk, request: { readonly token: string }): Promise<CardView> {
  return viewOf(desk, await changeCard(desk, request.token, ({ card }) => ({ card: activated(desk, card) })));
}
