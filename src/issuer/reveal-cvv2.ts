/** `revealCvv2`: the printed CVV2 of a card and its expiry in clear. Show them, and do not store them. */

import type { Expiry } from '../brand.ts';
import type { Capability } from '../hsm/functions.ts';
import { type Desk, faceOf, requireCardFor } from './desk.ts';

/** The CVV2, computed on request. */
export async function revealCvv2(
  desk: Desk,
  request: { readonly token: string; readonly permit: Capability },
): Promise<{ readonly cvv2: string; readonly expiry: Expiry }> {
  await desk.hsm.authorize(request.permit, 'reveal-cvv2');
  const { card, product } = await requireCardFor(desk, request.token, 'produce');
  const cvv2 = await desk.hsm.revealCvv2({ ...faceOf(product, card), permit: request.permit });
  return { cvv2, expiry: card.expiry };
}
