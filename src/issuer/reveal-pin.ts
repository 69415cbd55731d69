/** `revealPin`: the PIN of a card in a code block, and never in clear. */

import type { CodeBlock } from '../brand.ts';
import type { Capability } from '../hsm/functions.ts';
import { type Desk, requireCardFor, requireClientKey } from './desk.ts';
import { recoveredPin } from './recovered-pin.ts';

/** The PIN under the client's key for codes, where the product lets it come back. */
export async function revealPin(
  desk: Desk,
  request: { readonly token: string; readonly client: string; readonly permit: Capability },
): Promise<{ readonly pin: CodeBlock }> {
  const under = requireClientKey(desk, request.client, 'codes');
  await desk.hsm.authorize(request.permit, 'reveal-pin');
  const { card, product } = await requireCardFor(desk, request.token, 'produce');
  return { pin: await recoveredPin(desk, product, card, under, request.permit) };
}
