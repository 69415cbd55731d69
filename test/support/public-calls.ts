/**
 * Every exported function of the library in one table: how it is called rightly, and of which kind
 * each argument is. The bad-input and leak tests are generated from it; a test asserts that no
 * export is missing.
 */
import * as index from '../../src/index.ts';
import * as clearFace from '../../src/keys/clear-face.ts';
import type { RandomSource, RecordPort } from '../../src/port.ts';
import { type CallRow, COLUMN_CALLS, memoriesUntouched } from './column-calls.ts';
import { SERVICE_CALLS, SERVICES } from './service-calls.ts';

/** A random source that counts what is drawn from it. */
export class CountingRandom implements RandomSource {
  drawn = 0;
  #state = 0x9e3779b9;

  fill(out: Uint8Array): void {
    this.drawn += out.length;
    for (let i = 0; i < out.length; i++) {
      // xorshift32: not random, only spread.
      this.#state ^= this.#state << 13;
      this.#state ^= this.#state >>> 17;
      this.#state ^= this.#state << 5;
      out[i] = this.#state & 255;
    }
  }
}

/** A record port over one record, which counts its writes. */
export class OneRecord<T> implements RecordPort<T> {
  record: T;
  writes = 0;
  reads = 0;

  constructor(record: T) {
    this.record = record;
  }

  async read(id: string): Promise<T | undefined> {
    this.reads++;
    return id === 'card-1' ? this.record : undefined;
  }

  async compareAndSet(_id: string, expected: T, next: T): Promise<'done' | 'stale'> {
    if (JSON.stringify(this.record) !== JSON.stringify(expected)) return 'stale';
    this.writes++;
    this.record = next;
    return 'done';
  }
}

/** Values that no error and no print may show. Fake, and long enough to be found by search. */
export const MARKER = {
  pan: '4000006173928450',
  amexPan: '374245455400126',
  pin: '947316',
  pin4: '9473',
  keyHex: '0123456789ABCDEFFEDCBA9876543210',
  offset: '7391',
  tenant: 'tenant-marker-QX7',
  plaintext: 'plaintext-marker-55210',
} as const;

export type Fixture = ReturnType<typeof makeFixture>;

/** Keys, cards and definitions that the calls of the table use. */
export function makeFixture() {
  const random = new CountingRandom();
  const {
    createCapabilityAuthority,
    createCardCodeState,
    createTryCounter,
    defineDynamicCvv2,
    defineFf1Alphabet,
    defineIbm3624Method,
    definePanRange,
    definePinPolicy,
    defineTokenProfile,
    parseExpiry,
    parsePan,
    parsePin,
    parsePsn,
    parsePvki,
    parseServiceCode,
    parseUnixSeconds,
  } = index;
  const key = <const U extends index.KeyUsage>(
    usage: U,
    algorithm: index.KeyAlgorithm,
    mode: index.ModeOfUse,
    bytes: index.KeyBytes,
  ) => index.randomKey({ usage, algorithm, mode, exportability: 'E' }, bytes, { random });
  const keys = {
    cvk: key('C0', 'T', 'C', 16),
    staticCvk: key('C0', 'T', 'C', 16),
    cvkDerive: key('C0', 'T', 'X', 16),
    totpMaster: key('M7', 'H', 'X', 32),
    codeKey: key('M7', 'H', 'C', 32),
    cardKey: key('M7', 'H', 'C', 20),
    pvkVisa: key('V2', 'T', 'C', 16),
    pvkIbm: key('V1', 'T', 'C', 24),
    pek: key('P0', 'T', 'B', 16),
    pek2: key('P0', 'T', 'B', 24),
    pekAes: key('P0', 'A', 'B', 16),
    dataAes: key('D0', 'A', 'B', 32),
    dataTdes: key('D0', 'T', 'B', 16),
    kekAes: key('K1', 'A', 'B', 32),
    kekTdes: key('K1', 'T', 'B', 24),
  };
  const marker = clearFace.importClearKeyHex(
    { usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'S' },
    MARKER.keyHex,
    { parity: 'adjust' },
  );
  const pan = parsePan(MARKER.pan, { checkDigit: 'any' });
  const luhnPan = parsePan(MARKER.pan.slice(0, -1) + String(index.luhnCheckDigit(MARKER.pan.slice(0, -1))));
  const amexPan = parsePan(MARKER.amexPan, { checkDigit: 'any' });
  const expiry = parseExpiry('2912');
  const serviceCode = parseServiceCode('201');
  const psn = parsePsn('01');
  const at = parseUnixSeconds(1_800_000_000);
  const pin = parsePin(MARKER.pin);
  const pin4 = parsePin(MARKER.pin4);
  const card = { pan, expiry, serviceCode };
  const panel = { pan, expiry };
  const method = defineIbm3624Method({
    dectab: '0123456789012345',
    validationData: { start: 1, from: 'right', digits: 12, padSide: 'right', padDigit: 'F' },
    pinLength: 4,
  });
  const policy = definePinPolicy();
  const range = definePanRange({
    iin: '400000',
    length: 16,
    exclude: [{ from: '000000000', to: '000000009' }],
  });
  const profile = defineTokenProfile({ kind: 'alphanumeric' });
  const alphabet = defineFf1Alphabet('0123456789ABCDEF');
  const scheme = defineDynamicCvv2({
    profile: 'totp',
    hash: 'SHA-256',
    masterKey: keys.totpMaster,
    digits: 3,
    t0: 0,
    periodSeconds: 300,
  });
  const clock = { now: () => at };
  const authority = createCapabilityAuthority(clock);
  const dynamicCard = { pan, psn, expiry };
  const subject = { tenant: MARKER.tenant, card: 'card-1', generation: 0 };
  const issued = index.issueDynamicCode(
    keys.codeKey,
    subject,
    { digits: 3, at, lifetimeSeconds: 600, staticCvv2: '123' },
    { random },
  );
  const reference = index.generatePvv(keys.pvkVisa, pin4, pan, parsePvki('1'));
  const offset = index.pinOffset(keys.pvkIbm, pin4, pan, method);
  const block = index.encryptPinBlock(keys.pek, pin4, pan, 'ISO-0');
  const token = index.tokenizePan(keys.dataAes, luhnPan, profile, MARKER.tenant);
  const context = Uint8Array.of(1, 2, 3);
  const plaintext = new TextEncoder().encode(MARKER.plaintext);
  const envelope = index.sealEnvelope(keys.kekAes, plaintext, context, { algorithm: 'AES-256-GCM', random });
  const codeBlock = index.sealCode(keys.dataTdes, '123', 'random-fill', { random });
  const pinBox = index.sealPin(keys.dataTdes, pin4, { random });
  const legacy = index.encryptLegacyField(keys.dataTdes, MARKER.pan, 'pan');
  const keyBlock = index.wrapKeyBlock(keys.kekAes, marker, 'D', { random });
  const exportPermit = authority.grant('export-clear-key', 900);
  const parts = clearFace.splitKey(marker, 2, exportPermit, { random });
  const tries = createTryCounter(3);
  const state = createCardCodeState(3);
  const schemeState = index.enableDynamicCvv2(state, scheme, dynamicCard, at);
  const issuedState = index.holdIssuedCode(state, issued.issued);
  const taken = index.takeTry(tries);
  return {
    random,
    keys,
    marker,
    pan,
    luhnPan,
    amexPan,
    expiry,
    serviceCode,
    psn,
    at,
    pin,
    pin4,
    card,
    panel,
    method,
    policy,
    range,
    profile,
    alphabet,
    scheme,
    clock,
    authority,
    dynamicCard,
    subject,
    issued,
    reference,
    offset,
    block,
    token,
    context,
    plaintext,
    envelope,
    codeBlock,
    pinBox,
    legacy,
    keyBlock,
    exportPermit,
    revealPermit: authority.grant('reveal-pin', 900),
    parts,
    tries,
    state,
    schemeState,
    issuedState,
    takenCounter: taken?.counter,
    ticket: taken?.ticket,
  };
}

/** What a refusal must say. */
export interface Expected {
  readonly codes?: readonly index.ErrorCode[];
  readonly fields?: readonly string[];
  /** Digits of what is wrong, where that is no text: no error may hold them. */
  readonly secret?: string;
}

/** What an argument is. */
export type Shape = {
  /** `undefined` is taken as "not said". */
  readonly optional?: boolean;
  /** Labels of mutants that are right values of this argument. */
  readonly accepts?: readonly string[];
  /** Further wrong values. */
  readonly refuses?: Readonly<Record<string, unknown>>;
  /** Further wrong values, each with what must come of it. */
  readonly refusesWith?: Readonly<Record<string, readonly [value: unknown, expected: Expected]>>;
  /** What a refusal must say, where the kind of the argument does not know better. */
  readonly expected?: Expected;
} & (
  | { readonly kind: 'digits'; readonly min: number; readonly max: number }
  | { readonly kind: 'hex'; readonly sizes?: 'fixed' | 'free' }
  | { readonly kind: 'text' }
  | { readonly kind: 'charset' }
  | { readonly kind: 'candidate' }
  | { readonly kind: 'bytes'; readonly length?: number }
  | { readonly kind: 'numerals' }
  | { readonly kind: 'whole'; readonly low: number; readonly high: number }
  | { readonly kind: 'oneOf' }
  | { readonly kind: 'key'; readonly other?: index.KeyUsage }
  | { readonly kind: 'pin' }
  | { readonly kind: 'permit'; readonly scope: index.CapabilityScope }
  | { readonly kind: 'definition' }
  | { readonly kind: 'function' }
  | { readonly kind: 'object' }
  | {
      /** A `DigitColumn`, of the name `field`. */
      readonly kind: 'column';
      readonly field: string;
      /** Code of wrong digits, and of a wrong number of them. */
      readonly code: index.ErrorCode;
      readonly low: number;
      readonly high: number;
      /** Whether the first digit may be 0. */
      readonly leadingZero?: true;
      /** Whether any number of rows is right. */
      readonly anyRows?: true;
      /** Whether it is written to, so that any content is right. */
      readonly written?: true;
      /** Whether text is right too. */
      readonly orText?: true;
    }
  | { readonly kind: 'memory' }
  | { readonly kind: 'numbers' }
  | { readonly kind: 'pins' }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'record'; readonly strict: boolean; readonly fields: Readonly<Record<string, Shape>> }
);

/** One exported function. */
export interface PublicCall {
  readonly name: string;
  readonly call: (...args: readonly unknown[]) => unknown;
  readonly valid: (f: Fixture) => readonly unknown[];
  readonly shapes: readonly Shape[];
  /** Answers a promise: refusals are rejections. */
  readonly async?: true;
  /** What a well-typed but wrong value gets where that is an answer and no refusal. */
  readonly no?: (answer: unknown) => boolean;
  /** Never throws: every mutant gets `no`. */
  readonly never?: true;
  /** What must not have changed after a refusal. */
  readonly state?: (args: readonly unknown[]) => unknown;
  /** What is called, where it is not the export of that name. */
  readonly via?: PublicCall['call'];
}

const digits = (min: number, max: number, more: Partial<Shape> = {}): Shape =>
  ({ kind: 'digits', min, max, ...more }) as Shape;
const pan = digits(12, 19);
const expiry = digits(4, 4);
const whole = (low: number, high: number, more: Partial<Shape> = {}): Shape =>
  ({ kind: 'whole', low, high, ...more }) as Shape;
const key = (other?: index.KeyUsage): Shape =>
  other === undefined ? { kind: 'key' } : { kind: 'key', other };
const pin: Shape = { kind: 'pin' };
const text: Shape = { kind: 'text' };
const candidate: Shape = { kind: 'candidate' };
const definition: Shape = { kind: 'definition' };
const oneOf: Shape = { kind: 'oneOf' };
const maybe = (shape: Shape): Shape => ({ ...shape, optional: true });
const bytes = (length?: number): Shape =>
  length === undefined ? { kind: 'bytes' } : { kind: 'bytes', length };
const record = (fields: Readonly<Record<string, Shape>>): Shape => ({
  kind: 'record',
  strict: false,
  fields,
});
const options = (fields: Readonly<Record<string, Shape>>): Shape => ({
  kind: 'record',
  strict: true,
  optional: true,
  fields,
});
const strict = (fields: Readonly<Record<string, Shape>>): Shape => ({ kind: 'record', strict: true, fields });
const random: Shape = {
  kind: 'object',
  optional: true,
  refuses: {
    'no method': {},
    'method that is none': { fill: 1 },
    // Their own method `fill` would leave every byte zero.
    'empty array': [],
    'bytes in place of a source': new Uint8Array(32),
    'words in place of a source': new Float64Array(4),
  },
};
const randomOptions = options({ random });
const permit = (scope: index.CapabilityScope): Shape => ({ kind: 'permit', scope });

const stripe = record({
  pan,
  expiry,
  serviceCode: digits(3, 3, { refuses: { '000': '000', '999': '999' } }),
});
const anyStripe = record({ pan, expiry, serviceCode: digits(3, 3) });
const panel = record({ pan, expiry });
const amexPanel = record({ pan: digits(15, 15), expiry });
const cvvDigits: Shape = { ...maybe(oneOf), refuses: { 6: 6, 0: 0 } };
const cvvOptions = options({ digits: cvvDigits });
const cvv2Options = options({ digits: cvvDigits, expiryOrder: maybe(oneOf) });
const cscOptions = strict({ digits: { ...oneOf, refuses: { 3: 3 } } });
const window = record({ past: { ...oneOf, refuses: { 3: 3 } }, future: { ...oneOf, refuses: { 3: 3 } } });
const dynamicCard = record({ pan, psn: digits(2, 2), expiry });
const unixSeconds = whole(0, 253_402_300_799);
const tenant: Shape = {
  kind: 'charset',
  accepts: ['plus', 'minus', 'point', 'exponent', 'letter', 'too short', 'too long'],
  refuses: { '129 characters': 'x'.repeat(129), 'inner space': 'a b' },
};
const subject = record({ tenant, card: tenant, generation: whole(0, Number.MAX_SAFE_INTEGER) });
const encryptedBlock = record({ format: oneOf, block: { kind: 'hex' } });
const attributes = strict({
  usage: oneOf,
  algorithm: oneOf,
  mode: oneOf,
  exportability: oneOf,
  keyVersion: maybe({ kind: 'charset', accepts: ['letter', 'exponent'] }),
});
const importOptions = { parity: maybe(oneOf), expectedKcv: maybe({ kind: 'hex' }) } satisfies Record<
  string,
  Shape
>;
const counter = record({
  limit: whole(1, 99),
  epoch: whole(0, Number.MAX_SAFE_INTEGER - 1),
  taken: whole(0, Number.MAX_SAFE_INTEGER - 1),
  cleared: whole(0, Number.MAX_SAFE_INTEGER - 1),
  issuerBlocked: oneOf,
});
const ticket = record({ taken: whole(1, 1) });
const issuedCode = record({
  tag: { kind: 'hex' },
  nonce: { kind: 'hex' },
  generation: whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  expires: whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
});
const state = record({
  active: oneOf,
  floors: {
    kind: 'list',
    of: record({ scheme: text, keyId: text, floor: whole(-1, Number.MAX_SAFE_INTEGER) }),
  },
  issued: { ...issuedCode, accepts: ['null'] },
});
const port: Shape = {
  kind: 'object',
  refuses: {
    'no methods': {},
    'one method': { read: async () => undefined },
    'methods that are none': { read: 1, compareAndSet: 1 },
  },
};
const numericProfile = strict({
  kind: oneOf,
  panLengths: { kind: 'list', of: whole(12, 19) },
  keepFirst: { ...oneOf, refuses: { 7: 7 } },
  keepLast: { ...oneOf, refuses: { 1: 1 } },
  luhn: maybe(oneOf),
  checkDigitOffset: maybe(whole(1, 9)),
});
const schemeFields = {
  profile: oneOf,
  digits: { ...oneOf, refuses: { 5: 5, 2: 2 } },
  t0: whole(0, 253_402_300_799),
  periodSeconds: whole(1, 604_800),
} satisfies Record<string, Shape>;

const no = (answer: unknown): boolean => answer === false;
const writes = ([port]: readonly unknown[]): unknown => (port instanceof OneRecord ? port.writes : undefined);
const nothing = (): readonly unknown[] => [];

/** The table. */
export const PUBLIC_CALLS: readonly PublicCall[] = (
  [
    // Card verification values.
    ['generateCvv', (f) => [f.keys.cvk, f.card, { digits: 3 }], [key('V2'), stripe, cvvOptions]],
    [
      'generateCvv2',
      (f) => [f.keys.cvk, f.panel, { digits: 3, expiryOrder: 'MMYY' }],
      [key('P0'), panel, cvv2Options],
    ],
    ['generateIcvv', (f) => [f.keys.cvk, f.panel, { digits: 5 }], [key('D0'), panel, cvvOptions]],
    [
      'generateCvvMany',
      (f) => [f.keys.cvk, [f.card, f.card], { digits: 3 }],
      [key('V1'), { kind: 'list', of: stripe }, cvvOptions],
    ],
    [
      'generateCvv2Many',
      (f) => [f.keys.cvk, [f.panel], { digits: 3, expiryOrder: 'YYMM' }],
      [key('V1'), { kind: 'list', of: panel }, cvv2Options],
    ],
    [
      'generateIcvvMany',
      (f) => [f.keys.cvk, [f.panel], { digits: 3 }],
      [key('V1'), { kind: 'list', of: panel }, cvvOptions],
    ],
    [
      'verifyCvvMany',
      (f) => [f.keys.cvk, [f.card], [index.generateCvv(f.keys.cvk, f.card)], { digits: 3 }],
      [key('V2'), { kind: 'list', of: stripe }, { kind: 'list', of: candidate }, cvvOptions],
      { no: (answer) => Array.isArray(answer) && answer.every(no) },
    ],
    [
      'verifyCvv2Many',
      (f) => [f.keys.cvk, [f.panel], [index.generateCvv2(f.keys.cvk, f.panel)], { expiryOrder: 'YYMM' }],
      [key('V2'), { kind: 'list', of: panel }, { kind: 'list', of: candidate }, cvv2Options],
      { no: (answer) => Array.isArray(answer) && answer.every(no) },
    ],
    [
      'verifyIcvvMany',
      (f) => [f.keys.cvk, [f.panel], [index.generateIcvv(f.keys.cvk, f.panel)], { digits: 3 }],
      [key('V2'), { kind: 'list', of: panel }, { kind: 'list', of: candidate }, cvvOptions],
      { no: (answer) => Array.isArray(answer) && answer.every(no) },
    ],
    [
      'verifyCvv',
      (f) => [f.keys.cvk, f.card, index.generateCvv(f.keys.cvk, f.card), { digits: 3 }],
      [key('V2'), stripe, candidate, cvvOptions],
      { no },
    ],
    [
      'verifyCvv2',
      (f) => [f.keys.cvk, f.panel, index.generateCvv2(f.keys.cvk, f.panel), { expiryOrder: 'YYMM' }],
      [key('V2'), panel, candidate, options({ expiryOrder: maybe(oneOf) })],
      { no },
    ],
    [
      'verifyIcvv',
      (f) => [f.keys.cvk, f.panel, index.generateIcvv(f.keys.cvk, f.panel), { digits: 3 }],
      [key('V2'), panel, candidate, cvvOptions],
      { no },
    ],
    [
      'generateCsc',
      (f) => [f.keys.cvk, { pan: f.amexPan, expiry: f.expiry }, { digits: 5 }],
      [key('V2'), amexPanel, cscOptions],
    ],
    [
      'verifyCsc',
      (f) => {
        const card = { pan: f.amexPan, expiry: f.expiry };
        return [f.keys.cvk, card, index.generateCsc(f.keys.cvk, card, { digits: 4 }), { digits: 4 }];
      },
      [key('V2'), amexPanel, candidate, cscOptions],
      { no },
    ],

    // Dynamic CVV2.
    ['parseUnixSeconds', (f) => [f.at], [{ ...unixSeconds, refuses: { milliseconds: 1_800_000_000_000 } }]],
    ['createCardCodeState', () => [3], [whole(1, 99)]],
    ['disableDynamicCvv2', (f) => [f.schemeState], [state]],
    ['disableDynamicCvv2', (f) => [f.issuedState], [state]],
    [
      'enableDynamicCvv2',
      (f) => [f.schemeState, f.scheme, f.dynamicCard, f.at],
      [state, definition, dynamicCard, unixSeconds],
    ],
    ['holdIssuedCode', (f) => [f.schemeState, f.issued.issued], [state, issuedCode]],
    ['generateDynamicCvv2', (f) => [f.scheme, f.dynamicCard, f.at], [definition, dynamicCard, unixSeconds]],
    [
      'verifyDynamicCvv2',
      (f) => [
        f.scheme,
        f.dynamicCard,
        index.generateDynamicCvv2(f.scheme, f.dynamicCard, f.at),
        { at: f.at, window: { past: 0, future: 0 }, floor: -1 },
      ],
      [
        definition,
        dynamicCard,
        candidate,
        strict({
          at: unixSeconds,
          window,
          floor: maybe(whole(-1, Number.MAX_SAFE_INTEGER)),
        }),
      ],
      { no: (answer) => (answer as { readonly ok?: unknown }).ok === false },
    ],
    [
      'verifyCardCode',
      (f) => [
        new OneRecord(f.schemeState),
        'card-1',
        index.generateDynamicCvv2(f.scheme, f.dynamicCard, f.at),
        { at: f.at, scheme: { scheme: f.scheme, card: f.dynamicCard, window: { past: 0, future: 0 } } },
      ],
      [
        port,
        text,
        candidate,
        strict({ at: unixSeconds, scheme: record({ scheme: definition, card: dynamicCard, window }) }),
      ],
      {
        async: true,
        no: (answer) => (answer as { readonly outcome?: unknown }).outcome === 'rejected',
        state: writes,
      },
    ],
    [
      'issueDynamicCode',
      (f) => [
        f.keys.codeKey,
        f.subject,
        { digits: 3, at: f.at, lifetimeSeconds: 60, staticCvv2: '123' },
        { random: f.random },
      ],
      [
        key('C0'),
        subject,
        strict({
          digits: { ...oneOf, refuses: { 5: 5 } },
          at: unixSeconds,
          lifetimeSeconds: whole(1, 86_400),
          staticCvv2: digits(3, 4),
        }),
        randomOptions,
      ],
    ],
    [
      'verifyIssuedCode',
      (f) => [f.keys.codeKey, f.subject, f.issued.issued, { candidate: f.issued.code, at: f.at }],
      [key('C0'), subject, issuedCode, record({ candidate, at: unixSeconds })],
      { no },
    ],
    [
      'defineDynamicCvv2',
      (f) => [
        {
          profile: 'totp',
          hash: 'SHA-1',
          masterKey: f.keys.totpMaster,
          digits: 3,
          t0: 0,
          periodSeconds: 60,
        },
      ],
      [strict({ ...schemeFields, hash: oneOf, masterKey: key('D0') })],
    ],
    [
      'defineDynamicCvv2',
      (f) => [{ profile: 'cvv-time', masterCvk: f.keys.cvkDerive, digits: 4, t0: 0, periodSeconds: 300 }],
      [strict({ ...schemeFields, masterCvk: key('D0') })],
    ],
    [
      'defineDynamicCvv2',
      (f) => [
        {
          profile: 'cvv-time',
          cvk: f.keys.cvk,
          staticCvk: f.keys.staticCvk,
          reissue: 'new-pan-only',
          digits: 3,
          t0: 0,
          periodSeconds: 300,
        },
      ],
      [strict({ ...schemeFields, cvk: key('D0'), staticCvk: key(), reissue: oneOf })],
    ],
    [
      'defineDynamicCvv2',
      () => [
        { profile: 'custom', name: 'house', generate: () => '123', digits: 3, t0: 0, periodSeconds: 300 },
      ],
      [strict({ ...schemeFields, name: text, generate: { kind: 'function' } })],
    ],

    // Code blocks and envelopes.
    [
      'sealCode',
      (f) => [f.keys.dataTdes, MARKER.pin, 'random-fill', { random: f.random }],
      [key('P0'), digits(1, 12), oneOf, randomOptions],
    ],
    [
      'openCode',
      (f) => [f.keys.dataTdes, f.codeBlock, 'random-fill', { digits: 3 }],
      [key('P0'), bytes(8), oneOf, options({ digits: maybe(whole(1, 12)) })],
    ],
    [
      'sealEnvelope',
      (f) => [f.keys.kekAes, f.plaintext, f.context, { algorithm: 'AES-256-GCM', random: f.random }],
      [
        key('D0'),
        { ...bytes(), refuses: { '65 001 bytes': new Uint8Array(65_001) } },
        { ...bytes(), refuses: { '65 001 bytes': new Uint8Array(65_001) } },
        strict({ algorithm: oneOf, random }),
      ],
    ],
    [
      'openEnvelope',
      (f) => [f.keys.kekAes, f.envelope, f.context],
      [key('D0'), { ...bytes(), refuses: { empty: new Uint8Array(0), zeros: new Uint8Array(200) } }, bytes()],
    ],
    [
      'encryptLegacyField',
      (f) => [f.keys.dataTdes, MARKER.pan, 'pan'],
      [
        key('P0'),
        {
          kind: 'charset',
          accepts: ['empty', 'plus', 'minus', 'point', 'exponent', 'letter', 'too short'],
          refuses: { 'a space at the end': 'abc ', '17 characters': 'x'.repeat(17) },
        },
        oneOf,
      ],
    ],
    ['decryptLegacyField', (f) => [f.keys.dataTdes, f.legacy, 'pan'], [key('P0'), bytes(16), oneOf]],

    // FF1.
    [
      'defineFf1Alphabet',
      () => ['0123456789'],
      [
        {
          kind: 'text',
          refuses: {
            empty: '',
            one: 'a',
            'one twice': 'aba',
            'lone surrogates': '\ude00\ud83d0123456789',
            'a megabyte of digits': '1'.repeat(1_000_000),
          },
        },
      ],
    ],
    [
      'encryptFf1',
      (f) => [f.keys.dataAes, 10, [1, 2, 3, 4, 5, 6, 7], f.context],
      [key('P0'), whole(2, 65_536), { kind: 'numerals' }, bytes()],
    ],
    [
      'decryptFf1',
      (f) => [f.keys.dataAes, 10, [1, 2, 3, 4, 5, 6, 7], f.context],
      [key('P0'), whole(2, 65_536), { kind: 'numerals' }, bytes()],
    ],
    [
      'encryptFf1Text',
      (f) => [f.keys.dataAes, f.alphabet, MARKER.pan, f.context],
      [key('P0'), definition, digits(5, 4096), bytes()],
    ],
    [
      'decryptFf1Text',
      (f) => [f.keys.dataAes, f.alphabet, MARKER.pan, f.context],
      [key('P0'), definition, digits(5, 4096), bytes()],
    ],

    // Keys.
    [
      'createCapabilityAuthority',
      (f) => [f.clock],
      [{ kind: 'object', refuses: { 'no method': {}, 'method that is none': { now: 1 } } }],
    ],
    ['CapabilityAuthority.grant', () => ['reveal-pin', 60], [oneOf, whole(1, 900)]],
    [
      'keyCheckValue',
      (f) => [f.keys.dataAes, { method: 'cmac-zero-block', bytes: 5 }],
      [key(), options({ method: maybe(oneOf), bytes: { ...maybe(oneOf), refuses: { 4: 4, 8: 8 } } })],
    ],
    [
      'requireUsage',
      (f) => [f.keys.pek, 'P0'],
      [
        { ...key(), accepts: ['destroyed'] },
        { ...oneOf, refuses: { 'a PAN': MARKER.pan, 'another usage': 'C0' } },
      ],
    ],
    [
      'randomKey',
      (f) => [
        { usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'E', keyVersion: '00' },
        16,
        { random: f.random },
      ],
      [attributes, whole(16, 24, { refuses: { 17: 17, 20: 20, 8: 8, 32: 32 } }), randomOptions],
    ],
    [
      'wrapKeyBlock',
      (f) => [
        f.keys.kekAes,
        f.marker,
        'D',
        {
          random: f.random,
          optionalBlocks: [{ id: 'KS', text: '00' }],
          purpose: 'exchange',
          legacyVersion: 'refuse',
        },
      ],
      [
        key('D0'),
        key(),
        oneOf,
        options({
          random,
          purpose: maybe(oneOf),
          legacyVersion: maybe(oneOf),
          optionalBlocks: maybe({
            kind: 'list',
            of: record({ id: { kind: 'charset', accepts: ['letter'] }, text }),
          }),
        }),
      ],
    ],
    [
      'unwrapKeyBlock',
      (f) => [f.keys.kekAes, f.keyBlock],
      [key('D0'), { kind: 'charset', refuses: { 'version A': 'A0072P0TE00E0000' } }],
    ],
    [
      'parseKeyBlockHeader',
      (f) => [f.keyBlock.slice(0, 16)],
      [
        {
          kind: 'charset',
          accepts: ['trailing space', 'newline', 'carriage return', 'NUL', 'delete', 'too long'],
        },
      ],
    ],
    [
      'importClearKey',
      () => [
        { usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'E', keyVersion: '00' },
        Uint8Array.from(MARKER.keyHex.match(/../g) ?? [], (hex) => Number.parseInt(hex, 16)),
        { parity: 'adjust', expectedKcv: '08D7B4' },
      ],
      [attributes, bytes(16), options(importOptions)],
    ],
    [
      'importClearKeyHex',
      () => [
        { usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'E', keyVersion: '00' },
        MARKER.keyHex,
        { parity: 'adjust', expectedKcv: '08D7B4' },
      ],
      [attributes, { kind: 'hex', sizes: 'fixed' }, options(importOptions)],
    ],
    ['exportClearKey', (f) => [f.marker, f.exportPermit], [key(), permit('export-clear-key')]],
    [
      'splitKey',
      (f) => [f.marker, 2, f.exportPermit, { random: f.random }],
      [key(), whole(2, 9), permit('export-clear-key'), randomOptions],
    ],
    [
      'combineComponents',
      (f) => [
        { usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'E', keyVersion: '00' },
        f.parts,
        { parity: 'adjust', expectedKcv: f.marker.kcv, zeroComponent: 'refuse' },
      ],
      [
        attributes,
        { kind: 'list', of: record({ bytes: bytes(16), kcv: { kind: 'hex' } }) },
        options({ ...importOptions, zeroComponent: maybe(oneOf) }),
      ],
    ],

    // PANs.
    [
      'parsePan',
      () => [MARKER.pan, { checkDigit: 'any' }],
      [digits(12, 19), options({ checkDigit: maybe(oneOf) })],
    ],
    ['isPan', (f) => [f.luhnPan], [digits(12, 19)], { no, never: true }],
    ['isLuhnValid', (f) => [f.luhnPan], [digits(2, 64)], { no, never: true }],
    ['luhnCheckDigit', () => [MARKER.pan], [digits(1, 64)]],
    [
      'maskPan',
      (f) => [f.pan, { first: 6 }],
      [pan, options({ first: { ...maybe(oneOf), refuses: { 7: 7 } } })],
    ],
    ['panTail12', (f) => [f.pan], [pan]],
    ['parseExpiry', () => ['2912'], [{ ...expiry, refuses: { 'month 00': '2900', 'month 13': '2913' } }]],
    ['parseServiceCode', () => ['201'], [digits(3, 3)]],
    ['parsePsn', () => ['01'], [digits(2, 2)]],
    [
      'formatTrack1',
      (f) => [f.card, 'DOE/JANE', '0000123'],
      [
        anyStripe,
        {
          kind: 'charset',
          accepts: ['leading space', 'trailing space', 'minus', 'point', 'too short', 'too long', 'letter'],
        },
        {
          kind: 'charset',
          accepts: ['empty', 'leading space', 'trailing space', 'too short', 'too long', 'letter'],
        },
      ],
    ],
    ['formatTrack2', (f) => [f.card, '0000123'], [anyStripe, digits(0, 14)]],
    [
      'definePanRange',
      () => [{ iin: '400000', length: 16, exclude: [{ from: '000000000', to: '000000001' }] }],
      [
        strict({
          iin: digits(6, 8, { refuses: { '7 digits': '4000001', 'a leading 0': '012345' } }),
          length: whole(12, 19),
          exclude: maybe({
            kind: 'list',
            of: record({ from: digits(9, 9, { refuses: { later: '000000002' } }), to: digits(9, 9) }),
          }),
        }),
      ],
    ],
    ['randomPan', (f) => [f.range, { random: f.random }], [definition, randomOptions]],
    [
      'claimPan',
      (f) => [index.createMemoryPanRegistry(), f.range, { attempts: 5, random: f.random }],
      [
        { kind: 'object', refuses: { 'no method': {}, 'method that is none': { claim: 1 } } },
        definition,
        options({ attempts: maybe(whole(1, 100_000)), random }),
      ],
      { async: true },
    ],
    ['createMemoryPanRegistry', nothing, []],
    [
      'panFromSequence',
      (f) => [f.keys.dataAes, f.range, 17],
      [key('P0'), definition, whole(0, 999_999_999, { accepts: ['bigint'] })],
    ],
    [
      'nextPanFromSequence',
      (f) => [f.keys.dataAes, f.range, 17, { mostSkips: 10 }],
      [key('P0'), definition, whole(0, 999_999_999), options({ mostSkips: maybe(whole(0, 100_000)) })],
    ],

    // PINs.
    ['parsePin', () => [MARKER.pin], [digits(4, 12)]],
    ['revealPin', (f) => [f.pin, f.revealPermit], [pin, permit('reveal-pin')]],
    [
      'verifyPin',
      (f) => [new OneRecord(f.tries), 'card-1', () => true],
      [port, text, { kind: 'function' }],
      { async: true, state: writes },
    ],
    ['parseDectab', () => ['0123456789012345'], [digits(16, 16, { refuses: { weak: '0000000100000001' } })]],
    [
      'defineIbm3624Method',
      () => [
        {
          dectab: '0123456789012345',
          validationData: { start: 0, from: 'left', digits: 12, padSide: 'left', padDigit: 'F' },
          pinLength: 4,
        },
      ],
      [
        strict({
          dectab: digits(16, 16, { refuses: { weak: '0000000000000000' } }),
          validationData: strict({
            start: whole(0, 18),
            from: oneOf,
            digits: whole(1, 16),
            padSide: oneOf,
            padDigit: { kind: 'charset', refuses: { 'lower case': 'f', letter: 'G' } },
          }),
          pinLength: whole(4, 12),
        }),
      ],
    ],
    [
      'defineIbm3624Method',
      () => [{ dectab: '0123456789012345', validationData: { template: '000000N00000' }, pinLength: 4 }],
      [
        strict({
          dectab: digits(16, 16),
          validationData: strict({
            template: { kind: 'charset', refuses: { 'no N': '000000000000', 'two N': '00000N0N0000' } },
          }),
          pinLength: whole(4, 12),
        }),
      ],
    ],
    ['parsePinOffset', () => [MARKER.offset], [digits(4, 12)]],
    ['naturalPin', (f) => [f.keys.pvkIbm, f.pan, f.method], [key('V2'), pan, definition]],
    ['pinOffset', (f) => [f.keys.pvkIbm, f.pin4, f.pan, f.method], [key('V2'), pin, pan, definition]],
    [
      'pinFromOffset',
      (f) => [f.keys.pvkIbm, f.offset, f.pan, f.method],
      [key('V2'), digits(4, 4), pan, definition],
    ],
    [
      'verifyPinOffset',
      (f) => [f.keys.pvkIbm, f.pin4, f.pan, { offset: f.offset, method: f.method }],
      [key('V2'), pin, pan, record({ offset: digits(4, 4), method: definition })],
    ],
    [
      'parsePvki',
      () => ['1', { range: '1-6' }],
      [
        { ...digits(1, 1), refuses: { 7: 7, '7 as text': '7', 0: 0, fraction: 1.5 } },
        options({ range: maybe(oneOf) }),
      ],
    ],
    ['parsePvv', () => ['1234'], [digits(4, 4)]],
    [
      'generatePvv',
      (f) => [f.keys.pvkVisa, f.pin4, f.pan, '1', { longPin: 'refuse' }],
      [key('V1'), pin, pan, digits(1, 1), options({ longPin: maybe(oneOf) })],
    ],
    [
      'verifyPvv',
      (f) => [f.keys.pvkVisa, f.pin4, f.pan, f.reference, { longPin: 'refuse' }],
      [
        key('V1'),
        pin,
        pan,
        record({ pvki: digits(1, 1), pvv: digits(4, 4) }),
        options({ longPin: maybe(oneOf) }),
      ],
    ],
    ['randomPin', (f) => [f.policy, 4, { random: f.random }], [definition, whole(4, 6), randomOptions]],
    [
      'definePinPolicy',
      () => [{ minLength: 4, maxLength: 12, repeated: 'refuse', sequences: 'allow', listed: [MARKER.pin] }],
      [
        options({
          minLength: maybe(whole(4, 12)),
          maxLength: maybe(whole(4, 12)),
          repeated: maybe(oneOf),
          sequences: maybe(oneOf),
          listed: maybe({ kind: 'list', of: digits(4, 12) }),
        }),
      ],
    ],
    ['isWeakPin', (f) => [f.pin, f.policy], [pin, definition]],
    ['requirePinPolicy', (f) => [f.pin, f.policy], [pin, definition]],
    ['sealPin', (f) => [f.keys.dataTdes, f.pin, { random: f.random }], [key('P0'), pin, randomOptions]],
    ['openPin', (f) => [f.keys.dataTdes, f.pinBox], [key('P0'), bytes(8)]],

    // PIN blocks.
    ['parseEncryptedPinBlock', (f) => ['ISO-0', f.block.block], [oneOf, { kind: 'hex' }]],
    [
      'encodePinBlock',
      (f) => ['ISO-3', f.pin, f.pan, f.revealPermit, { random: f.random }],
      [oneOf, pin, pan, permit('reveal-pin'), randomOptions],
    ],
    [
      'decodePinBlock',
      (f) => ['ISO-0', index.encodePinBlock('ISO-0', f.pin, f.pan, f.revealPermit), f.pan],
      [oneOf, bytes(8), pan],
    ],
    [
      'encryptPinBlock',
      (f) => [f.keys.pek, f.pin, f.pan, 'ISO-3', { random: f.random }],
      [key('D0'), pin, pan, { ...oneOf, refuses: { 'format 2': 'ISO-2' } }, randomOptions],
    ],
    ['decryptPinBlock', (f) => [f.keys.pek, f.block, f.pan], [key('D0'), encryptedBlock, pan]],
    [
      'translatePinBlock',
      (f) => [
        { from: f.keys.pek, to: f.keys.pekAes },
        f.block,
        { pan: f.pan },
        'ISO-4',
        { random: f.random },
      ],
      [
        record({ from: key('D0'), to: key('D0') }),
        encryptedBlock,
        strict({ pan, targetPan: maybe(pan), permit: { ...permit('change-pan'), accepts: ['*'] } }),
        { ...oneOf, refuses: { 'format 2': 'ISO-2', 'format 1': 'ISO-1' } },
        randomOptions,
      ],
    ],
    [
      'verifyPinBlock',
      (f) => [{ pek: f.keys.pek, pvk: f.keys.pvkVisa }, f.block, f.pan, f.reference, { longPin: 'refuse' }],
      [
        record({ pek: key('D0'), pvk: key('V1') }),
        encryptedBlock,
        pan,
        record({ pvki: digits(1, 1), pvv: digits(4, 4) }),
        options({ longPin: maybe(oneOf) }),
      ],
    ],
    [
      'verifyPinBlock',
      (f) => [
        { pek: f.keys.pek, pvk: f.keys.pvkIbm },
        f.block,
        f.pan,
        { offset: f.offset, method: f.method },
        {},
      ],
      [
        record({ pek: key('D0'), pvk: key('V2') }),
        encryptedBlock,
        pan,
        record({ offset: digits(4, 4), method: definition }),
        options({}),
      ],
    ],
    [
      'prepareVerifyPinBlock',
      (f) => [{ pek: f.keys.pek, pvk: f.keys.pvkVisa }, f.block, f.pan, f.reference, { longPin: 'refuse' }],
      [
        record({ pek: key('D0'), pvk: key('V1') }),
        encryptedBlock,
        pan,
        record({ pvki: digits(1, 1), pvv: digits(4, 4) }),
        options({ longPin: maybe(oneOf) }),
      ],
    ],

    // Tokens.
    [
      'defineTokenProfile',
      () => [
        {
          kind: 'numeric',
          panLengths: [16],
          keepFirst: 6,
          keepLast: 0,
          luhn: 'invalid',
          checkDigitOffset: 1,
        },
      ],
      [numericProfile],
    ],
    [
      'defineTokenProfile',
      () => [{ kind: 'alphanumeric', panLengths: [16] }],
      [strict({ kind: oneOf, panLengths: maybe({ kind: 'list', of: whole(14, 19) }) })],
    ],
    [
      'tokenizePan',
      (f) => [f.keys.dataAes, f.luhnPan, f.profile, MARKER.tenant],
      [key('P0'), digits(14, 19), definition, tenant],
    ],
    [
      'detokenizePan',
      (f) => [f.keys.dataAes, f.token, f.profile, MARKER.tenant],
      [key('P0'), { kind: 'charset' }, definition, tenant],
    ],

    // Tries.
    ['createMemoryRecords', nothing, []],
    ['MemoryRecords.put', (f) => ['card-1', f.tries], [text, { kind: 'object' }]],
    ['createTryCounter', () => [3], [whole(1, 99)]],
    ['parseTryCounter', (f) => [f.tries], [counter]],
    ['triesLeft', (f) => [f.tries], [counter]],
    ['isBlocked', (f) => [f.tries], [counter]],
    ['takeTry', (f) => [f.tries], [counter]],
    ['forgiveTries', (f) => [f.takenCounter, f.ticket], [counter, ticket]],
    ['unblock', (f) => [f.tries], [counter]],
    ['issuerBlock', (f) => [f.tries], [counter]],
    ['renewTries', (f) => [f.tries], [counter]],

    ...COLUMN_CALLS,
    ...SERVICE_CALLS,
  ] as readonly CallRow[]
).map(([name, valid, shapes, more]) => ({
  name,
  valid,
  shapes,
  call: more?.via ?? functionNamed(name),
  state: memoriesUntouched,
  ...more,
}));

function functionNamed(name: string): PublicCall['call'] {
  if (name === 'CapabilityAuthority.grant')
    return index.createCapabilityAuthority({ now: () => index.parseUnixSeconds(1_800_000_000) })
      .grant as unknown as PublicCall['call'];
  if (name === 'MemoryRecords.put')
    return index.createMemoryRecords<object>().put as unknown as PublicCall['call'];
  return { ...index, ...clearFace, ...SERVICES }[name as keyof typeof index] as unknown as PublicCall['call'];
}

/** The names of all exported functions, classes aside. */
export function exportedFunctions(): readonly string[] {
  return Object.entries({ ...index, ...clearFace, ...SERVICES })
    .filter(([, value]) => typeof value === 'function' && !/^class\b/.test(String(value)))
    .map(([name]) => name)
    .sort();
}

/** One wrong call: the label of what is wrong, the arguments, and what must come of it. */
export interface BadCall {
  readonly label: string;
  readonly args: () => readonly unknown[];
  /** The wrong value itself, where it is text: no error may hold it. */
  readonly wrong: unknown;
  readonly expect: 'refuse' | 'answer';
  /** What a refusal must say. */
  readonly expected: Expected;
}

type Mutant = readonly [
  label: string,
  value: unknown,
  expect: 'refuse' | 'answer',
  path: readonly (string | number)[],
  expected?: Expected | undefined,
];

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function detached(length: number): Uint8Array {
  const array = new Uint8Array(length);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

function detachedNumbers(length: number): Uint16Array {
  const array = new Uint16Array(length);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

function shared(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length));
}

/** Values of every type; which of them are wrong depends on the argument. */
function wrongTypes(valid: unknown): Readonly<Record<string, unknown>> {
  const text = typeof valid === 'string' ? valid : '12345678';
  return {
    undefined: undefined,
    null: null,
    true: true,
    number: 12_345_678,
    NaN: Number.NaN,
    bigint: 123n,
    symbol: Symbol(text),
    function: () => valid,
    string: text,
    'boxed string': new String(text),
    'array of characters': [...text.slice(0, 100)],
    'object with toString': { toString: () => text, valueOf: () => text, [Symbol.toPrimitive]: () => text },
    'empty object': {},
    'object without prototype': Object.create(null),
    date: new Date(0),
    'bytes of the text': new TextEncoder().encode(text),
    'proxy of an object': new Proxy({}, {}),
    'proxy of bytes': new Proxy(new Uint8Array(8), {}),
    'object with the prototype of bytes': Object.create(Uint8Array.prototype),
    'revoked proxy': revoked(),
  };
}

const OBJECTS = [
  'empty object',
  'object without prototype',
  'object with toString',
  'boxed string',
  'date',
  'bytes of the text',
  'proxy of an object',
  'proxy of bytes',
  'object with the prototype of bytes',
  'revoked proxy',
];

function typeMutants(valid: unknown, without: readonly string[]): Mutant[] {
  return Object.entries(wrongTypes(valid))
    .filter(([label]) => !without.includes(label))
    .map(([label, value]) => [label, value, 'refuse', []]);
}

function shifted(text: string, zero: number): string {
  return text.replace(/[0-9]/g, (digit) => String.fromCodePoint(zero + Number(digit)));
}

/** Text that looks right and is not. */
function malformed(valid: string, shape: Shape): Readonly<Record<string, string>> {
  const head = valid.slice(0, -1);
  const [short, long] =
    shape.kind === 'digits'
      ? ['1'.repeat(Math.max(0, shape.min - 1)), '1'.repeat(shape.max + 1)]
      : shape.kind === 'hex'
        ? [valid.slice(0, -2), `${valid}00`]
        : [head, `${valid}A`];
  const texts: Record<string, string> = {
    empty: '',
    'leading space': ` ${valid}`,
    'trailing space': `${valid} `,
    newline: `${valid}\n`,
    'carriage return': `${valid}\r`,
    NUL: `${valid}\0`,
    delete: `${valid}\x7f`,
    plus: `+${valid.slice(1)}`,
    minus: `-${valid.slice(1)}`,
    point: `${valid.slice(0, 1)}.${valid.slice(2)}`,
    exponent: `${head}e`,
    letter: `${head}O`,
    'lone surrogate': `${head}\ud800`,
    'full-width digit': `${head}\uff11`,
    'Arabic digit': `${head}\u0661`,
    'all full-width': shifted(valid, 0xff10),
    'all Arabic': shifted(valid, 0x0660),
    'all mathematical': shifted(valid, 0x1d7ce),
    'too short': short,
    'too long': long,
    'a megabyte': '1'.repeat(1_000_000),
  };
  if (shape.kind === 'hex') {
    texts['hex prefix'] = `0x${valid.slice(2)}`;
    texts['odd'] = head;
    // Both are hex digits.
    delete texts['exponent'];
  }
  if (shape.kind === 'digits' && shape.min === 0) {
    delete texts['empty'];
    delete texts['too short'];
  }
  for (const [label, text] of Object.entries(texts)) if (text === valid) delete texts[label];
  return texts;
}

function wholeMutants(valid: unknown, low: number, high: number): Mutant[] {
  const values: Record<string, unknown> = {
    NaN: Number.NaN,
    Infinity: Number.POSITIVE_INFINITY,
    '-Infinity': Number.NEGATIVE_INFINITY,
    fraction: Number(valid) + 0.5,
    '2^53': 2 ** 53,
    '-2^53': -(2 ** 53),
    '1e21': 1e21,
    'below the least': low - 1,
    'above the most': high + 1,
    text: String(valid),
    bigint: BigInt(Number(valid)),
    boxed: new Number(valid),
    'in an array': [valid],
    'object with valueOf': { valueOf: () => valid },
  };
  return Object.entries(values).map(([label, value]) => [label, value, 'refuse', []]);
}

function keyMutants(key: index.Key, other: index.KeyUsage | undefined): Mutant[] {
  const attributes = key.attributes;
  const destroyed = index.randomKey(attributes, key.keyBytes);
  destroyed.destroy();
  const forged: Record<string, unknown> = {
    'attributes alone': { ...attributes },
    'look-alike': { attributes, keyBytes: key.keyBytes, kcv: key.kcv, blocksLeft: 1, destroyed: false },
    'JSON-revived': JSON.parse(JSON.stringify(key)),
    cloned: structuredClone(key),
    'behind a proxy': new Proxy(key, {}),
    inherited: Object.create(key),
    'prototype without contents': Object.assign(Object.create(Object.getPrototypeOf(key)), {
      attributes,
      keyBytes: key.keyBytes,
      kcv: key.kcv,
    }),
    'a PIN': index.parsePin('123456'),
    destroyed,
  };
  if (other !== undefined)
    forged['another usage'] = index.randomKey({ ...attributes, usage: other }, key.keyBytes);
  const codes: Readonly<Record<string, index.ErrorCode>> = {
    destroyed: 'ERR_KEY_DESTROYED',
    'another usage': 'ERR_KEY_USAGE',
  };
  return Object.entries(forged).map(([label, value]) => [
    label,
    value,
    'refuse',
    [],
    { codes: [codes[label] ?? 'ERR_INPUT'] },
  ]);
}

function pinMutants(pin: index.ClearPin): Mutant[] {
  const destroyed = index.parsePin('1234');
  destroyed.destroy();
  const forged: Record<string, unknown> = {
    'look-alike': { length: 4 },
    'JSON-revived': JSON.parse(JSON.stringify(pin)),
    cloned: structuredClone(pin),
    'behind a proxy': new Proxy(pin, {}),
    inherited: Object.create(pin),
    digits: [1, 2, 3, 4],
    destroyed,
  };
  return Object.entries(forged).map(([label, value]) => [label, value, 'refuse', []]);
}

function clearPinsMutants(pins: index.ClearPins): Mutant[] {
  const { count, length } = pins;
  const column = (rows: number): index.DigitColumn =>
    index.digitColumn(new Array(rows).fill('9473'.padEnd(length, '1')));
  const destroyed = index.parsePins(column(count));
  destroyed.destroy();
  const forged: Record<string, unknown> = {
    'look-alike': { count, length },
    'JSON-revived': JSON.parse(JSON.stringify(pins)),
    cloned: structuredClone(pins),
    'behind a proxy': new Proxy(pins, {}),
    inherited: Object.create(pins),
    'a column of digits': column(count),
    'digits of a PIN': [1, 2, 3, 4],
    'array of texts': new Array(count).fill('9473'),
    'array of PINs': new Array(count).fill(index.parsePin('9473')),
    'one PIN': index.parsePin('9473'),
    destroyed,
  };
  return Object.entries(forged).map(([label, value]) => [label, value, 'refuse', []]);
}

/** What is no live Uint8Array. */
function notBytes(length: number): Readonly<Record<string, unknown>> {
  return {
    hex: '00'.repeat(length),
    'array of numbers': new Array(length).fill(0x31),
    ArrayBuffer: new ArrayBuffer(length),
    SharedArrayBuffer: new SharedArrayBuffer(length),
    DataView: new DataView(new ArrayBuffer(length)),
    Uint16Array: new Uint16Array(length),
    Uint32Array: new Uint32Array(length),
    Int8Array: new Int8Array(length),
    Uint8ClampedArray: new Uint8ClampedArray(length),
    'detached buffer': detached(length),
    'array with the prototype of bytes': Object.setPrototypeOf(
      new Array(length).fill(0),
      Uint8Array.prototype,
    ),
  };
}

/** What is no live Uint16Array. */
function notNumbers(length: number): Readonly<Record<string, unknown>> {
  return {
    'array of numbers': new Array(length).fill(1),
    ArrayBuffer: new ArrayBuffer(2 * length),
    SharedArrayBuffer: new SharedArrayBuffer(2 * length),
    DataView: new DataView(new ArrayBuffer(2 * length)),
    Uint8Array: new Uint8Array(length),
    'Uint8Array of as many bytes': new Uint8Array(2 * length),
    Uint32Array: new Uint32Array(length),
    Int16Array: new Int16Array(length),
    Float64Array: new Float64Array(length),
    'detached buffer': detachedNumbers(length),
    'proxy of numbers': new Proxy(new Uint16Array(length), {}),
    'object with the prototype of numbers': Object.create(Uint16Array.prototype),
  };
}

/** Arrays that are too short or too long. */
function otherLengths(make: (length: number) => unknown, length: number): Readonly<Record<string, unknown>> {
  return {
    empty: make(0),
    'one less': make(length - 1),
    'one more': make(length + 1),
    twice: make(2 * length),
  };
}

/** Digits that are none: what takes the place of a digit, by the encoding. */
const NO_DIGITS = {
  ascii: {
    slash: 0x2f,
    colon: 0x3a,
    space: 0x20,
    NUL: 0,
    letter: 0x4f,
    'high bit': 0xb1,
    FF: 0xff,
    value: 7,
  },
  bcd: { A: 10, F: 15 },
} as const;

/** A copy of the bytes of a column with another digit at a place. */
function withDigit(column: index.DigitColumn, row: number, place: number, digit: number): Uint8Array {
  const { digits, encoding } = column;
  const data = column.data.slice();
  if (encoding === 'ascii') {
    data[row * digits + place] = digit;
    return data;
  }
  const at = row * ((digits + 1) >> 1) + (place >> 1);
  const byte = data[at] as number;
  data[at] = (place & 1) === 0 ? (digit << 4) | (byte & 15) : (byte & 0xf0) | digit;
  return data;
}

function columnMutants(valid: unknown, shape: Shape & { readonly kind: 'column' }): Mutant[] {
  const { field, code } = shape;
  const column = valid as index.DigitColumn;
  const { data, digits, encoding } = column;
  const rowBytes = encoding === 'bcd' ? (digits + 1) >> 1 : digits;
  const rows = data.length / rowBytes;
  const found: Mutant[] = [];
  const add = (
    values: Readonly<Record<string, unknown>>,
    expected: Expected,
    ...path: readonly (string | number)[]
  ): void => {
    for (const [label, value] of Object.entries(values)) found.push([label, value, 'refuse', path, expected]);
  };
  const input = ['ERR_INPUT'] as const;

  // The column itself.
  const { undefined: none, ...types } = wrongTypes('12345678');
  add(
    { undefined: none, ...types },
    { codes: shape.orText ? ['ERR_INPUT', code] : input, fields: [field, `${field}.data`] },
  );
  add(
    {
      'empty array': [],
      'bytes alone': data,
      'unknown name': { ...column, rows },
      'misspelt name': { data, Digits: digits, encoding },
      'inherited names': Object.create(column),
      'JSON-revived': JSON.parse(JSON.stringify(column)),
      map: new Map(Object.entries(column)),
    },
    { codes: input, fields: [field, `${field}.data`] },
  );

  // Its bytes.
  const notData = { ...wrongTypes('12345678'), ...notBytes(data.length) } as Record<string, unknown>;
  delete notData['bytes of the text'];
  add(notData, { codes: input, fields: [`${field}.data`] }, 'data');
  const torn: Record<string, unknown> = { 'a byte more': new Uint8Array(data.length + 1) };
  if (rowBytes > 1) torn['a byte less'] = data.slice(1);
  add(torn, rowBytes > 1 ? { codes: input, fields: [`${field}.data`] } : {}, 'data');
  if (shape.anyRows !== true) {
    const row = data.slice(0, rowBytes);
    const values = {
      'no row': new Uint8Array(0),
      'a row less': data.slice(rowBytes),
      'a row more': Uint8Array.of(...data, ...row),
    };
    // The other columns have to have as many rows: which of them is named depends.
    add(values, { codes: ['ERR_INPUT', 'ERR_PIN'] }, 'data');
    add(
      { 'the other encoding': encoding === 'ascii' ? 'bcd' : 'ascii' },
      { codes: ['ERR_INPUT', 'ERR_PIN'] },
      'encoding',
    );
  }

  // Their number.
  const wholes = [
    ...typeMutants(digits, ['number', 'NaN', 'bigint']),
    ...wholeMutants(digits, shape.low, shape.high),
  ];
  for (const [label, value] of wholes)
    add(
      { [label]: value },
      { codes: [value === null ? 'ERR_INPUT' : code], fields: [`${field}.digits`] },
      'digits',
    );
  add({ '-0': -0, '2^32 more': digits + 2 ** 32 }, { codes: [code], fields: [`${field}.digits`] }, 'digits');

  // The encoding.
  const encodings = ofShape({ kind: 'oneOf' }, encoding).map(([label, value]) => [label, value] as const);
  add(
    { ...Object.fromEntries(encodings), raw: 'raw', ASCII: 'ASCII', number: 0 },
    { codes: input, fields: [`${field}.encoding`] },
    'encoding',
  );

  // The digits.
  if (shape.written === true) return found;
  for (const row of new Set([0, rows >> 1, rows - 1])) {
    const secret = index.digitTexts(column)[row] as string;
    const expected = { codes: [code], fields: [`${field}[${row}]`], secret };
    for (const place of new Set([0, digits >> 1, digits - 1]))
      for (const [label, digit] of Object.entries(NO_DIGITS[encoding]))
        add(
          { [`${label} in row ${row}, digit ${place}`]: withDigit(column, row, place, digit) },
          expected,
          'data',
        );
    if (shape.leadingZero !== true)
      add(
        { [`0 at the start of row ${row}`]: withDigit(column, row, 0, encoding === 'ascii' ? 0x30 : 0) },
        expected,
        'data',
      );
  }
  return found;
}

/** A clone, without the functions that cannot be cloned. */
function cloneOf(value: object): object {
  return structuredClone(
    Object.fromEntries(Object.entries(value).filter(([, item]) => typeof item !== 'function')),
  );
}

function definitionMutants(value: object): Mutant[] {
  const forged: Record<string, unknown> = {
    copied: { ...value },
    'frozen copy': Object.freeze({ ...value }),
    'JSON-revived': JSON.parse(JSON.stringify(value)),
    cloned: cloneOf(value),
    'behind a proxy': new Proxy(value, {}),
    inherited: Object.create(value),
  };
  return Object.entries(forged).map(([label, wrong]) => [label, wrong, 'refuse', []]);
}

function permitMutants(permit: object, scope: index.CapabilityScope): Mutant[] {
  let now = 1_800_000_000;
  const authority = index.createCapabilityAuthority({ now: () => index.parseUnixSeconds(now) });
  const expired = authority.grant(scope, 1);
  now += 1;
  const revokedPermit = authority.grant(scope, 900);
  revokedPermit.revoke();
  const otherScope = authority.grant(
    index.CAPABILITY_SCOPES.find((other) => other !== scope) as index.CapabilityScope,
    900,
  );
  return [
    ...definitionMutants(permit),
    ['expired', expired, 'refuse', []],
    ['revoked', revokedPermit, 'refuse', []],
    ['another scope', otherScope, 'refuse', []],
  ];
}

/** The wrong values of an argument. */
function mutants(shape: Shape, valid: unknown): Mutant[] {
  const found = ofShape(shape, valid);
  for (const [label, value] of Object.entries(shape.refuses ?? {})) found.push([label, value, 'refuse', []]);
  for (const [label, [value, expected]] of Object.entries(shape.refusesWith ?? {}))
    found.push([label, value, 'refuse', [], expected]);
  const told = found.map(([label, value, expect, path, expected]): Mutant => {
    const own = path.length === 0 ? { ...shape.expected, ...expected } : expected;
    return [label, value, expect, path, own];
  });
  return told.filter(
    ([label, value, , path]) =>
      path.length > 0 ||
      !(
        (shape.optional === true && value === undefined) ||
        shape.accepts?.includes('*') ||
        shape.accepts?.includes(label)
      ),
  );
}

function ofShape(shape: Shape, valid: unknown): Mutant[] {
  switch (shape.kind) {
    case 'text':
      return typeMutants(valid, ['string']);
    case 'candidate':
      return [
        ...typeMutants(valid, ['string']),
        ...Object.entries(malformed(String(valid), shape)).map(
          ([label, value]): Mutant => [label, value, 'answer', []],
        ),
      ];
    case 'digits':
    case 'hex':
    case 'charset':
      return [
        ...typeMutants(valid, ['string']),
        ...Object.entries(malformed(String(valid), shape)).map(
          ([label, value]): Mutant => [label, value, 'refuse', []],
        ),
      ];
    case 'bytes': {
      const right = valid as Uint8Array;
      const values: Record<string, unknown> = {
        hex: '00'.repeat(right.length),
        'array of numbers': [...right],
        ArrayBuffer: right.slice().buffer,
        DataView: new DataView(right.slice().buffer),
        Uint16Array: new Uint16Array(right.length),
        Int8Array: new Int8Array(right.length),
        'shared memory': shared(right.length),
        'detached buffer': detached(right.length),
      };
      if (shape.length !== undefined) {
        values['one byte less'] = right.slice(1);
        values['one byte more'] = new Uint8Array(right.length + 1);
      }
      return [
        ...typeMutants(valid, ['bytes of the text']),
        ...Object.entries(values).map(([label, value]): Mutant => [label, value, 'refuse', []]),
      ];
    }
    case 'numerals': {
      const sparse = [1, 2, 3, 4, 5, 6, 7];
      delete sparse[3];
      const values: Record<string, unknown> = {
        'numeral of text': [1, 2, '3', 4, 5, 6, 7],
        'numeral of the radix': [1, 2, 10, 4, 5, 6, 7],
        'negative numeral': [1, 2, -1, 4, 5, 6, 7],
        'fractional numeral': [1, 2, 1.5, 4, 5, 6, 7],
        'NaN numeral': [1, 2, Number.NaN, 4, 5, 6, 7],
        'null numeral': [1, 2, null, 4, 5, 6, 7],
        sparse,
        'five numerals': [1, 2, 3, 4, 5],
        '4097 numerals': new Array(4097).fill(1),
        'array-like': { length: 7, 0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1 },
        Float64Array: new Float64Array(7),
        Uint32Array: new Uint32Array(7),
        'shared memory': shared(7),
        'shared words': new Uint16Array(new SharedArrayBuffer(14)),
        'detached buffer': detached(7),
      };
      return [
        ...typeMutants('1234567', ['bytes of the text']),
        ...Object.entries(values).map(([label, value]): Mutant => [label, value, 'refuse', []]),
      ];
    }
    case 'whole':
      return [
        ...typeMutants(valid, ['number', 'NaN', 'bigint']),
        ...wholeMutants(valid, shape.low, shape.high),
      ];
    case 'oneOf': {
      const values: Record<string, unknown> = {
        'in an array': [valid],
        '-1': -1,
        '0.5': 0.5,
        __proto__name: '__proto__',
        constructor: 'constructor',
        'name of a method': 'toString',
        'empty text': '',
      };
      if (typeof valid === 'string') {
        values['space after'] = `${valid} `;
        values['space before'] = ` ${valid}`;
        values['NUL after'] = `${valid}\0`;
        for (const other of [valid.toLowerCase(), valid.toUpperCase()])
          if (other !== valid) values['other case'] = other;
      } else values['as text'] = String(valid);
      return [
        ...typeMutants(typeof valid === 'string' ? valid : undefined, [
          ...(typeof valid === 'boolean' ? ['true'] : []),
          ...(typeof valid === 'string' ? ['string'] : []),
        ]),
        ...Object.entries(values).map(([label, value]): Mutant => [label, value, 'refuse', []]),
      ];
    }
    case 'key':
      return [...typeMutants('12345678', []), ...keyMutants(valid as index.Key, shape.other)];
    case 'pin':
      return [...typeMutants('123456', []), ...pinMutants(valid as index.ClearPin)];
    case 'permit':
      return [
        ...typeMutants('12345678', []),
        ...(valid === undefined ? [] : permitMutants(valid as object, shape.scope)),
      ];
    case 'definition':
      return [...typeMutants('12345678', []), ...definitionMutants(valid as object)];
    case 'function':
      return typeMutants('12345678', ['function']);
    case 'object':
      return typeMutants('12345678', OBJECTS);
    case 'column':
      return columnMutants(valid, shape);
    case 'memory': {
      const { length } = valid as Uint8Array;
      const values = { ...notBytes(length), ...otherLengths((n) => new Uint8Array(n), length) };
      return [
        ...typeMutants('12345678', ['bytes of the text']),
        ...Object.entries(values).map(([label, value]): Mutant => [label, value, 'refuse', []]),
      ];
    }
    case 'numbers': {
      const { length } = valid as Uint16Array;
      const values = { ...notNumbers(length), ...otherLengths((n) => new Uint16Array(n), length) };
      return [
        ...typeMutants('12345678', []),
        ...Object.entries(values).map(([label, value]): Mutant => [label, value, 'refuse', []]),
      ];
    }
    case 'pins':
      return [...typeMutants('12345678', []), ...clearPinsMutants(valid as index.ClearPins)];
    case 'list': {
      const list = valid as readonly unknown[];
      const sparse = [...list];
      delete sparse[0];
      const found: Mutant[] = [
        ...typeMutants('12345678', ['array of characters']),
        ['array-like', { ...list, length: list.length }, 'refuse', []],
        ['set', new Set(list), 'refuse', []],
      ];
      if (list.length > 0) found.push(['sparse', sparse, 'refuse', []]);
      if (list.length > 0) found.push(...within(0, mutants(shape.of, list[0])));
      return found;
    }
    case 'record': {
      const found = typeMutants('12345678', OBJECTS);
      found.push(['empty array', [], 'refuse', []]);
      if (typeof valid !== 'object' || valid === null) return found;
      const fields = Object.entries(shape.fields);
      if (shape.strict) {
        found.push(['unknown name', { ...valid, allowWeak: true }, 'refuse', []]);
        const first = fields[0]?.[0];
        if (first !== undefined)
          found.push(['misspelt name', { ...valid, [first.toUpperCase()]: 1 }, 'refuse', []]);
        if (shape.optional !== true) found.push(['empty object', {}, 'refuse', []]);
      }
      for (const [name, field] of fields)
        found.push(...within(name, mutants(field, (valid as Record<string, unknown>)[name])));
      return found;
    }
  }
}

function within(name: string | number, inner: readonly Mutant[]): Mutant[] {
  return inner.map(([label, value, expect, path, expected]) => [
    label,
    value,
    expect,
    [name, ...path],
    expected,
  ]);
}

/** The same with another value at a place. */
export function replaced(valid: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  if (Array.isArray(valid)) {
    const copy = [...valid];
    copy[Number(name)] = replaced(copy[Number(name)], rest, value);
    return copy;
  }
  const record = valid as Record<string, unknown>;
  return { ...record, [name]: replaced(record[name], rest, value) };
}

/** Every wrong call of one row of the table. */
export function badCalls(row: PublicCall, f: Fixture): BadCall[] {
  const sample = row.valid(f);
  return row.shapes.flatMap((shape, position) =>
    mutants(shape, sample[position]).map(([label, value, expect, path, expected]) => ({
      label: `${row.name}(${[`#${position}`, ...path].join('.')}: ${label})`,
      args: () => {
        const args = [...row.valid(f)];
        args[position] = replaced(args[position], path, value);
        return args;
      },
      wrong: expected?.secret ?? value,
      expect: row.never === true ? 'answer' : expect,
      expected: expected ?? {},
    })),
  );
}

function shareable<T extends Uint8Array | Uint16Array>(array: T): T {
  const Typed = array.constructor as new (buffer: SharedArrayBuffer) => T;
  const copy = new Typed(new SharedArrayBuffer(array.byteLength));
  copy.set(array);
  return copy;
}

/** The right value of an argument with its columns and outputs over shared memory; the value itself where it has none. */
function overShared(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case 'column':
      return { ...(value as index.DigitColumn), data: shareable((value as index.DigitColumn).data) };
    case 'memory':
    case 'numbers':
      return shareable(value as Uint8Array);
    case 'record': {
      if (typeof value !== 'object' || value === null) return value;
      const entries = Object.entries(value);
      const found = entries.map(([name, item]) => {
        const field = shape.fields[name];
        return [name, field === undefined ? item : overShared(field, item)];
      });
      return found.every(([, item], i) => item === entries[i]?.[1]) ? value : Object.fromEntries(found);
    }
    default:
      return value;
  }
}

/** The right arguments of a call over shared memory; `undefined` where it takes none. */
export function sharedArguments(row: PublicCall, f: Fixture): readonly unknown[] | undefined {
  const args = row.valid(f);
  const shared = args.map((value, position) => {
    const shape = row.shapes[position];
    return shape === undefined ? value : overShared(shape, value);
  });
  return shared.every((value, position) => value === args[position]) ? undefined : shared;
}
