/** `acknowledgeReceipt`: the holder has the card, and shows it. */
import { fail } from '../error.ts';
import { requireObject } from '../input.ts';
import type { AttemptOutcome } from '../tries/attempt.ts';
import { activated } from './activate-card.ts';
import { attemptOnCard } from './attempt-on-card.ts';
import { type Desk, faceOf } from './desk.ts';
import { referenceOf } from './product.ts';

/** What shows that somebody has the card: digits of the PAN that no token shows, or the printed CVV2. */
export type Possession = { readonly panDigits: string } | { readonly cvv2: string };

/** What the holder gives. */
export interface AcknowledgeReceiptRequest {
  readonly token: string;
  readonly proof: Possession;
}

/** A right proof activates the card, or its next plastic; proofs have a budget of their own. */
export async function acknowledgeReceipt(
  desk: Desk,
  request: AcknowledgeReceiptRequest,
): Promise<AttemptOutcome> {
  const proof = requireObject(request.proof, 'proof') as { panDigits?: string; cvv2?: string };
  const { panDigits, cvv2 } = proof;
  if ((panDigits === undefined) === (cvv2 === undefined))
    fail('ERR_INPUT', 'proof', 'digits of the PAN, or the CVV2');
  return attemptOnCard(desk, request.token, {
    budget: 'activation',
    action: 'receive',
    async prepare(card, product) {
      // What activation would refuse is refused before a try is paid.
      activated(desk, card);
      const plastic = card.next === null ? card : { ...card, expiry: card.next.expiry };
      const compare =
        panDigits === undefined
          ? await desk.hsm.prepareVerifyCvv2({ ...faceOf(product, plastic), candidate: cvv2 as string })
          : await desk.hsm.preparePossession({ card: referenceOf(product, card.token), digits: panDigits });
      return async () => (await compare()) && ((now) => activated(desk, now));
    },
  });
}
