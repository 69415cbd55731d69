/**
 * An issuer of cards: every operation on a card's life, over an HSM that keeps the secrets and a store that keeps
 * the records. It handles no key and no clear PIN.
 */
import { fail } from '../error.ts';
import { type AuditHook, auditor, requireHook } from '../hsm/audit.ts';
import type { Hsm, KeyLabel } from '../hsm/functions.ts';
import { readOptions, requireArray, requireMethods, requireObject, requirePattern } from '../input.ts';
import type { Clock } from '../port.ts';
import type { Anchor } from '../store/anchor.ts';
import type { Store } from '../store/port.ts';
import type { AttemptOutcome } from '../tries/attempt.ts';
import { type Accounts, type OwnAccounts, ownAccounts } from './accounts.ts';
import { acknowledgeReceipt } from './acknowledge-receipt.ts';
import { activateCard } from './activate-card.ts';
import { addCard } from './add-card.ts';
import { assignPin } from './assign-pin.ts';
import { batchReport } from './batch-report.ts';
import { blockCard } from './block-card.ts';
import { blockPin } from './block-pin.ts';
import { cancelCard } from './cancel-card.ts';
import { cardLimit, setCardLimit } from './card-limit.ts';
import { cardStatus } from './card-status.ts';
import { changePin } from './change-pin.ts';
import { ASSOCIATION, type ClientKeys, type Desk, operate } from './desk.ts';
import { dynamicCvv2 } from './dynamic-cvv2.ts';
import { issueBatch } from './issue-batch.ts';
import { issueInstantCard } from './issue-instant-card.ts';
import { Ledger } from './ledger.ts';
import type { Issuer } from './operations.ts';
import { panForToken, tokenForPan } from './pan-for-token.ts';
import { pinTries } from './pin-tries.ts';
import { type Product, products, requireLabel } from './product.ts';
import { reindexCards } from './reindex-cards.ts';
import { reissueCard } from './reissue-card.ts';
import { renewPin } from './renew-pin.ts';
import { revealCvv2 } from './reveal-cvv2.ts';
import { revealPan } from './reveal-pan.ts';
import { revealPin } from './reveal-pin.ts';
import { securityCodes } from './security-codes.ts';
import { transferCard } from './transfer-card.ts';
import { unblockCard } from './unblock-card.ts';
import { unblockCodes } from './unblock-codes.ts';
import { unblockPin } from './unblock-pin.ts';
import { validateCvv2 } from './validate-cvv2.ts';
import { validatePin } from './validate-pin.ts';

/** What an issuer is made of. */
export interface IssuerOptions {
  readonly hsm: Hsm;
  readonly store: Store;
  /** Keys that belong to the issuer and to no product: all HMAC, usage M7. */
  readonly keys: {
    /** Of the codes over records. */
    readonly records: KeyLabel;
    /** Of the PAN index; while one key takes over from another, both. */
    readonly panIndex: readonly KeyLabel[];
  };
  readonly products: readonly Product[];
  /** Keys of clients by key association: 1 to 3 letters and digits. */
  readonly clients: { readonly [association: string]: ClientKeys };
  readonly clock: Clock;
  readonly audit: AuditHook;
  /** The caller's books; the issuer's own unless said. */
  readonly accounts?: Accounts;
  /** Tells when the store was put back to an earlier day; nobody does unless said. */
  readonly anchor?: Anchor;
}

/** The operations that take a request and answer by a promise, by name. */
type Operations = Omit<Issuer, 'issueBatch' | 'accounts'>;

/** An operation at a desk. */
type AtDesk = {
  readonly [Name in keyof Operations]: (
    desk: Desk,
    request: Parameters<Operations[Name]>[0],
  ) => ReturnType<Operations[Name]>;
};

const OPERATIONS: AtDesk = {
  acknowledgeReceipt,
  activateCard,
  addCard: (desk, request) => addCard(desk, request),
  assignPin,
  batchReport,
  blockCard,
  blockPin,
  cancelCard,
  cardLimit,
  cardStatus,
  changePin,
  dynamicCvv2,
  issueInstantCard,
  panForToken,
  pinTries,
  reindexCards,
  reissueCard,
  renewPin,
  revealCvv2,
  revealPan,
  revealPin,
  securityCodes,
  setCardLimit,
  tokenForPan,
  transferCard,
  unblockCard,
  unblockCodes,
  unblockPin,
  validateCvv2,
  validatePin,
};

/** Verified or rejected, where an operation compares. */
function outcomeOf(result: unknown): 'done' | 'verified' | 'rejected' {
  const outcome = (result as Partial<AttemptOutcome> | undefined)?.outcome;
  return outcome === 'verified' ? 'verified' : outcome === undefined ? 'done' : 'rejected';
}

/**
 * An issuer of cards over an HSM and a store.
 *
 * @throws ERR_POLICY     a client whose keys are not two different ones
 * @throws ERR_NOT_FOUND | ERR_KEY_DESTROYED  a key of a client that is not in the HSM
 * @throws ERR_INPUT      anything else that is not what it should be
 * @throws ERR_STORE_UNAVAILABLE | ERR_STORE_CORRUPT  the HSM's key store failed
 * @source own construction: operations of card management as issuers offer them; attempts: as for `verifyPin`
 */
export async function createIssuer(options: IssuerOptions): Promise<Issuer> {
  const desk = await openDesk(options);
  const methods = Object.entries(OPERATIONS).map(([name, act]) => [
    name,
    (request: object) =>
      operate(
        desk,
        name,
        request,
        (read) => (act as (desk: Desk, request: object) => Promise<unknown>)(desk, read),
        outcomeOf,
      ),
  ]);
  return Object.freeze({
    ...(Object.fromEntries(methods) as Operations),
    issueBatch: (request: Parameters<Issuer['issueBatch']>[0]) => issueBatch(desk, request),
    accounts: auditedAccounts(desk),
  });
}

/** The issuer's own books; each call is told, without names of customers or accounts. */
function auditedAccounts(desk: Desk): OwnAccounts {
  const books = ownAccounts(desk.ledger);
  const told =
    <A extends readonly unknown[], T>(name: string, act: (...given: A) => Promise<T>) =>
    (...given: A): Promise<T> =>
      desk.audit.run({ operation: `accounts.${name}`, keys: [] }, () => act(...given));
  return Object.freeze({
    addCustomer: told('addCustomer', books.addCustomer),
    customerOf: told('customerOf', books.customerOf),
    hasCustomer: told('hasCustomer', books.hasCustomer),
    openAccount: told('openAccount', books.openAccount),
  });
}

async function openDesk(options: IssuerOptions): Promise<Desk> {
  requireObject(options, 'options');
  const read = readOptions(options, 'options', [
    'hsm',
    'store',
    'keys',
    'products',
    'clients',
    'clock',
    'audit',
    'accounts',
    'anchor',
  ]);
  const hsm = requireMethods<Hsm>(read.hsm, 'hsm', ['tagRecords', 'verifyRecords', 'drawPan', 'issueCards']);
  const store = requireMethods<Store>(read.store, 'store', ['get', 'find', 'commit']);
  const clock = requireMethods<Clock>(read.clock, 'clock', ['now']);
  const anchor =
    read.anchor === undefined ? undefined : requireMethods<Anchor>(read.anchor, 'anchor', ['read', 'raise']);
  const { records, panIndex } = requireObject(read.keys, 'keys') as IssuerOptions['keys'];
  const recordKey = requireLabel(records, 'keys.records');
  const ledger = new Ledger(store, hsm, recordKey, anchor);
  const indexKeys = requireArray(panIndex, 'keys.panIndex', 2).map((label) =>
    requireLabel(label, 'keys.panIndex'),
  );
  if (indexKeys.length === 0) fail('ERR_INPUT', 'keys.panIndex', 'one key, or two while one takes over');
  const clients = readClients(read.clients);
  const labels = [...clients.values()].map((keys) => Object.values(keys) as KeyLabel[]);
  for (const own of labels) await hsm.requireDistinctKeys(own);
  const accounts =
    read.accounts === undefined
      ? ownAccounts(ledger)
      : requireMethods<Accounts>(read.accounts, 'accounts', ['customerOf', 'hasCustomer', 'openAccount']);
  return {
    hsm,
    ledger,
    products: readProducts(read.products),
    clients,
    accounts,
    recordKey,
    indexKeys,
    clock,
    audit: auditor(requireHook(read.audit), clock),
  };
}

function readProducts(given: IssuerOptions['products'] | undefined): ReadonlyMap<string, Product> {
  const byId = new Map<string, Product>();
  for (const product of requireArray(given, 'products', 1000)) {
    products.require(product, 'products');
    if (byId.has(product.id)) fail('ERR_EXISTS', 'products', 'each identifier once');
    byId.set(product.id, product);
  }
  return byId;
}

function readClients(given: IssuerOptions['clients'] | undefined): ReadonlyMap<string, ClientKeys> {
  const clients = new Map<string, ClientKeys>();
  for (const [association, keys] of Object.entries(requireObject(given, 'clients'))) {
    requirePattern(association, ASSOCIATION, 3, 'clients', 'key associations of 1 to 3 characters');
    requireObject(keys, 'clients');
    const read = readOptions(keys as ClientKeys, 'clients', ['pek', 'codes', 'kek']);
    for (const label of Object.values(read)) requireLabel(label, 'clients');
    clients.set(association, Object.freeze({ ...read }));
  }
  return clients;
}
