/** `renewPin`: a new random PIN, by decision of the issuer. */

import type { CodeBlock } from '../brand.ts';
import type { Capability } from '../hsm/functions.ts';
import { requireObject } from '../input.ts';
import type { PinOnRecord } from './card-record.ts';
import { requireTransition } from './card-state.ts';
import { type CardView, viewOf } from './card-view.ts';
import { withPin } from './change-pin.ts';
import { changeCard, type Desk, now, requireClientKey, requireProduct } from './desk.ts';
import { methodOf, referenceOf } from './product.ts';
import { recoveredPin } from './recovered-pin.ts';

/** What a new PIN is asked for with. */
export interface RenewPinRequest {
  readonly token: string;
  /** Scope `set-pin`. */
  readonly permit: Capability;
  /** Where the PIN is to leave in a code block: a client, and a capability of scope `reveal-pin`. */
  readonly reveal?: { readonly client: string; readonly permit: Capability };
}

/** Draws the PIN under the policy, with a fresh counter; a block by the issuer stays. */
export async function renewPin(
  desk: Desk,
  request: RenewPinRequest,
): Promise<{ readonly card: CardView; readonly pin: CodeBlock | undefined }> {
  await desk.hsm.authorize(request.permit, 'set-pin');
  const { reveal } = request;
  if (reveal !== undefined) requireObject(reveal, 'reveal');
  const under = reveal === undefined ? undefined : requireClientKey(desk, reveal.client, 'codes');
  let pin: CodeBlock | undefined;
  const card = await changeCard(desk, request.token, async ({ card }) => {
    requireTransition(card, 'produce', now(desk));
    const product = requireProduct(desk, card.product);
    const drawn = await desk.hsm.drawPin({
      card: referenceOf(product, card.token),
      method: methodOf(product),
    });
    const changed = withPin(card, drawn as PinOnRecord);
    pin =
      reveal === undefined || under === undefined
        ? undefined
        : await recoveredPin(desk, product, changed, under, reveal.permit);
    return { card: changed };
  });
  return { card: viewOf(desk, card), pin };
}
