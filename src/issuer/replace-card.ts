/** A new card in the place of one that is lost, stolen or needed at once: both records change in one commit. */

import { fail } from '../error.ts';
import type { BoundPin, CardReference, EncryptedPinBlock } from '../hsm/functions.ts';
import { attemptOnCard } from './attempt-on-card.ts';
import type { CardRecord, RequestOnRecord } from './card-record.ts';
import { requireTransition } from './card-state.ts';
import { viewOf } from './card-view.ts';
import { carriedOut } from './carried-out.ts';
import { cardEntry, type Desk, now, requireCard, requireClientKey } from './desk.ts';
import { drawnPin, embossed } from './emboss.ts';
import { embossedAgain } from './emboss-again.ts';
import { readTerms } from './issue-terms.ts';
import { claimCard, newRecord } from './new-card.ts';
import { methodOf, type Product, referenceOf } from './product.ts';
import { requirePin } from './recovered-pin.ts';
import type { ReissueCardRequest, ReissuedCard } from './reissue-request.ts';
import { leavingStock } from './stock.ts';

/** How the PIN of the new card comes about, given the old card. */
type PinMover = (
  old: CardRecord,
  to: CardReference,
) => Promise<{ readonly pin: BoundPin | undefined; readonly block?: EncryptedPinBlock | undefined }>;

/** A new card, and what leaves with it where it was made now. */
interface Replacement {
  readonly card: CardRecord;
  readonly answer?: Pick<ReissuedCard, 'emboss' | 'pinBlock'>;
}

/** The card that a request made before, or makes now. */
export async function replaceCard(
  desk: Desk,
  product: Product,
  request: ReissueCardRequest,
  asked: RequestOnRecord,
): Promise<ReissuedCard> {
  const made = async (): Promise<Replacement | undefined> => {
    const card = await carriedOut(desk, asked);
    return card && { card };
  };
  const make = async (): Promise<Replacement> => {
    try {
      return await replacement(desk, product, request, asked);
    } catch (refusal) {
      // The same request may have been faster: then what was to be replaced is replaced already.
      const twin = await made();
      if (twin === undefined) throw refusal;
      return twin;
    }
  };
  const { card, answer } = (await made()) ?? (await make());
  return {
    card: viewOf(desk, card),
    ...(answer ?? { emboss: await embossedAgain(desk, card, request.embossing), pinBlock: undefined }),
  };
}

/** Draws a PAN for the same account. Open tries and blocks move along with a PIN that is kept. */
async function replacement(
  desk: Desk,
  product: Product,
  request: ReissueCardRequest,
  asked: RequestOnRecord,
): Promise<Replacement> {
  const { embossing } = request;
  const move = await pinMover(desk, product, request);
  return claimCard(desk, product, asked, async (drawn) => {
    const { card: old, revision } = await requireCard(desk, request.token);
    const state = requireTransition(old, 'replace', now(desk));
    const { pin, block } = await move(old, referenceOf(product, drawn.token));
    const expiry = request.expiry === undefined ? {} : { expiry: request.expiry };
    const terms = { ...expiry, serviceCode: old.serviceCode, limit: old.limit ?? 0 };
    const fresh = newRecord(product, drawn, pin, {
      ...readTerms(product, terms, now(desk)),
      account: old.account,
      state: 'inactive',
      request: asked,
      line: null,
      replaces: old.token,
    });
    const gone = { ...old, state, before: null, next: null, replacedBy: drawn.token };
    const card = takingOver(old, fresh, request.pin);
    const emboss = await embossed(desk, product, card, embossing);
    return {
      card,
      beside: [cardEntry(gone, revision), ...(await leavingStock(desk, old))],
      answer: { emboss, pinBlock: block },
    };
  });
}

/** Only a new PIN starts a fresh counter. What was unblocked today is counted on, or a new card would be the way around. */
function takingOver(old: CardRecord, fresh: CardRecord, pin: 'new' | 'kept'): CardRecord {
  const { pinTriedAt, tries, unblocks } = old;
  const card = { ...fresh, unblocks };
  return pin === 'new' ? card : { ...card, pinTriedAt, tries: { ...fresh.tries, pin: tries.pin } };
}

async function pinMover(desk: Desk, product: Product, request: ReissueCardRequest): Promise<PinMover> {
  if (product.pin === undefined) return async () => ({ pin: undefined });
  if (request.pin === 'new') return (_, to) => drawnPin(desk, product, to, request.embossing);
  const { card } = await requireCard(desk, request.token);
  if (card.pin === null && request.current === undefined) return stillWithoutPin;

  const method = methodOf(product);
  const permit = request.permit ?? fail('ERR_POLICY', 'permit', 'a live capability for issuance');
  await desk.hsm.authorize(permit, 'issuance');
  const { current } = request;
  if (current !== undefined) return moverOfBlock(desk, product, request.token, current, permit);
  if (!product.pin.recoverable)
    fail(
      'ERR_PIN_NOT_RECOVERABLE',
      'pin',
      'the current PIN in a block, or a product that lets PINs come back',
    );
  return async (old, to) => {
    const from = referenceOf(product, old.token);
    return { pin: await desk.hsm.movePin({ from, to, method, pin: requirePin(old), permit }) };
  };
}

/** A card without PIN is replaced as it is. */
async function stillWithoutPin({ pin }: CardRecord): Promise<{ readonly pin: undefined }> {
  if (pin !== null) fail('ERR_CONFLICT', 'token', 'a card whose PIN was not changed meanwhile');
  return { pin: undefined };
}

/** The holder's current PIN, in a block: it comes from outside, so it is an attempt like any other. */
async function moverOfBlock(
  desk: Desk,
  product: Product,
  token: string,
  { client, block }: NonNullable<Extract<ReissueCardRequest, { readonly pin: 'kept' }>['current']>,
  permit: Parameters<Desk['hsm']['movePinOfBlock']>[0]['permit'],
): Promise<PinMover> {
  const pek = requireClientKey(desk, client, 'pek');
  const method = methodOf(product);
  const { outcome } = await attemptOnCard(desk, token, {
    budget: 'pin',
    action: 'replace',
    async prepare(card) {
      const reference = referenceOf(product, card.token);
      const compare = await desk.hsm.prepareVerifyPin({
        card: reference,
        method,
        pin: requirePin(card),
        block,
        pek,
      });
      return async () => (await compare()) && ((now) => now);
    },
  });
  if (outcome !== 'verified') fail('ERR_PIN_REFUSED', 'current', 'the PIN of the card');
  return async (old, to) => {
    const from = referenceOf(product, old.token);
    const asked = { from, to, method, pin: requirePin(old), block, pek, permit };
    return { pin: await desk.hsm.movePinOfBlock(asked) };
  };
}
