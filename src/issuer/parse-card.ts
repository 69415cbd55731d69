/**
 * Cards as text and back. What is as it is on a new card is left out, and so is what the record says elsewhere: its
 * identifier is the token, and PAN indexes stand among its unique values.
 *
 * The code of a record held before its text is read, so what is wrong here is a defect of ours.
 */
import type { PanIndex, PanToken, UnixSeconds } from '../brand.ts';
import { fail } from '../error.ts';
import type { StoreRecord } from '../store/port.ts';
import { parseTryCounter, type TryCounter } from '../tries/tries.ts';
import { type CardRecord, PAN_VALUE, type WrittenState } from './card-record.ts';

/** A try counter as text: limit, epoch, taken, cleared, and 1 where the issuer has blocked. */
type Counter = readonly [number, number, number, number, 0 | 1];

/** What a text may leave out, and what stands for it. */
const DEFAULTS = {
  account: null,
  before: null,
  generation: 0,
  pin: null,
  next: null,
  pinTriedAt: null,
  unblocks: Object.freeze({ day: 0, pin: 0, codes: 0 }),
  dynamic: Object.freeze({ on: false, issued: null, floors: Object.freeze([]) }),
  limit: null,
  made: null,
  renewals: Object.freeze([]),
  line: null,
  replaces: null,
  replacedBy: null,
} as const;

/** What every text says. */
const SAID = ['product', 'iin', 'lastFour', 'state', 'expiry', 'psn', 'serviceCode'] as const;

const STATES: readonly WrittenState[] = ['inactive', 'active', 'blocked', 'cancelled', 'replaced'];

function counterText({ limit, epoch, taken, cleared, issuerBlocked }: TryCounter): Counter {
  return [limit, epoch, taken, cleared, issuerBlocked ? 1 : 0];
}

function parseCounter(value: unknown): TryCounter {
  if (!Array.isArray(value) || value.length !== 5) return corrupt();
  const [limit, epoch, taken, cleared, blocked] = value as unknown as Counter;
  return parseTryCounter({ limit, epoch, taken, cleared, issuerBlocked: blocked === 1 });
}

/** Whether a value is the one that a text leaves out. */
function isDefault(name: keyof typeof DEFAULTS, card: CardRecord): boolean {
  if (name === 'unblocks') return card.unblocks.pin + card.unblocks.codes === 0;
  if (name === 'renewals') return card.renewals.length === 0;
  if (name === 'dynamic') {
    const { on, issued, floors } = card.dynamic;
    return !on && issued === null && floors.length === 0;
  }
  return card[name] === DEFAULTS[name];
}

/** A card as text: equal cards are equal texts. */
export function cardText(card: CardRecord): string {
  const { pin, code, activation } = card.tries;
  const out: { [name: string]: unknown } = {};
  for (const name of SAID) out[name] = card[name];
  out['tries'] = [counterText(pin), counterText(code), counterText(activation)];
  for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[])
    if (!isDefault(name, card)) out[name] = card[name];
  return JSON.stringify(out);
}

/** The card of a record. */
export function parseCard({ id, unique, body }: Pick<StoreRecord, 'id' | 'unique' | 'body'>): CardRecord {
  let read: Omit<CardRecord, 'tries'> & { readonly tries: unknown };
  try {
    read = JSON.parse(body);
  } catch {
    return corrupt();
  }
  if (typeof read !== 'object' || read === null || SAID.some((name) => typeof read[name] !== 'string'))
    return corrupt();
  const { tries, pinTriedAt } = read;
  if (!STATES.includes(read.state) || !Array.isArray(tries) || tries.length !== 3) return corrupt();
  const panIndex = unique.filter((value) => value.startsWith(PAN_VALUE));
  return Object.freeze({
    ...DEFAULTS,
    ...read,
    token: id as PanToken,
    panIndex: Object.freeze(panIndex.map((value) => value.slice(PAN_VALUE.length) as PanIndex)),
    tries: Object.freeze({
      pin: parseCounter(tries[0]),
      code: parseCounter(tries[1]),
      activation: parseCounter(tries[2]),
    }),
    pinTriedAt: (pinTriedAt ?? null) as UnixSeconds | null,
  });
}

function corrupt(): never {
  return fail('ERR_STORE_CORRUPT', 'card', 'the record of a card');
}
