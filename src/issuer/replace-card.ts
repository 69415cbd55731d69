/** A new card in the place of one that is lost, stolen or needed at once: both records change in one commit. */

import type { PanToken, RequestId } from '../brand.ts';
import { fail } from '../error.ts';
import type { BoundPin, CardReference, EncryptedPinBlock } from '../hsm/functions.ts';
import { requireSame } from './add-card.ts';
import { attemptOnCard } from './attempt-on-card.ts';
import type { CardRecord } from './card-record.ts';
import { requireTransition } from './card-state.ts';
import { viewOf } from './card-view.ts';
import { cardEntry, type Desk, now, requireCard, requireClientKey, requireToken } from './desk.ts';
import { drawnPin, embossed } from './emboss.ts';
import { readTerms } from './issue-terms.ts';
import { cardOfRequest, claimCard, newRecord } from './new-card.ts';
import { methodOf, type Product, referenceOf } from './product.ts';
import { requirePin } from './recovered-pin.ts';
import type { ReissueCardRequest, ReissuedCard } from './reissue-request.ts';

/** How the PIN of the new card comes about, given the old card. */
type PinMover = (
  old: CardRecord,
  to: CardReference,
) => Promise<{ readonly pin: BoundPin | undefined; readonly block?: EncryptedPinBlock | undefined }>;

/** A new card, and the block of its PIN where one was drawn for its embosser. */
type Replacement = { readonly card: CardRecord; readonly pinBlock: EncryptedPinBlock | undefined };

/** The card that a request made before, or makes now. */
export async function replaceCard(
  desk: Desk,
  product: Product,
  request: ReissueCardRequest,
  requestId: RequestId,
): Promise<ReissuedCard> {
  const replaces = requireToken(request.token);
  const made = async (): Promise<Replacement | undefined> => {
    const card = await cardOfRequest(desk, requestId);
    return card === undefined ? undefined : { card, pinBlock: undefined };
  };
  const make = async (): Promise<Replacement> => {
    try {
      return await replacement(desk, product, request, requestId, replaces);
    } catch (refusal) {
      // The same request may have been faster: then what was to be replaced is replaced already.
      const twin = await made();
      if (twin === undefined) throw refusal;
      return twin;
    }
  };
  const { card, pinBlock } = (await made()) ?? (await make());
  requireSame(card, { product: product.id, account: card.account, replaces });
  const emboss = await embossed(desk, product, card, request.embossing);
  return { card: viewOf(desk, card), emboss, pinBlock };
}

/** Draws a PAN for the same account. Open tries and blocks move along with a PIN that is kept. */
async function replacement(
  desk: Desk,
  product: Product,
  request: ReissueCardRequest,
  requestId: RequestId,
  replaces: PanToken,
): Promise<Replacement> {
  let pinBlock: EncryptedPinBlock | undefined;
  const move = await pinMover(desk, product, request);
  const { card, isNew } = await claimCard(desk, product, requestId, async (drawn) => {
    const { card: old, revision } = await requireCard(desk, replaces);
    const state = requireTransition(old, 'replace', now(desk));
    const { pin, block } = await move(old, referenceOf(product, drawn.token));
    pinBlock = block;
    const expiry = request.expiry === undefined ? {} : { expiry: request.expiry };
    const asked = { ...expiry, serviceCode: old.serviceCode, limit: old.limit ?? 0 };
    const fresh = newRecord(product, drawn, pin, {
      ...readTerms(product, asked, now(desk)),
      account: old.account,
      state: 'inactive',
      request: requestId,
      line: null,
      replaces,
    });
    const gone = { ...old, state, before: null, next: null, replacedBy: drawn.token };
    return {
      card: request.pin === 'kept' ? withTriesOf(old, fresh) : fresh,
      beside: [cardEntry(gone, revision)],
    };
  });
  return { card, pinBlock: isNew ? pinBlock : undefined };
}

/** Only a new PIN starts a fresh counter. */
function withTriesOf({ pinTriedAt, tries }: CardRecord, fresh: CardRecord): CardRecord {
  return { ...fresh, pinTriedAt, tries: { ...fresh.tries, pin: tries.pin } };
}

async function pinMover(desk: Desk, product: Product, request: ReissueCardRequest): Promise<PinMover> {
  if (product.pin === undefined) return async () => ({ pin: undefined });
  if (request.pin === 'new') return (_, to) => drawnPin(desk, product, to, request.embossing);

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
