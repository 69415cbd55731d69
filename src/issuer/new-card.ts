/** How a card comes into the world: a PAN that nobody had, claimed by the insert of the whole record. */
import type { AccountId, Expiry, PanToken, Psn, RequestId, ServiceCode } from '../brand.ts';
import { fail } from '../error.ts';
import type { BoundPin, DrawnCard } from '../hsm/functions.ts';
import { createTryCounter } from '../tries/tries.ts';
import {
  type CardRecord,
  type Iin,
  type LastFour,
  type PinOnRecord,
  panValue,
  requestValue,
  type WrittenState,
} from './card-record.ts';
import { cardEntry, type Desk, MOST_ROUNDS } from './desk.ts';
import type { Entry } from './ledger.ts';
import { parseCard } from './parse-card.ts';
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
  readonly request: RequestId | null;
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
    unblocks: { day: 0, count: 0 },
    dynamic: { on: false, issued: null, floor: null },
    limit: card.limit,
    requests: card.request === null ? [] : [card.request],
    line: card.line,
    replaces: card.replaces,
    replacedBy: null,
  };
}

/** The card that an earlier call with the same request made. */
export async function cardOfRequest(desk: Desk, request: RequestId): Promise<CardRecord | undefined> {
  const [record] = await desk.ledger.find({ unique: requestValue(request) });
  return record === undefined ? undefined : parseCard(record);
}

/**
 * Draws PANs until one is claimed. `make` gets each that is drawn and says what is to be written; it runs again
 * when others were faster.
 *
 * @returns the card; that of an earlier call where the request was carried out before
 * @throws ERR_PAN_SPACE  the range is used up
 */
export async function claimCard(
  desk: Desk,
  product: Product,
  request: RequestId,
  make: (drawn: DrawnCard) => Promise<{ readonly card: CardRecord; readonly beside?: readonly Entry[] }>,
): Promise<{ readonly card: CardRecord; readonly isNew: boolean }> {
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
    const { card, beside = [] } = await make(drawn);
    const answer = await desk.ledger.commit([rangeEntry(counter, next), ...beside, cardEntry(card, 0)]);
    if (answer === 'done') return { card, isNew: true };
    if (answer === 'stale') continue;
    const before = await cardOfRequest(desk, request);
    if (before !== undefined) return { card: before, isNew: false };
    // A counter from a backup, or a range that another system issued from: this number is spent.
    const [index] = drawn.index;
    if (index !== undefined && (await desk.ledger.find({ unique: panValue(index) })).length > 0) floor = next;
  }
  return fail('ERR_CONFLICT', 'range', 'a range that others leave alone', `${MOST_ROUNDS} rounds`);
}
