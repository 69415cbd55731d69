/** The same card on a new plastic, of the next generation, until that is activated: the PAN stays, and so may the PIN. */

import type { Psn, RequestId } from '../brand.ts';
import { numberText } from '../bytes/digits.ts';
import { fail } from '../error.ts';
import type { EncryptedPinBlock } from '../hsm/functions.ts';
import { type CardRecord, type NextPlastic, type PinOnRecord, withRequest } from './card-record.ts';
import { requireTransition } from './card-state.ts';
import { viewOf } from './card-view.ts';
import { changeCard, type Desk, now } from './desk.ts';
import { drawnPin, embossed } from './emboss.ts';
import { readTerms } from './issue-terms.ts';
import { cardOfRequest } from './new-card.ts';
import { type Product, referenceOf } from './product.ts';
import type { ReissueCardRequest, ReissuedCard } from './reissue-request.ts';

/** Puts the next plastic into the record; an earlier one that was never activated is void. */
export async function renewPlastic(
  desk: Desk,
  product: Product,
  request: ReissueCardRequest,
  requestId: RequestId,
): Promise<ReissuedCard> {
  const known = await cardOfRequest(desk, requestId);
  // A card that never had another plastic than its first was made by the request itself.
  const isPlastic = known?.token === request.token && (known.next !== null || known.generation > 0);
  if (known !== undefined && !isPlastic)
    fail('ERR_REQUEST_MISMATCH', 'requestId', 'a request with the parameters that it had before');
  let pinBlock: EncryptedPinBlock | undefined;
  const card =
    known ??
    (await changeCard(desk, request.token, async ({ card }) => {
      // The same request was faster.
      if (card.requests.includes(requestId)) return { card };
      requireTransition(card, 'renew', now(desk));
      const plastic = nextPlastic(desk, product, card, request);
      const hasNewPin = request.pin === 'new' && product.pin !== undefined;
      const drawn = hasNewPin
        ? await drawnPin(desk, product, referenceOf(product, card.token), request.embossing)
        : undefined;
      pinBlock = drawn?.block;
      const next = drawn === undefined ? plastic : { ...plastic, pin: drawn.pin as PinOnRecord };
      return { card: withRequest({ ...card, next }, requestId) };
    }));
  const emboss = await embossed(desk, product, card, request.embossing, card.next ?? undefined);
  return { card: viewOf(desk, card), emboss, pinBlock };
}

/** A damaged card is made again as it was, an expired one for another term. */
function nextPlastic(
  desk: Desk,
  product: Product,
  card: CardRecord,
  { reason, expiry }: ReissueCardRequest,
): NextPlastic {
  const asked = expiry ?? (reason === 'damaged' ? card.expiry : undefined);
  const terms = readTerms(product, asked === undefined ? {} : { expiry: asked }, now(desk));
  const psn = numberText((Number(card.psn) + 1) % 100, 2) as Psn;
  return { generation: card.generation + 1, expiry: terms.expiry, psn };
}
