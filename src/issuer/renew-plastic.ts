/** The same card on a new plastic, of the next generation, until that is activated: the PAN stays, and so may the PIN. */

import type { Psn } from '../brand.ts';
import { numberText } from '../bytes/digits.ts';
import {
  type CardRecord,
  type NextPlastic,
  type PinOnRecord,
  type RequestOnRecord,
  withRenewal,
} from './card-record.ts';
import { requireTransition } from './card-state.ts';
import { viewOf } from './card-view.ts';
import { carriedOut, remembers } from './carried-out.ts';
import { changeCard, type Desk, now } from './desk.ts';
import { drawnPin, embossed } from './emboss.ts';
import { embossedAgain } from './emboss-again.ts';
import { readTerms } from './issue-terms.ts';
import { type Product, referenceOf } from './product.ts';
import type { ReissueCardRequest, ReissuedCard } from './reissue-request.ts';

/** Puts the next plastic into the record; an earlier one that was never activated is void. */
export async function renewPlastic(
  desk: Desk,
  product: Product,
  request: ReissueCardRequest,
  asked: RequestOnRecord,
): Promise<ReissuedCard> {
  const { embossing } = request;
  let made: Pick<ReissuedCard, 'emboss' | 'pinBlock'> | undefined;
  const card =
    (await carriedOut(desk, asked)) ??
    (await changeCard(desk, request.token, async ({ card }) => {
      made = undefined;
      // The same request was faster.
      if (remembers(card, asked)) return { card };
      requireTransition(card, 'renew', now(desk));
      const plastic = nextPlastic(desk, product, card, request);
      const hasNewPin = request.pin === 'new' && product.pin !== undefined;
      const drawn = hasNewPin
        ? await drawnPin(desk, product, referenceOf(product, card.token), embossing)
        : undefined;
      const next = drawn === undefined ? plastic : { ...plastic, pin: drawn.pin as PinOnRecord };
      const emboss = await embossed(desk, product, card, embossing, next);
      made = { emboss, pinBlock: drawn?.block };
      return { card: withRenewal({ ...card, next }, asked) };
    }));
  return {
    card: viewOf(desk, card),
    ...(made ?? { emboss: await embossedAgain(desk, card, embossing), pinBlock: undefined }),
  };
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
