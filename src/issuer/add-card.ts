/** `addCard`: a card record with a PAN that was never issued, a token at once, and a PIN unless suppressed. */
import type { AccountId, CustomerId, RequestId, SealedEnvelope } from '../brand.ts';
import { fail } from '../error.ts';
import type { EncryptedPinBlock } from '../hsm/functions.ts';
import { requireBoolean, requireIdentifier } from '../input.ts';
import { requireAccount } from './accounts.ts';
import type { CardRecord } from './card-record.ts';
import { type CardView, viewOf } from './card-view.ts';
import { type Desk, now, requireProduct } from './desk.ts';
import { drawnPin, type Embossing, embossed, requireEmbosser } from './emboss.ts';
import { type CardTerms, readTerms, requireRequestId } from './issue-terms.ts';
import { cardOfRequest, claimCard, newRecord } from './new-card.ts';
import { type Product, referenceOf } from './product.ts';

/** What a new card is asked for with. */
export interface AddCardRequest extends CardTerms {
  /** Carried out once: the same again gives the same card. */
  readonly requestId: string;
  readonly product: string;
  readonly account: string;
  /** Refused where the account is another customer's; any unless said. */
  readonly customer?: string;
  /** Whether the card gets no PIN; false unless said. */
  readonly pinSuppressed?: boolean;
  readonly embossing?: Embossing;
}

/** A card that was made, and what its embosser gets. */
export interface AddedCard {
  readonly card: CardView;
  readonly emboss: SealedEnvelope | undefined;
  /** The PIN for the embosser: with the call that drew it only. */
  readonly pinBlock: EncryptedPinBlock | undefined;
}

/** What a request for a card says, checked: nothing was asked of the books yet, and nothing is drawn. */
export function readCardRequest(
  desk: Desk,
  request: AddCardRequest,
): {
  readonly requestId: RequestId;
  readonly product: Product;
  readonly account: AccountId;
  readonly customer: CustomerId | undefined;
  readonly hasPin: boolean;
  readonly terms: ReturnType<typeof readTerms>;
} {
  const requestId = requireRequestId(request.requestId);
  const product = requireProduct(desk, request.product);
  const account = requireIdentifier(request.account, 'account') as AccountId;
  const customer =
    request.customer === undefined
      ? undefined
      : (requireIdentifier(request.customer, 'customer') as CustomerId);
  const isSuppressed = requireBoolean(request.pinSuppressed ?? false, 'pinSuppressed');
  const terms = readTerms(product, request, now(desk));
  requireEmbosser(desk, request.embossing);
  return { requestId, product, account, customer, hasPin: product.pin !== undefined && !isSuppressed, terms };
}

/** Makes a card in a state. */
export async function addCard(
  desk: Desk,
  request: AddCardRequest,
  state: 'inactive' | 'active' = 'inactive',
): Promise<AddedCard> {
  const { requestId, product, account, customer, hasPin, terms } = readCardRequest(desk, request);
  await requireAccount(desk.accounts, account, customer);

  let pinBlock: EncryptedPinBlock | undefined;
  const before = await cardOfRequest(desk, requestId);
  const { card, isNew } =
    before !== undefined
      ? { card: before, isNew: false }
      : await claimCard(desk, product, requestId, async (drawn) => {
          const reference = referenceOf(product, drawn.token);
          const made = hasPin ? await drawnPin(desk, product, reference, request.embossing) : undefined;
          pinBlock = made?.block;
          const more = { ...terms, account, state, request: requestId, line: null, replaces: null };
          return { card: newRecord(product, drawn, made?.pin, more) };
        });
  requireSame(card, { product: product.id, account, replaces: null });
  // No card that was ever active is inactive: the request was one of `addCard`.
  if (state === 'active' && card.state === 'inactive') mismatch();
  return {
    card: viewOf(desk, card),
    emboss: await embossed(desk, product, card, request.embossing),
    pinBlock: isNew ? pinBlock : undefined,
  };
}

/** Refuses a request identifier that stands for another request. */
export function requireSame(
  card: CardRecord,
  asked: Pick<CardRecord, 'product' | 'account' | 'replaces'>,
): void {
  const same =
    card.product === asked.product && card.account === asked.account && card.replaces === asked.replaces;
  if (!same) mismatch();
}

function mismatch(): never {
  return fail('ERR_REQUEST_MISMATCH', 'requestId', 'a request with the parameters that it had before');
}
