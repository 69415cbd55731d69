/** The PIN of a card in a code block, where its product lets it come back. */
import type { CodeBlock } from '../brand.ts';
import { fail } from '../error.ts';
import type { Capability, KeyLabel } from '../hsm/functions.ts';
import type { CardRecord, PinOnRecord } from './card-record.ts';
import type { Desk } from './desk.ts';
import { methodOf, type Product, referenceOf } from './product.ts';

/** Refuses a card without a PIN. */
export function requirePin(card: CardRecord): PinOnRecord {
  return card.pin ?? fail('ERR_CARD_STATE', 'token', 'a card that has a PIN');
}

/** The PIN, under a client's key for codes. */
export async function recoveredPin(
  desk: Desk,
  product: Product,
  card: CardRecord,
  under: KeyLabel,
  permit: Capability,
): Promise<CodeBlock> {
  const pin = requirePin(card);
  if (product.pin?.recoverable !== true)
    fail('ERR_PIN_NOT_RECOVERABLE', 'token', 'a product that lets PINs come back');
  return desk.hsm.recoverPin({
    card: referenceOf(product, card.token),
    method: methodOf(product),
    pin,
    under,
    permit,
  });
}
