/** `panForToken` and `tokenForPan`: the PAN behind a token, in an envelope; the token of a PAN. */

import type { Pan, PanToken, SealedEnvelope } from '../brand.ts';
import { fail } from '../error.ts';
import type { Capability } from '../hsm/functions.ts';
import { requireText } from '../input.ts';
import { requirePan } from '../pan/pan.ts';
import { type Desk, requireCard, requireClientKey, requireProduct } from './desk.ts';
import { isInRange, referenceOf } from './product.ts';

/** The PAN of a token, under the KEK of a client. The context of the envelope is `pan/` and the token. */
export async function panForToken(
  desk: Desk,
  request: { readonly token: string; readonly client: string; readonly permit: Capability },
): Promise<{ readonly pan: SealedEnvelope }> {
  const under = requireClientKey(desk, request.client, 'kek');
  await desk.hsm.authorize(request.permit, 'reveal-pan');
  const { card } = await requireCard(desk, request.token);
  const product = requireProduct(desk, card.product);
  const reference = referenceOf(product, card.token);
  const context = `pan/${card.token}`;
  return { pan: await desk.hsm.sealPan({ card: reference, under, context, permit: request.permit }) };
}

/** The token of a PAN that this issuer made a card with; a capability keeps it from being asked until a PAN fits. */
export async function tokenForPan(
  desk: Desk,
  request: { readonly pan: string; readonly permit: Capability },
): Promise<{ readonly token: PanToken }> {
  const pan: unknown = requireText(request.pan, 'pan', 'a PAN');
  requirePan(pan, 'pan');
  await desk.hsm.authorize(request.permit, 'find-token');
  for (const product of desk.products.values()) {
    if (!isInRange(product, pan)) continue;
    const token = await desk.hsm.tokenOf({ domain: product.tokens, pan: pan as Pan, permit: request.permit });
    const record = await desk.ledger.get('card', token);
    if (record !== undefined) return { token };
  }
  return fail('ERR_NOT_FOUND', 'pan', 'the PAN of a card');
}
