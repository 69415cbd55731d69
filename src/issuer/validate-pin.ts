/** `validatePin`: the PIN in a block of a client, verified and counted in one act. */
import type { EncryptedPinBlock } from '../hsm/functions.ts';
import type { AttemptOutcome } from '../tries/attempt.ts';
import { attemptOnCard } from './attempt-on-card.ts';
import { type Desk, requireClientKey } from './desk.ts';
import { methodOf, referenceOf } from './product.ts';
import { requirePin } from './recovered-pin.ts';

/** What comes from a cash machine or a shop. */
export interface ValidatePinRequest {
  readonly token: string;
  /** Key association: the block is under its PIN key. */
  readonly client: string;
  /** Formats 0, 3 and 4, with the PAN of the card. */
  readonly block: EncryptedPinBlock;
}

/** A block that does not decode and a wrong PIN are one answer; blocked at the limit. */
export async function validatePin(desk: Desk, request: ValidatePinRequest): Promise<AttemptOutcome> {
  const pek = requireClientKey(desk, request.client, 'pek');
  return attemptOnCard(desk, request.token, {
    budget: 'pin',
    action: 'use',
    async prepare(card, product) {
      const compare = await desk.hsm.prepareVerifyPin({
        card: referenceOf(product, card.token),
        method: methodOf(product),
        pin: requirePin(card),
        block: request.block,
        pek,
      });
      return async () => (await compare()) && ((now) => now);
    },
  });
}
