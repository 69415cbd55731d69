/** `revealPan`: the PAN of a card in clear. Show it, and do not store it. */

import type { Pan } from '../brand.ts';
import type { Capability } from '../hsm/functions.ts';
import { type Desk, requireCard, requireProduct } from './desk.ts';
import { referenceOf } from './product.ts';

/** The PAN, computed on request. */
export async function revealPan(
  desk: Desk,
  request: { readonly token: string; readonly permit: Capability },
): Promise<{ readonly pan: Pan }> {
  await desk.hsm.authorize(request.permit, 'reveal-pan');
  const { card } = await requireCard(desk, request.token);
  const reference = referenceOf(requireProduct(desk, card.product), card.token);
  return { pan: await desk.hsm.revealPan({ card: reference, permit: request.permit }) };
}
