/** `assignPin`: a PIN set by the issuer, without the old one. */
import type { Capability, EncryptedPinBlock } from '../hsm/functions.ts';
import type { PinOnRecord } from './card-record.ts';
import { requireTransition } from './card-state.ts';
import { type CardView, viewOf } from './card-view.ts';
import { withPin } from './change-pin.ts';
import { changeCard, type Desk, now, requireClientKey, requireProduct } from './desk.ts';
import { methodOf, referenceOf } from './product.ts';

/** A new PIN in a block of a client. */
export interface AssignPinRequest {
  readonly token: string;
  readonly client: string;
  readonly block: EncryptedPinBlock;
  /** Scope `set-pin`. */
  readonly permit: Capability;
}

/** Sets the PIN, with a fresh counter; a block by the issuer stays. */
export async function assignPin(desk: Desk, request: AssignPinRequest): Promise<CardView> {
  const pek = requireClientKey(desk, request.client, 'pek');
  await desk.hsm.authorize(request.permit, 'set-pin');
  const card = await changeCard(desk, request.token, async ({ card }) => {
    requireTransition(card, 'produce', now(desk));
    const product = requireProduct(desk, card.product);
    const pin = await desk.hsm.setPin({
      card: referenceOf(product, card.token),
      method: methodOf(product),
      block: request.block,
      pek,
      permit: request.permit,
    });
    return { card: withPin(card, pin as PinOnRecord) };
  });
  return viewOf(desk, card);
}
