/** The functions of the services, for the table of public calls: HSM, stores and issuer as they are made. */
import * as hsm from '../../src/hsm/index.ts';
import * as index from '../../src/index.ts';
import * as issuer from '../../src/issuer/index.ts';
import * as clearFace from '../../src/keys/clear-face.ts';
import * as storeContract from '../../src/store/contract-face.ts';
import * as stores from '../../src/store/index.ts';
import type { CallRow } from './column-calls.ts';
import type { Fixture, Shape } from './public-calls.ts';

/** Everything that the faces of the services export. */
export const SERVICES = { ...hsm, ...stores, ...storeContract, ...issuer };

const definition: Shape = { kind: 'definition' };
const oneOf: Shape = { kind: 'oneOf' };
const maybe = (shape: Shape): Shape => ({ ...shape, optional: true });
const whole = (low: number, high: number): Shape => ({ kind: 'whole', low, high });
const strict = (fields: Readonly<Record<string, Shape>>): Shape => ({ kind: 'record', strict: true, fields });
const options = (fields: Readonly<Record<string, Shape>>): Shape => maybe(strict(fields));
const listOf = (of: Shape): Shape => ({ kind: 'list', of });
const audit: Shape = { kind: 'function' };
/** Labels and identifiers: letters, digits and some marks. */
const label: Shape = {
  kind: 'charset',
  accepts: ['minus', 'point', 'exponent', 'letter', 'too short', 'too long'],
  refuses: { '65 characters': 'x'.repeat(65), 'inner space': 'a b', umlaut: 'schl\u00fcssel' },
};
const tenant: Shape = {
  kind: 'charset',
  accepts: ['plus', 'minus', 'point', 'exponent', 'letter', 'too short', 'too long'],
  refuses: { '129 characters': 'x'.repeat(129), 'inner space': 'a b' },
};

/** An object that has these methods. */
function port(...names: readonly string[]): Shape {
  const none = Object.fromEntries(names.map((name) => [name, 1]));
  const refuses: Record<string, unknown> = { 'no methods': {}, 'methods that are none': none };
  for (const missing of names)
    refuses[`all but ${missing}`] = Object.fromEntries(
      names.filter((name) => name !== missing).map((name) => [name, () => undefined]),
    );
  return { kind: 'object', refuses };
}

const storageKey = index.randomKey({ usage: 'K1', algorithm: 'A', mode: 'B', exportability: 'N' }, 32);
const backend = clearFace.defineCipherBackend({
  aes: () => ({ encryptBlocks: () => undefined, wipe: () => undefined }),
});
const memory = stores.createMemoryStore();

/** A client of SQLite that keeps nothing, but says that it does. */
const sqlite = {
  exec: () => undefined,
  prepare: (sql: string) => ({
    run: () => ({ changes: 1 }),
    get: () =>
      sql.includes('journal_mode') ? { mode: 'wal' } : sql.includes('PRAGMA') ? { s: 2 } : { version: 1 },
    all: () => [],
  }),
};

/** The same of PostgreSQL. */
const postgres = {
  query: async (text: string) => ({
    rows: [text.includes('fsync') ? { fsync: 'on', commit: 'on', standbys: '' } : { version: 1 }],
  }),
};

/** An HSM that answers nothing: what an issuer asks of it while it is made. */
const silent = Object.fromEntries(
  ['tagRecords', 'verifyRecords', 'drawPan', 'issueCards', 'requireDistinctKeys'].map((name) => [
    name,
    async () => undefined,
  ]),
);

const productOf = (f: Fixture): issuer.ProductDefinition => ({
  id: 'product-1',
  scheme: 'visa',
  funding: 'debit',
  range: f.range,
  sequenceKey: 'sequence',
  tokens: { key: 'tokens', profile: f.profile, tenant: 'tests' },
  cvk: 'cvk',
  serviceCode: f.serviceCode,
  cvv2Expiry: 'YYMM',
  validityMonths: 36,
  pin: {
    method: 'pvv',
    pvki: f.reference.pvki,
    pvk: 'pvk',
    tagKey: 'pins',
    sealKey: 'seal',
    length: 4,
    tryLimit: 3,
    recoverable: true,
  },
  codeTryLimit: 5,
  activationTryLimit: 3,
  dynamicCvv2: { key: 'dynamic', lifetimeSeconds: 600 },
  unblocksPerDay: 1,
});

/** The rows. */
export const SERVICE_CALLS: readonly CallRow[] = [
  [
    'defineHsmPolicy',
    (f) => [
      {
        pins: f.policy,
        pinBlockFormats: ['ISO-0'],
        translations: { 'ISO-0': ['ISO-0'] },
        ibm3624Methods: { standard: f.method },
        minimumKeyBytes: { T: 16, A: 16, H: 32 },
        exportVersions: ['D'],
      },
    ],
    [
      options({
        pins: maybe(definition),
        pinBlockFormats: maybe({
          ...listOf(oneOf),
          refuses: { 'format 1': ['ISO-1'], four: Array(4).fill('ISO-0') },
        }),
        translations: options({
          'ISO-0': maybe({
            ...listOf(oneOf),
            refusesWith: { 'format 1': [['ISO-1'], { codes: ['ERR_POLICY'] }] },
          }),
        }),
        ibm3624Methods: {
          kind: 'record',
          strict: false,
          optional: true,
          fields: { standard: definition },
          accepts: ['bytes of the text', 'boxed string'],
        },
        minimumKeyBytes: options({
          T: maybe(oneOf),
          A: maybe(oneOf),
          H: maybe({ ...oneOf, refuses: { 21: 21 } }),
        }),
        exportVersions: maybe({ ...listOf(oneOf), refuses: { E: ['E'] } }),
      }),
    ],
  ],
  [
    'createSoftHsm',
    (f) => [
      {
        storageKey,
        keyStore: hsm.createMemoryKeyStore(),
        authority: f.authority,
        clock: f.clock,
        policy: hsm.defineHsmPolicy(),
        audit: () => undefined,
        random: f.random,
        backend,
      },
    ],
    [
      strict({
        storageKey: { kind: 'key', other: 'D0' },
        keyStore: port('get', 'list', 'put'),
        authority: port('grant'),
        clock: port('now'),
        policy: maybe(definition),
        audit: maybe(audit),
        random: maybe({ ...port('fill'), refuses: { 'no method': {}, bytes: new Uint8Array(32) } }),
        backend: maybe(definition),
      }),
    ],
  ],
  ['createMemoryKeyStore', () => [], []],
  ['createMemoryStore', () => [{ allowLoss: true }], [options({ allowLoss: maybe(oneOf) })]],
  ['createMemoryAnchor', () => [], []],
  [
    'createSqliteStore',
    () => [sqlite, { busyTimeout: 100, cacheSize: 1000 }],
    [
      port('exec', 'prepare'),
      options({ busyTimeout: maybe(whole(0, 600_000)), cacheSize: maybe(whole(0, 2 ** 24)) }),
    ],
  ],
  [
    'createPostgresStore',
    () => [postgres, { replicated: false, migrate: true }],
    [
      port('query'),
      options({
        replicated: maybe({ ...oneOf, accepts: ['true'] }),
        migrate: maybe({ ...oneOf, accepts: ['true', 'false'] }),
      }),
    ],
    { async: true },
  ],
  ['createStoreKeyStore', () => [memory], [port('get', 'find', 'commit')]],
  ['createStoreAnchor', () => [memory], [port('get', 'commit')]],
  [
    'storeContract',
    () => [{ open: async () => memory, again: async () => memory, close: async () => undefined }],
    [port('open', 'again', 'close')],
  ],
  [
    'createIssuer',
    (f) => [
      {
        hsm: silent,
        store: memory,
        keys: { records: 'records', panIndex: ['index'] },
        products: [issuer.defineProduct(productOf(f))],
        clients: { ATM: { pek: 'pek', codes: 'codes', kek: 'kek' } },
        clock: f.clock,
        audit: () => undefined,
        anchor: stores.createMemoryAnchor(),
        accounts: {
          customerOf: async () => undefined,
          hasCustomer: async () => false,
          openAccount: async () => undefined,
        },
      },
    ],
    [
      strict({
        hsm: port('tagRecords', 'verifyRecords', 'drawPan', 'issueCards'),
        store: port('get', 'find', 'commit'),
        keys: {
          kind: 'record',
          strict: false,
          fields: {
            records: label,
            panIndex: { ...listOf(label), refuses: { none: [], three: ['a', 'b', 'c'] } },
          },
        },
        products: listOf(definition),
        clients: {
          kind: 'record',
          strict: false,
          fields: {
            ATM: {
              kind: 'record',
              strict: true,
              fields: { pek: maybe(label), codes: maybe(label), kek: maybe(label) },
              accepts: ['empty object'],
            },
          },
        },
        clock: port('now'),
        audit,
        accounts: maybe(port('customerOf', 'hasCustomer', 'openAccount')),
        anchor: maybe(port('read', 'raise')),
      }),
    ],
    { async: true },
  ],
  [
    'defineProduct',
    (f) => [productOf(f)],
    [
      strict({
        id: label,
        scheme: oneOf,
        funding: oneOf,
        range: definition,
        sequenceKey: label,
        tokens: {
          kind: 'record',
          strict: false,
          // Which profile it is, the HSM finds out.
          fields: { key: label, profile: { kind: 'object' }, tenant },
        },
        cvk: label,
        serviceCode: { kind: 'digits', min: 3, max: 3 },
        cvv2Expiry: maybe(oneOf),
        validityMonths: whole(1, 240),
        pin: maybe(
          strict({
            method: oneOf,
            pvki: { kind: 'digits', min: 1, max: 1 },
            pvk: label,
            tagKey: label,
            sealKey: label,
            length: whole(4, 12),
            tryLimit: whole(1, 99),
            recoverable: { ...oneOf, refuses: { 'false beside a sealing key': false } },
          }),
        ),
        codeTryLimit: maybe(whole(1, 99)),
        activationTryLimit: maybe(whole(1, 99)),
        dynamicCvv2: maybe(strict({ key: label, lifetimeSeconds: whole(1, 86_400) })),
        unblocksPerDay: maybe(whole(0, 99)),
      }),
    ],
  ],
];
