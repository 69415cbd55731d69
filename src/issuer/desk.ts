/** What every operation of an issuer works with: the HSM, the records, products, clients, books and a clock. */
import type { PanToken, UnixSeconds } from '../brand.ts';
import { fail } from '../error.ts';
import { type AuditEvent, type Audited, type Auditor, holderIn, maskToken } from '../hsm/audit.ts';
import type { CardFace, Hsm, KeyLabel } from '../hsm/functions.ts';
import { readParts, requirePattern, requireText, requireWhole } from '../input.ts';
import type { Clock } from '../port.ts';
import type { CommitAnswer } from '../store/port.ts';
import type { Accounts } from './accounts.ts';
import { type CardRecord, uniqueOf } from './card-record.ts';
import { type CardAction, requireTransition } from './card-state.ts';
import type { Entry, Ledger } from './ledger.ts';
import { cardText, parseCard } from './parse-card.ts';
import { codeKindOf, type Product, referenceOf } from './product.ts';

/** The keys of a client: two different ones for what comes in and what goes out. */
export interface ClientKeys {
  /** PIN blocks that come in: usage P0. */
  readonly pek?: KeyLabel;
  /** Code blocks that go out: TDES, usage D0. */
  readonly codes?: KeyLabel;
  /** Envelopes that go out: usage K1. */
  readonly kek?: KeyLabel;
}

/** The inside of one issuer. */
export interface Desk {
  readonly hsm: Hsm;
  readonly ledger: Ledger;
  readonly products: ReadonlyMap<string, Product>;
  readonly clients: ReadonlyMap<string, ClientKeys>;
  readonly accounts: Accounts;
  /** Of the codes over records, and over what requests ask for. */
  readonly recordKey: KeyLabel;
  /** Of the PAN index: the key in use, and the one that takes over. */
  readonly indexKeys: readonly KeyLabel[];
  readonly clock: Clock;
  readonly audit: Auditor;
}

/** A card and the revision of its record. */
export interface HeldCard {
  readonly card: CardRecord;
  readonly revision: number;
}

/** Compare-and-set rounds after which a record is called contended. */
export const MOST_ROUNDS = 10_000;

/** A key association of a client. */
export const ASSOCIATION: RegExp = /^[A-Za-z0-9]{1,3}$/;

/** Kind of the records of cards. */
export const CARD = 'card';

/** Parts of requests that are plain objects. Capabilities are known by their identity. */
const PARTS: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'block',
  'current',
  'embossing',
  'proof',
  'requested',
  'reveal',
]);

/** What of a request, checked or not, the audit may see. */
interface Told {
  readonly token?: unknown;
  readonly permit?: unknown;
  readonly client?: unknown;
  readonly channel?: unknown;
  readonly embossing?: { readonly client?: unknown; readonly permit?: unknown };
  readonly reveal?: { readonly client?: unknown };
  readonly current?: { readonly client?: unknown };
}

/** Whatever is not of the right shape is not told: it might be anything. */
function aboutOf({
  token,
  permit,
  client,
  channel,
  embossing,
  reveal,
  current,
}: Told): Omit<Audited, 'operation' | 'keys'> {
  const asking = client ?? reveal?.client ?? current?.client ?? embossing?.client;
  return {
    ...(typeof token === 'string' && { subject: maskToken(token.slice(0, 64)) }),
    ...holderIn(permit ?? embossing?.permit),
    ...(isShort(asking) && { client: asking }),
    ...(isShort(channel) && { channel }),
  };
}

/** Whether a text is as short as a key association or a channel: no PAN, no PIN. */
function isShort(value: unknown): value is string {
  return typeof value === 'string' && ASSOCIATION.test(value);
}

/** The card that a request made, or found, which named none. */
function subjectIn(result: unknown): Pick<Audited, 'subject'> {
  const { card, token } = (result ?? {}) as { card?: { token?: unknown }; token?: unknown };
  const made = card?.token ?? token;
  return typeof made === 'string' ? { subject: maskToken(made) } : {};
}

/** Runs an operation on a request as it is now, and tells the audit of it. */
export async function operate<R extends object, T>(
  desk: Desk,
  operation: string,
  request: R,
  act: (request: R) => Promise<T>,
  outcomeOf?: (result: T) => AuditEvent['outcome'],
): Promise<T> {
  let asked: R | undefined;
  let refusal: unknown;
  try {
    asked = readParts(request, 'request', PARTS);
  } catch (error) {
    refusal = error;
  }
  const about = { operation, keys: [], ...aboutOf(asked ?? {}) };
  return desk.audit.run(
    about,
    () => (asked === undefined ? Promise.reject(refusal) : act(asked)),
    outcomeOf,
    (result) => ('subject' in about ? {} : subjectIn(result)),
  );
}

/** The time now, in whole seconds. */
export function now(desk: Desk): UnixSeconds {
  let at: unknown;
  try {
    at = desk.clock.now();
  } catch {
    at = undefined;
  }
  return requireWhole(at, 'clock', 0, 2 ** 40, 'ERR_CLOCK') as UnixSeconds;
}

/** A token as text: what it stands for is the HSM's business. */
export function requireToken(token: unknown): PanToken {
  return requirePattern(
    token,
    /^[0-9A-Z]{12,19}$/,
    19,
    'token',
    'a token of 12 to 19 characters',
    'ERR_TOKEN',
  ) as PanToken;
}

/** The product of an identifier. */
export function requireProduct(desk: Desk, id: unknown): Product {
  const product = desk.products.get(requireText(id, 'product', 'the identifier of a product'));
  return product ?? fail('ERR_NOT_FOUND', 'product', 'a product of this issuer');
}

/** A key of a client, by key association. */
export function requireClientKey(desk: Desk, client: unknown, key: keyof ClientKeys): KeyLabel {
  const keys = desk.clients.get(requireText(client, 'client', 'a key association'));
  if (keys === undefined) return fail('ERR_NOT_FOUND', 'client', 'a key association of this issuer');
  return keys[key] ?? fail('ERR_POLICY', 'client', `a client with a key for this (${key})`);
}

/** The card of a token; refused where there is none. */
export async function requireCard(desk: Desk, token: unknown): Promise<HeldCard> {
  const record = await desk.ledger.get(CARD, requireToken(token));
  if (record === undefined) return fail('ERR_NOT_FOUND', 'token', 'the token of a card');
  return { card: parseCard(record), revision: record.revision };
}

/** The card of a token in a state that permits the action, and its product. */
export async function requireCardFor(
  desk: Desk,
  token: unknown,
  action: CardAction,
): Promise<HeldCard & { readonly product: Product }> {
  const held = await requireCard(desk, token);
  requireTransition(held.card, action, now(desk));
  return { ...held, product: requireProduct(desk, held.card.product) };
}

/** What is written for a card: `expected` is the revision that it replaces. */
export function cardEntry(card: CardRecord, expected: number): Entry {
  return { kind: CARD, id: card.token, expected, unique: uniqueOf(card), body: cardText(card) };
}

/**
 * Changes a card: reads, decides, writes; and decides again on what it then reads, where another was faster.
 *
 * @param decide  the card as it shall be, with what is written beside it; it refuses by throwing
 */
export async function changeCard(
  desk: Desk,
  token: unknown,
  decide: (held: HeldCard) => Promise<Change> | Change,
): Promise<CardRecord> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const held = await requireCard(desk, token);
    const { card, beside = [] } = await decide(held);
    const answer: CommitAnswer = await desk.ledger.commit([cardEntry(card, held.revision), ...beside]);
    if (answer === 'done') return card;
    if (answer === 'taken')
      fail('ERR_REQUEST_MISMATCH', 'requestId', 'a request that was not carried out before');
  }
  return fail('ERR_CONFLICT', 'token', 'a card that others leave alone', `${MOST_ROUNDS} rounds`);
}

/** A card as it shall be. */
export interface Change {
  readonly card: CardRecord;
  readonly beside?: readonly Entry[];
}

/** What the codes of a card are made of. */
export function faceOf(product: Product, { token, expiry, serviceCode }: CardRecord): CardFace {
  return {
    kind: codeKindOf(product),
    card: referenceOf(product, token),
    cvk: product.cvk,
    expiry,
    serviceCode,
    expiryOrder: product.cvv2Expiry,
  };
}
