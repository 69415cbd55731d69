/** How a card comes into the world: a PAN that nobody had, claimed by the insert of the whole record. */
import type { AccountId, Expiry, PanToken, Psn, ServiceCode } from '../brand.ts';
import { fail } from '../error.ts';
import type { BoundPin, DrawnCard } from '../hsm/functions.ts';
import { createTryCounter } from '../tries/tries.ts';
import {
  type CardRecord,
  type Iin,
  type LastFour,
  type PinOnRecord,
  panValue,
  type RequestOnRecord,
  type WrittenState,
} from './card-record.ts';
import { carriedOut } from './carried-out.ts';
import { CARD, cardEntry, type Desk, MOST_ROUNDS } from './desk.ts';
import type { Entry } from './ledger.ts';
import type { Product } from './product.ts';

/** Kind of the records that count the numbers of a range. */
const RANGE = 'range';

/** The next number of a range, and the revision of its record. */
export interface RangeCounter {
  readonly id: string;
  readonly next: number;
  readonly revision: number;
}

/** The counter of a product's range; products that share range and key share it. */
export async function rangeCounter(desk: Desk, { range, sequenceKey }: Product): Promise<RangeCounter> {
  const id = `${range.iin}.${range.length}.${sequenceKey}`;
  const record = await desk.ledger.get(RANGE, id);
  const next = record === undefined ? 0 : Number(record.body);
  if (!Number.isSafeInteger(next) || next < 0) fail('ERR_STORE_CORRUPT', 'range', 'a number of a range');
  return { id, next, revision: record?.revision ?? 0 };
}

/** What is written for a counter that has come to `next`. */
export function rangeEntry({ id, revision }: RangeCounter, next: number): Entry {
  return { kind: RANGE, id, expected: revision, unique: [], body: String(next) };
}

/** What a new card is made of beside its PAN. */
export interface NewCard {
  readonly account: AccountId | null;
  readonly state: WrittenState;
  readonly expiry: Expiry;
  readonly psn: Psn;
  readonly serviceCode: ServiceCode;
  readonly request: RequestOnRecord | null;
  readonly limit: number | null;
  readonly line: CardRecord['line'];
  readonly replaces: PanToken | null;
}

/** The record of a new card. */
export function newRecord(
  product: Product,
  drawn: DrawnCard,
  pin: BoundPin | undefined,
  card: NewCard,
): CardRecord {
  return {
    token: drawn.token,
    product: product.id,
    account: card.account,
    iin: drawn.iin as Iin,
    lastFour: drawn.lastFour as LastFour,
    panIndex: drawn.index,
    state: card.state,
    before: null,
    generation: 0,
    expiry: card.expiry,
    psn: card.psn,
    serviceCode: card.serviceCode,
    pin: (pin as PinOnRecord | undefined) ?? null,
    next: null,
    tries: {
      pin: createTryCounter(product.pin?.tryLimit ?? 1),
      code: createTryCounter(product.codeTryLimit),
      activation: createTryCounter(product.activationTryLimit),
    },
    pinTriedAt: null,
    unblocks: { day: 0, pin: 0, codes: 0 },
    dynamic: { on: false, issued: null, floors: [] },
    limit: card.limit,
    made: card.request,
    renewals: [],
    line: card.line,
    replaces: card.replaces,
    replacedBy: null,
  };
}

/**
 * Whether a number that was drawn is another card's: by its token, which another product may have drawn under keys
 * of its own, or by any index of the PAN, whichever key came first when that card was made.
 */
export async function isTaken(
  desk: Desk,
  { token, index }: Pick<DrawnCard, 'token' | 'index'>,
): Promise<boolean> {
  if ((await desk.ledger.get(CARD, token)) !== undefined) return true;
  for (const value of index)
    if ((await desk.ledger.find({ unique: panValue(value) })).length > 0) return true;
  return false;
}

/** A card to be written, and what leaves once it is. */
export interface Made<T> {
  readonly card: CardRecord;
  readonly beside?: readonly Entry[];
  readonly answer: T;
}

/**
 * Draws PANs until one is claimed. `make` gets each that is drawn and says what is to be written; it runs again
 * when others were faster. All that can be refused is done in it: what comes after the commit must not fail.
 *
 * @returns the card and its answer; without an answer where an earlier call carried the request out
 * @throws ERR_PAN_SPACE  the range is used up
 */
export async function claimCard<T>(
  desk: Desk,
  product: Product,
  request: RequestOnRecord,
  make: (drawn: DrawnCard) => Promise<Made<T>>,
): Promise<{ readonly card: CardRecord; readonly answer?: T }> {
  let floor = 0;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const counter = await rangeCounter(desk, product);
    const { card: drawn, next } = await desk.hsm.drawPan({
      domain: product.tokens,
      key: product.sequenceKey,
      range: product.range,
      n: Math.max(counter.next, floor),
      indexKeys: desk.indexKeys,
    });
    const { card, beside = [], answer } = await make(drawn);
    const committed = await desk.ledger.commit([rangeEntry(counter, next), ...beside, cardEntry(card, 0)]);
    if (committed === 'done') return { card, answer };
    if (committed === 'stale') continue;
    const before = await carriedOut(desk, request);
    if (before !== undefined) return { card: before };
    // A counter from a backup, or a range that another system or product issued from: this number is spent.
    if (await isTaken(desk, drawn)) floor = next;
  }
  return fail('ERR_CONFLICT', 'range', 'a range that others leave alone', `${MOST_ROUNDS} rounds`);
}
