/** `addCard`: a card record with a PAN that was never issued, a token at once, and a PIN unless suppressed. */
import type { AccountId, CustomerId, RequestId, SealedEnvelope } from '../brand.ts';
import type { EncryptedPinBlock } from '../hsm/functions.ts';
import { requireBoolean, requireIdentifier } from '../input.ts';
import { requireAccount } from './accounts.ts';
import { type CardView, viewOf } from './card-view.ts';
import { carriedOut, requestOf } from './carried-out.ts';
import { type Desk, now, requireProduct } from './desk.ts';
import { drawnPin, type Embossing, embossed, requireEmbosser } from './emboss.ts';
import { embossedAgain } from './emboss-again.ts';
import { type CardTerms, readTerms, requireRequestId } from './issue-terms.ts';
import { claimCard, newRecord } from './new-card.ts';
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
interface ReadRequest {
  readonly requestId: RequestId;
  readonly product: Product;
  readonly account: AccountId;
  readonly customer: CustomerId | undefined;
  readonly isSuppressed: boolean;
  readonly terms: ReturnType<typeof readTerms>;
}

function readCardRequest(desk: Desk, request: AddCardRequest): ReadRequest {
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
  return { requestId, product, account, customer, isSuppressed, terms };
}

/** How a new card comes to be: by which operation, in which state, and after what is done in the books. */
export interface NewCardRules {
  readonly operation: 'addCard' | 'issueInstantCard';
  readonly state: 'inactive' | 'active';
  prepareBooks(account: AccountId): Promise<void>;
}

const ADDED: NewCardRules = {
  operation: 'addCard',
  state: 'inactive',
  prepareBooks: async () => undefined,
};

/** Makes a card; the same request again gives the same, wherever it went since, and asks the books nothing. */
export async function addCard(
  desk: Desk,
  request: AddCardRequest,
  { operation, state, prepareBooks }: NewCardRules = ADDED,
): Promise<AddedCard> {
  const { embossing } = request;
  const { requestId, product, account, customer, isSuppressed, terms } = readCardRequest(desk, request);
  const asked = await requestOf(desk, requestId, operation, [
    product.id,
    account,
    customer ?? null,
    request.expiry ?? null,
    request.serviceCode ?? null,
    terms.psn,
    terms.limit,
    isSuppressed,
  ]);
  const before = await carriedOut(desk, asked);
  if (before === undefined) {
    await prepareBooks(account);
    await requireAccount(desk.accounts, account, customer);
  }
  const hasPin = product.pin !== undefined && !isSuppressed;
  const { card, answer } =
    before !== undefined
      ? { card: before }
      : await claimCard(desk, product, asked, async (drawn) => {
          const reference = referenceOf(product, drawn.token);
          const made = hasPin ? await drawnPin(desk, product, reference, embossing) : undefined;
          const more = { ...terms, account, state, request: asked, line: null, replaces: null };
          const card = newRecord(product, drawn, made?.pin, more);
          const emboss = await embossed(desk, product, card, embossing);
          return { card, answer: { emboss, pinBlock: made?.block } };
        });
  return {
    card: viewOf(desk, card),
    ...(answer ?? { emboss: await embossedAgain(desk, card, embossing), pinBlock: undefined }),
  };
}
