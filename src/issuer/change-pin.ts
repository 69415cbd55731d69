/** `changePin`: the holder's new PIN against the old one. */

import { fail } from '../error.ts';
import type { EncryptedPinBlock } from '../hsm/functions.ts';
import type { AttemptOutcome } from '../tries/attempt.ts';
import { renewTries } from '../tries/tries.ts';
import { attemptOnCard } from './attempt-on-card.ts';
import type { CardRecord, PinOnRecord } from './card-record.ts';
import { type Desk, requireClientKey } from './desk.ts';
import { methodOf, referenceOf } from './product.ts';
import { requirePin } from './recovered-pin.ts';

/** Both blocks are under the PIN key of one client. */
export interface ChangePinRequest {
  readonly token: string;
  readonly client: string;
  readonly current: EncryptedPinBlock;
  readonly requested: EncryptedPinBlock;
}

/** A card with a new PIN: its tries start afresh, in a new epoch. */
export function withPin(card: CardRecord, pin: PinOnRecord): CardRecord {
  return { ...card, pin, pinTriedAt: null, tries: { ...card.tries, pin: renewTries(card.tries.pin) } };
}

/**
 * The requested block is opened only after the current PIN was right. A requested PIN that is refused, for
 * whatever cause, costs the try: or the refusal would tell that the current one is right, for nothing.
 */
export async function changePin(desk: Desk, request: ChangePinRequest): Promise<AttemptOutcome> {
  const pek = requireClientKey(desk, request.client, 'pek');
  return attemptOnCard(desk, request.token, {
    budget: 'pin',
    action: 'use',
    async prepare(card, product) {
      const change = await desk.hsm.prepareChangePin({
        card: referenceOf(product, card.token),
        method: methodOf(product),
        pin: requirePin(card),
        block: request.current,
        requested: request.requested,
        pek,
      });
      return async () => {
        const pin = await change();
        if (pin === undefined) return false;
        if (pin === 'refused') return fail('ERR_PIN_REFUSED', 'requested', 'a PIN that may be set');
        return (now) => withPin(now, pin as PinOnRecord);
      };
    },
  });
}
