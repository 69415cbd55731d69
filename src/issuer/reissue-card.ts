/** `reissueCard`: a new plastic of a card, or a new card in its place. */
import type { RequestId, SealedEnvelope } from '../brand.ts';
import { fail } from '../error.ts';
import type { BoundPin, Capability, CardReference, EncryptedPinBlock } from '../hsm/functions.ts';
import { requireObject, requireOneOf } from '../input.ts';
import { requireSame } from './add-card.ts';
import { attemptOnCard } from './attempt-on-card.ts';
import type { CardRecord, NextPlastic, PinOnRecord } from './card-record.ts';
import { requireTransition } from './card-state.ts';
import { type CardView, viewOf } from './card-view.ts';
import {
  cardEntry,
  changeCard,
  type Desk,
  now,
  requireCard,
  requireClientKey,
  requireProduct,
} from './desk.ts';
import { type Embossing, embossed, requireEmbosser } from './emboss.ts';
import { type CardTerms, readTerms, requireRequestId } from './issue-terms.ts';
import { cardOfRequest, claimCard, newRecord } from './new-card.ts';
import { methodOf, type Product, referenceOf } from './product.ts';
import { requirePin } from './recovered-pin.ts';

/** Why a card is made again. The first three take a new PAN, the last two keep it. */
export type ReissueReason = 'lost' | 'stolen' | 'emergency' | 'damaged' | 'expired';

const REASONS: readonly ReissueReason[] = ['lost', 'stolen', 'emergency', 'damaged', 'expired'];

/**
 * What becomes of the PIN: drawn anew; or kept, which needs a capability of scope `issuance` where the PAN changes,
 * and from a card whose product has no way back to the PIN, the holder's current PIN in a block.
 */
export type ReissuePin =
  | { readonly pin: 'new' }
  | {
      readonly pin: 'kept';
      readonly permit?: Capability;
      readonly current?: { readonly client: string; readonly block: EncryptedPinBlock };
    };

/** What a reissue is asked for with. */
export type ReissueCardRequest = {
  readonly token: string;
  readonly requestId: string;
  readonly reason: ReissueReason;
  readonly embossing?: Embossing;
} & Pick<CardTerms, 'expiry'> &
  ReissuePin;

/** What a reissue leads to. */
export interface ReissuedCard {
  /** The new card; or the same, with its next plastic. */
  readonly card: CardView;
  readonly emboss: SealedEnvelope | undefined;
}

/** Makes a card again. */
export async function reissueCard(desk: Desk, request: ReissueCardRequest): Promise<ReissuedCard> {
  const requestId = requireRequestId(request.requestId);
  const reason = requireOneOf(request.reason, 'reason', REASONS);
  requireOneOf(request.pin, 'pin', ['new', 'kept'] as const);
  if (request.embossing !== undefined) requireObject(request.embossing, 'embossing');
  requireEmbosser(desk, request.embossing);
  const { card } = await requireCard(desk, request.token);
  const product = requireProduct(desk, card.product);
  return reason === 'damaged' || reason === 'expired'
    ? renewed(desk, product, request, requestId)
    : replaced(desk, product, request, requestId);
}

/** The same record: a next plastic of the next generation, until it is activated. The PAN stays, and so may the PIN. */
async function renewed(
  desk: Desk,
  product: Product,
  request: ReissueCardRequest,
  requestId: RequestId,
): Promise<ReissuedCard> {
  const known = await cardOfRequest(desk, requestId);
  if (known !== undefined && (known.token !== request.token || known.next?.request !== requestId))
    fail('ERR_REQUEST_MISMATCH', 'requestId', 'a request with the parameters that it had before');
  const card =
    known ??
    (await changeCard(desk, request.token, async ({ card }) => {
      requireTransition(card, 'renew', now(desk));
      return { card: { ...card, next: await nextPlastic(desk, product, card, request, requestId) } };
    }));
  const next = card.next as NextPlastic;
  return { card: viewOf(desk, card), emboss: await embossed(desk, product, card, request.embossing, next) };
}

async function nextPlastic(
  desk: Desk,
  product: Product,
  card: CardRecord,
  request: ReissueCardRequest,
  requestId: RequestId,
): Promise<NextPlastic> {
  const { expiry } = request;
  // A damaged card is made again as it was, an expired one for another term.
  const same = request.reason === 'damaged' && expiry === undefined ? { expiry: card.expiry } : {};
  const terms = readTerms(product, { ...(expiry !== undefined && { expiry }), ...same }, now(desk));
  const psn = String((Number(card.psn) + 1) % 100).padStart(2, '0') as CardRecord['psn'];
  const next = { generation: card.generation + 1, expiry: terms.expiry, psn, request: requestId };
  if (request.pin === 'kept' || product.pin === undefined) return next;
  const reference = referenceOf(product, card.token);
  const pin = await desk.hsm.drawPin({ card: reference, method: methodOf(product) });
  return { ...next, pin: pin as PinOnRecord };
}

/** A new record in place of the old one, in one commit. Open tries and blocks move along with a PIN that is kept. */
async function replaced(
  desk: Desk,
  product: Product,
  request: ReissueCardRequest,
  requestId: RequestId,
): Promise<ReissuedCard> {
  const moved = await pinMover(desk, product, request);
  const known = await cardOfRequest(desk, requestId);
  const made =
    known ??
    (
      await claimCard(desk, product, requestId, async (drawn) => {
        const { card: old, revision } = await requireCard(desk, request.token);
        const state = requireTransition(old, 'replace', now(desk));
        const to = referenceOf(product, drawn.token);
        const pin = await moved(old, to);
        const expiry = request.expiry === undefined ? {} : { expiry: request.expiry };
        const fresh = newRecord(product, drawn, pin, {
          ...readTerms(
            product,
            { ...expiry, serviceCode: old.serviceCode, limit: old.limit ?? 0 },
            now(desk),
          ),
          account: old.account,
          state: 'inactive',
          request: requestId,
          line: null,
          replaces: old.token,
        });
        const card =
          request.pin === 'kept'
            ? { ...fresh, pinTriedAt: old.pinTriedAt, tries: { ...fresh.tries, pin: old.tries.pin } }
            : fresh;
        const gone = { ...old, state, before: null, next: null, replacedBy: drawn.token };
        return { card, beside: [cardEntry(gone, revision)] };
      })
    ).card;
  requireSame(made, {
    product: product.id,
    account: made.account,
    replaces: request.token as CardRecord['token'],
  });
  return { card: viewOf(desk, made), emboss: await embossed(desk, product, made, request.embossing) };
}

/** How the PIN of the new card comes about. */
async function pinMover(
  desk: Desk,
  product: Product,
  request: ReissueCardRequest,
): Promise<(old: CardRecord, to: CardReference) => Promise<BoundPin | undefined>> {
  if (product.pin === undefined) return async () => undefined;
  const method = methodOf(product);
  if (request.pin === 'new') return (_, card) => desk.hsm.drawPin({ card, method });

  const permit = request.permit ?? fail('ERR_POLICY', 'permit', 'a live capability for issuance');
  await desk.hsm.authorize(permit, 'issuance');
  const { current } = request;
  if (current === undefined) {
    if (!product.pin.recoverable)
      fail(
        'ERR_PIN_NOT_RECOVERABLE',
        'pin',
        'the current PIN in a block, or a product that lets PINs come back',
      );
    return (old, to) =>
      desk.hsm.movePin({ from: referenceOf(product, old.token), to, method, pin: requirePin(old), permit });
  }
  const pek = requireClientKey(desk, current.client, 'pek');
  const { block } = current;
  // The PIN comes in from outside, so it is an attempt like any other.
  const outcome = await attemptOnCard(desk, request.token, {
    budget: 'pin',
    action: 'replace',
    async prepare(card) {
      const compare = await desk.hsm.prepareVerifyPin({
        card: referenceOf(product, card.token),
        method,
        pin: requirePin(card),
        block,
        pek,
      });
      return async () => (await compare()) && ((now) => now);
    },
  });
  if (outcome.outcome !== 'verified') return fail('ERR_PIN_REFUSED', 'current', 'the PIN of the card');
  return (old, to) =>
    desk.hsm.movePinOfBlock({
      from: referenceOf(product, old.token),
      to,
      method,
      pin: requirePin(old),
      block,
      pek,
      permit,
    });
}
