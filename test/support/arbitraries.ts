/**
 * What the laws are tried on: generators, each paired with weird values (all zeros, all nines, length
 * extremes, parity edges), random sources that are scripted or seeded, and schedules for whatever
 * runs in parallel.
 */
import fc from 'fast-check';
import type { Expiry, Pan, Psn, ServiceCode, UnixSeconds } from '../../src/brand.ts';
import { PaymentCryptoError } from '../../src/error.ts';
import {
  type Capability,
  type CapabilityScope,
  createCapabilityAuthority,
} from '../../src/keys/capability.ts';
import { importClearKey } from '../../src/keys/clear.ts';
import type { Key } from '../../src/keys/key.ts';
import type { KeyAlgorithm, KeyUsage, ModeOfUse } from '../../src/keys/usage.ts';
import type { PanLength } from '../../src/pan/pan.ts';
import { type ClearPin, parsePin, pinDigits } from '../../src/pin/clear-pin.ts';
import type { RandomSource, RecordPort } from '../../src/port.ts';
import { luhnCheckDigit } from './oracle/luhn.ts';

// ---------------------------------------------------------------- small tools

/** Upper-case hex of bytes. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').toUpperCase();
}

/** Bytes of hex. */
export function unhex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

/** Whether two byte strings are equal; a failure prints `false`, not bytes. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** The code of what `call` throws; `none` when it returns, the name of anything that is not ours. */
export function codeOf(call: () => unknown): string {
  try {
    call();
    return 'none';
  } catch (error) {
    return error instanceof PaymentCryptoError ? error.code : `not ours: ${String(error)}`;
  }
}

/** The same for what a promise is rejected with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    return error instanceof PaymentCryptoError ? error.code : `not ours: ${String(error)}`;
  }
}

/** The digits of a clear PIN. */
export function digitsOfPin(pin: ClearPin): string {
  return pinDigits(pin).join('');
}

/** Whether a clear PIN has the digits. */
export function isPin(pin: ClearPin, digits: string): boolean {
  return digitsOfPin(pin) === digits;
}

/** The whole numbers from `from` to `to`, both included. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** The element that must be there. */
export function at<T>(list: ArrayLike<T>, index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`no element ${index}`);
  return item;
}

// ---------------------------------------------------------------- random sources

/** A source that gives exactly these bytes, in order, and throws when they are spent. */
export function scriptedRandom(script: ArrayLike<number>): RandomSource & { readonly used: number } {
  let used = 0;
  return {
    fill(out) {
      for (let i = 0; i < out.length; i++) {
        if (used >= script.length) throw new Error('the script is spent');
        out[i] = at(script, used++);
      }
    },
    get used() {
      return used;
    },
  };
}

/** The same; what the script does not cover is `rest`, so that a pool may be filled past the need. */
export function paddedRandom(script: ArrayLike<number>, rest = 0): RandomSource & { readonly used: number } {
  let used = 0;
  return {
    fill(out) {
      for (let i = 0; i < out.length; i++) out[i] = script[used++] ?? rest;
    },
    get used() {
      return used;
    },
  };
}

/** A source that answers each request with the next of these, filled up with `rest`; then with `rest`. */
export function callRandom(answers: readonly ArrayLike<number>[], rest = 0): RandomSource {
  let call = 0;
  return {
    fill(out) {
      const answer = answers[call++] ?? [];
      for (let i = 0; i < out.length; i++) out[i] = answer[i] ?? rest;
    },
  };
}

/** A source that nobody may ask. */
export const forbiddenRandom: RandomSource = {
  fill() {
    throw new Error('nothing random was to be drawn');
  },
};

/** A source that gives the same bytes for the same seed: SFC32. */
export function seededRandom(seed: number): RandomSource & { next(): number; below(limit: number): number } {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 16; i++) next();
  return {
    next,
    below: (limit) => next() % limit,
    fill(out) {
      for (let i = 0; i < out.length; i++) out[i] = next() >>> 24;
    },
  };
}

/** `length` bytes of a seeded source. */
export function seededBytes(seed: number, length: number): Uint8Array {
  const out = new Uint8Array(length);
  seededRandom(seed).fill(out);
  return out;
}

// ---------------------------------------------------------------- digits, PANs, PINs, cards

/** Digit strings of one length that break what was written for common ones. */
export function weirdDigits(length: number): string[] {
  return [
    '0'.repeat(length),
    '9'.repeat(length),
    '1'.padEnd(length, '0').slice(0, length),
    '1'.padStart(length, '0').slice(0, length),
    '09'.repeat(length).slice(0, length),
    '90'.repeat(length).slice(0, length),
    '1234567890'.repeat(length).slice(0, length),
  ];
}

/** Digit strings of `min` to `max` digits, weird ones among them. */
export function digits(min: number, max: number = min): fc.Arbitrary<string> {
  return fc.integer({ min, max }).chain((length) =>
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.string({
          unit: fc.constantFrom(...'0123456789'),
          minLength: length,
          maxLength: length,
        }),
      },
      { weight: 1, arbitrary: fc.constantFrom(...weirdDigits(length)) },
    ),
  );
}

export const PAN_LENGTHS: readonly PanLength[] = [12, 13, 14, 15, 16, 17, 18, 19];

/** The Luhn-valid PAN that begins with `payload`; a leading 0 becomes 4. */
export function panFrom(payload: string): Pan {
  const begun = payload.startsWith('0') ? `4${payload.slice(1)}` : payload;
  return `${begun}${luhnCheckDigit(begun)}` as Pan;
}

/** Luhn-valid PANs of one length, or of every length from 12 to 19; weird ones among them. */
export function pans(length?: number): fc.Arbitrary<Pan> {
  const lengths = length === undefined ? fc.constantFrom<number>(...PAN_LENGTHS) : fc.constant(length);
  return lengths.chain((n) => digits(n - 1).map(panFrom));
}

/** A Luhn-valid PAN of a seeded source. */
export function seededPan(random: { below(limit: number): number }, length: number, iin = ''): Pan {
  let payload = iin === '' ? String(1 + random.below(9)) : iin;
  while (payload.length < length - 1) payload += String(random.below(10));
  return panFrom(payload);
}

/** Clear PIN digits of one length, or of every length from 4 to 12. */
export function pinTexts(length?: number): fc.Arbitrary<string> {
  return length === undefined ? digits(4, 12) : digits(length);
}

/** A clear PIN; short for the tests. */
export const pinOf = (text: string): ClearPin => parsePin(text);

/** Expiries YYMM, the extremes among them. */
export const expiries: fc.Arbitrary<Expiry> = fc.oneof(
  fc.constantFrom('0001', '0012', '9901', '9912', '2912').map((text) => text as Expiry),
  fc
    .tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 1, max: 12 }))
    .map(([year, month]) => (String(year).padStart(2, '0') + String(month).padStart(2, '0')) as Expiry),
);

/** Service codes of a stripe: never 000 or 999. */
export const stripeCodes: fc.Arbitrary<ServiceCode> = fc
  .oneof(fc.constantFrom(1, 101, 201, 998), fc.integer({ min: 1, max: 998 }))
  .map((code) => String(code).padStart(3, '0') as ServiceCode);

/** What a CVV is computed from. */
export const cards: fc.Arbitrary<{
  readonly pan: Pan;
  readonly expiry: Expiry;
  readonly serviceCode: ServiceCode;
}> = fc.record({ pan: pans(), expiry: expiries, serviceCode: stripeCodes });

/** Card sequence numbers. */
export const psns: fc.Arbitrary<Psn> = digits(2).map((text) => text as Psn);

/** Unix times, the first second and the last of 9999 among them. */
export const times: fc.Arbitrary<UnixSeconds> = fc
  .oneof(
    fc.constantFrom(0, 1, 1199, 1200, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 253_402_300_799),
    fc.integer({ min: 0, max: 4_102_444_800 }),
  )
  .map((seconds) => seconds as UnixSeconds);

// ---------------------------------------------------------------- bytes and keys

/** Bytes of `min` to `max`, all zeros and all ones among them. */
export function bytes(min: number, max: number = min): fc.Arbitrary<Uint8Array> {
  return fc.integer({ min, max }).chain((length) =>
    fc.oneof(
      { weight: 6, arbitrary: fc.uint8Array({ minLength: length, maxLength: length }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(0, 0xff, 0x80, 1).map((byte) => new Uint8Array(length).fill(byte)),
      },
    ),
  );
}

/** A byte with odd parity. */
export function oddByte(byte: number): number {
  let ones = 0;
  for (let rest = byte & 0xfe; rest > 0; rest >>= 1) ones += rest & 1;
  return (byte & 0xfe) | (ones % 2 === 0 ? 1 : 0);
}

/** Parts near the weak keys: legal, and all of their bytes at a parity edge. */
const EDGE_PARTS = [
  '0101010101010104',
  'FEFEFEFEFEFEFEFD',
  '1F1F1F1F0E0E0E0D',
  'E0E0E0E0F1F1F1F2',
  '8080808080808080',
  '7F7F7F7F7F7F7F7F',
  '0123456789ABCDEF',
  'FEDCBA9876543210',
];

function soundParts(parts: readonly string[]): boolean {
  const seven = parts.map((part) => hex(unhex(part).map((byte) => byte & 0xfe)));
  return new Set(seven).size === seven.length && seven.every((part) => !isWeak(part));
}

/** The weak and semi-weak DES keys, with odd parity, as SP 800-67 prints them. */
export const WEAK_PARTS: readonly string[] = [
  '0101010101010101',
  'FEFEFEFEFEFEFEFE',
  'E0E0E0E0F1F1F1F1',
  '1F1F1F1F0E0E0E0E',
  '011F011F010E010E',
  '1F011F010E010E01',
  '01E001E001F101F1',
  'E001E001F101F101',
  '01FE01FE01FE01FE',
  'FE01FE01FE01FE01',
  '1FE01FE00EF10EF1',
  'E01FE01FF10EF10E',
  '1FFE1FFE0EFE0EFE',
  'FE1FFE1FFE0EFE0E',
  'E0FEE0FEF1FEF1FE',
  'FEE0FEE0FEF1FEF1',
];

function isWeak(seven: string): boolean {
  return WEAK_PARTS.some((part) => hex(unhex(part).map((byte) => byte & 0xfe)) === seven);
}

/** TDES key bytes with odd parity, sound and distinct parts; parts at the edges among them. */
export function tdesKeyBytes(length: 16 | 24): fc.Arbitrary<Uint8Array> {
  const part = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.uint8Array({ minLength: 8, maxLength: 8 }).map((raw) => hex(raw.map(oddByte))),
    },
    { weight: 1, arbitrary: fc.constantFrom(...EDGE_PARTS) },
  );
  return fc
    .array(part, { minLength: length / 8, maxLength: length / 8 })
    .filter(soundParts)
    .map((parts) => unhex(parts.join('')));
}

/** AES key bytes, never all zeros. */
export function aesKeyBytes(length?: 16 | 24 | 32): fc.Arbitrary<Uint8Array> {
  const lengths = length === undefined ? fc.constantFrom(16, 24, 32) : fc.constant(length);
  return lengths.chain((n) => bytes(n)).filter((raw) => raw.some((byte) => byte !== 0));
}

/** Sound TDES key bytes of a seed. */
export function seededTdesKey(seed: number, length: 16 | 24 = 16): Uint8Array {
  return seededBytes(seed, length).map(oddByte);
}

/** A key; every test key may leave. */
export function keyOf<const U extends KeyUsage>(
  usage: U,
  algorithm: KeyAlgorithm,
  mode: ModeOfUse,
  raw: Uint8Array,
): Key<U> {
  return importClearKey({ usage, algorithm, mode, exportability: 'E' }, raw);
}

const authority = createCapabilityAuthority({ now: () => 0 as UnixSeconds });

/** A capability of the scope, which never expires. */
export const permitFor = (scope: CapabilityScope): Capability => authority.grant(scope, 900);

export const cvkOf = (raw: Uint8Array): Key<'C0'> => keyOf('C0', 'T', 'C', raw);
export const pvkOf = (raw: Uint8Array): Key<'V2'> => keyOf('V2', 'T', 'C', raw);
export const ibmPvkOf = (raw: Uint8Array): Key<'V1'> => keyOf('V1', 'T', 'C', raw);
export const pekOf = (algorithm: 'A' | 'T', raw: Uint8Array): Key<'P0'> => keyOf('P0', algorithm, 'B', raw);
export const dataKeyOf = (algorithm: 'A' | 'T', raw: Uint8Array): Key<'D0'> =>
  keyOf('D0', algorithm, 'B', raw);
export const kekOf = (algorithm: 'A' | 'T', raw: Uint8Array): Key<'K1'> => keyOf('K1', algorithm, 'B', raw);
export const hmacKeyOf = (raw: Uint8Array, mode: ModeOfUse = 'C'): Key<'M7'> => keyOf('M7', 'H', mode, raw);

// ---------------------------------------------------------------- schedules

/** One step of a run: who did what to the record, and what came of it. */
export type Step<T> =
  | { readonly actor: number; readonly kind: 'read'; readonly record: T }
  | {
      readonly actor: number;
      readonly kind: 'write';
      readonly before: T;
      readonly after: T;
      readonly answer: 'done' | 'stale' | 'lost' | 'unsure';
    }
  | { readonly actor: number; readonly kind: 'compare'; readonly record: T }
  | { readonly actor: number; readonly kind: 'end'; readonly value: unknown; readonly error: string };

/** What an actor is handed: a port whose every answer waits for the scheduler, and a place to stop. */
export type Actor<T> = (port: RecordPort<T>, compare: () => Promise<void>) => Promise<unknown>;

/** What runs in parallel over one record. */
export interface Scenario<T> {
  readonly initial: T;
  readonly actors: readonly Actor<T>[];
  /** Changes by an operator, each at once, in this order. */
  readonly acts: readonly ((record: T) => T)[];
  /** How many writes may fail: before they were made (`lost`), or after (`unsure`). */
  readonly failures?: number;
}

interface Parked {
  /** How many ways there are to go on. */
  readonly ways: number;
  go(way: number): void;
}

/**
 * Runs the scenario once; `choose(n)` picks one of the n ways in which it can go on. Operator acts
 * are steps of actor -1.
 */
export async function runScenario<T>(
  scenario: Scenario<T>,
  choose: (ways: number) => number,
): Promise<{ readonly steps: readonly Step<T>[]; readonly record: T }> {
  let record = scenario.initial;
  let acts = 0;
  let failures = scenario.failures ?? 0;
  const steps: Step<T>[] = [];
  const parked: (Parked | undefined)[] = scenario.actors.map(() => undefined);
  const ended: boolean[] = scenario.actors.map(() => false);
  const equal = (a: T, b: T): boolean => JSON.stringify(a) === JSON.stringify(b);

  const park = <R>(actor: number, ways: number, go: (way: number) => R): Promise<R> =>
    new Promise((resolve, reject) => {
      parked[actor] = {
        ways,
        go(way) {
          parked[actor] = undefined;
          try {
            resolve(go(way));
          } catch (error) {
            reject(error);
          }
        },
      };
    });

  scenario.actors.forEach((actor, i) => {
    const port: RecordPort<T> = {
      read: () =>
        park(i, 1, () => {
          steps.push({ actor: i, kind: 'read', record });
          return record;
        }),
      compareAndSet: (_, expected, next) =>
        park(i, failures > 0 ? 3 : 1, (way) => {
          const before = record;
          const fits = equal(record, expected);
          if (fits && way !== 1) record = next;
          if (way !== 0) failures--;
          const answer = way === 1 ? 'lost' : way === 2 ? 'unsure' : fits ? 'done' : 'stale';
          steps.push({ actor: i, kind: 'write', before, after: record, answer });
          if (answer === 'lost' || answer === 'unsure') throw new Error('the store failed');
          return answer;
        }),
    };
    const compare = (): Promise<void> =>
      park(i, 1, () => {
        steps.push({ actor: i, kind: 'compare', record });
      });
    actor(port, compare).then(
      (value) => {
        ended[i] = true;
        steps.push({ actor: i, kind: 'end', value, error: '' });
      },
      (error: unknown) => {
        ended[i] = true;
        const name = error instanceof PaymentCryptoError ? error.code : String(error);
        steps.push({ actor: i, kind: 'end', value: undefined, error: name });
      },
    );
  });

  for (;;) {
    // Each actor is at its next question, or at its end.
    for (let i = 0; i < parked.length; i++)
      for (let turn = 0; parked[i] === undefined && !ended[i]; turn++) {
        if (turn > 1000) throw new Error('an actor neither asks nor ends');
        await Promise.resolve();
      }
    const waiting = parked.filter((one) => one !== undefined);
    const actLeft = acts < scenario.acts.length ? 1 : 0;
    const ways = waiting.reduce((sum, one) => sum + one.ways, actLeft);
    if (ways === 0) return { steps, record };
    let way = choose(ways);
    if (actLeft === 1 && way === ways - 1) {
      const before = record;
      record = at(scenario.acts, acts++)(record);
      steps.push({ actor: -1, kind: 'write', before, after: record, answer: 'done' });
      continue;
    }
    for (const one of waiting) {
      if (way < one.ways) {
        one.go(way);
        break;
      }
      way -= one.ways;
    }
  }
}

/** Runs the scenario in every order of its steps; returns how many there were. */
export async function everyInterleaving<T>(
  scenario: Scenario<T>,
  check: (steps: readonly Step<T>[], record: T) => void,
): Promise<number> {
  let prefix: number[] = [];
  for (let runs = 1; ; runs++) {
    const taken: number[] = [];
    const open: number[] = [];
    const { steps, record } = await runScenario(scenario, (ways) => {
      const way = prefix[taken.length] ?? 0;
      taken.push(way);
      open.push(ways);
      return way;
    });
    check(steps, record);
    let last = taken.length - 1;
    while (last >= 0 && at(taken, last) + 1 >= at(open, last)) last--;
    if (last < 0) return runs;
    prefix = [...taken.slice(0, last), at(taken, last) + 1];
  }
}
