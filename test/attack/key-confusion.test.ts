/**
 * Key confusion: a key of one usage, algorithm, mode or length in the operation of another.
 *
 * R. Anderson, M. Bond, "API-level attacks on embedded systems" (2001); V. Cortier, S. Delaune,
 * G. Steel, "A formal theory of key conjuring", INRIA RR-6134 (2007); ANSI X9.143:2021, 6.3.
 *
 * The matrix is every operation of the policy table, driven through its public function, times every
 * usage, algorithm, mode of use and length that a key object can have.
 */
import { describe, expect, it } from 'vitest';
import { randomSource } from '../../src/bytes/random.ts';
import { macUnder } from '../../src/hsm/inside.ts';
import { fieldSealer, openField } from '../../src/hsm/sealed-field.ts';
import * as cw from '../../src/index.ts';
import { PaymentCryptoError, POLICY } from '../../src/index.ts';
import { KEY_BYTES, type Key, tdesFor } from '../../src/keys/key.ts';
import { OPERATIONS, type Operation, policyRefusal } from '../../src/keys/policy.ts';
import { KEY_ALGORITHMS, MODES_OF_USE } from '../../src/keys/usage.ts';
import { codeOf, hex, isPin, unhex } from '../support/arbitraries.ts';
import { mapNibbles } from '../support/oracle/ibm3624.ts';
import { type Fixture, makeFixture } from '../support/public-calls.ts';

// biome-ignore lint/suspicious/noExplicitAny: the attack is a cast.
type Any = any;

const f = makeFixture();
const USAGES = Object.keys(cw.KEY_USAGES) as cw.KeyUsage[];
const REFUSALS = ['ERR_KEY_USAGE', 'ERR_KEY_ALGORITHM', 'ERR_KEY_MODE', 'ERR_KEY_LENGTH'];

const target: { [A in cw.KeyAlgorithm]: Key } = {
  T: f.keys.dataTdes,
  A: cw.randomKey({ usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'E' }, 16),
  H: f.keys.codeKey,
};
const aesBlock = cw.encryptPinBlock(f.keys.pekAes, f.pin4, f.pan, 'ISO-4');
const tdesKeyBlock = cw.wrapKeyBlock(f.keys.kekTdes, f.marker, 'B');
const isoKeyBlock = `E0084B0TV16N0000${'0'.repeat(68)}`;
const provisioned = cw.defineDynamicCvv2({
  profile: 'totp',
  hash: 'SHA-1',
  masterKey: 'provisioned',
  digits: 3,
  t0: 0,
  periodSeconds: 60,
});
const fieldKey = cw.randomKey({ usage: 'D3', algorithm: 'A', mode: 'B', exportability: 'N' }, 32);
const sealedField = fieldSealer(fieldKey, randomSource(undefined)).seal(f.plaintext, f.context);
const amex = { pan: f.amexPan, expiry: f.expiry };
const rows = 2;
const panColumn = cw.digitColumn(new Array(rows).fill(f.pan));
const luhnPanColumn = cw.digitColumn(new Array(rows).fill(f.luhnPan));
const cardColumns = { pan: panColumn, expiry: f.expiry, serviceCode: f.serviceCode };
const clearPins = cw.parsePins(cw.digitColumn(['9473', '1234']));
const numeric = cw.defineTokenProfile({ kind: 'numeric', panLengths: [16], keepFirst: 6, keepLast: 0 });
const numbers = (): Uint16Array => new Uint16Array(rows);
const blank = (digits: number): cw.DigitColumn => ({
  data: new Uint8Array(rows * digits),
  digits,
  encoding: 'ascii',
});
const tokenColumn = blank(16);
cw.tokenizePanColumn(f.keys.dataAes, luhnPanColumn, numeric, 'tenant', tokenColumn);
const blockColumn = new Uint8Array(8 * rows);
cw.encryptPinBlockColumn(f.keys.pek2, clearPins, panColumn, 'ISO-0', blockColumn);
const batch = {
  keys: { pan: f.keys.dataAes, cvk: f.keys.cvk, pvk: f.keys.pvkVisa, pek: f.keys.pek },
  range: f.range,
  expiry: f.expiry,
  serviceCode: f.serviceCode,
  pvki: f.reference.pvki,
  pinPolicy: f.policy,
  pinBlockFormat: 'ISO-0',
} as const;
/** Cards issued with one key in place of another. */
const issueWith = (name: keyof typeof batch.keys) => (key: Any) =>
  cw.issueColumns({ ...batch, keys: { ...batch.keys, [name]: key } }, 0, rows);
const fits = (key: Key): 'ISO-4' | 'ISO-0' => (key.attributes.algorithm === 'A' ? 'ISO-4' : 'ISO-0');

/** Each operation through its public function, with a key of any kind. */
const DRIVERS: { readonly [O in Operation]: (key: Any, fixture: Fixture) => unknown } = {
  generateCvv: (key) => cw.generateCvv(key, f.card),
  verifyCvv: (key) => cw.verifyCvv(key, f.card, '123'),
  generateCsc: (key) => cw.generateCsc(key, amex, { digits: 4 }),
  verifyCsc: (key) => cw.verifyCsc(key, amex, '1234', { digits: 4 }),
  deriveCvvTimeKey: (masterCvk) =>
    cw.defineDynamicCvv2({ profile: 'cvv-time', masterCvk, digits: 3, t0: 0, periodSeconds: 300 }),
  deriveTotpKey: (masterKey) =>
    cw.defineDynamicCvv2({ profile: 'totp', hash: 'SHA-1', masterKey, digits: 3, t0: 0, periodSeconds: 60 }),
  generateTotp: (cardKey) => cw.generateDynamicCvv2(provisioned, { ...f.dynamicCard, cardKey }, f.at),
  verifyTotp: (cardKey) =>
    cw.verifyDynamicCvv2(provisioned, { ...f.dynamicCard, cardKey }, '123', {
      at: f.at,
      window: { past: 0, future: 0 },
    }),
  issueDynamicCode: (key) =>
    cw.issueDynamicCode(key, f.subject, { digits: 3, at: f.at, lifetimeSeconds: 60, staticCvv2: '123' }),
  verifyDynamicCode: (key) =>
    cw.verifyIssuedCode(key, f.subject, f.issued.issued, { candidate: '123', at: f.at }),
  generatePvv: (key) => cw.generatePvv(key, f.pin4, f.pan, f.reference.pvki),
  verifyPvv: (key) => cw.verifyPvv(key, f.pin4, f.pan, f.reference),
  generatePinOffset: (key) => cw.pinOffset(key, f.pin4, f.pan, f.method),
  verifyPinOffset: (key) => cw.verifyPinOffset(key, f.pin4, f.pan, { offset: f.offset, method: f.method }),
  encryptPinBlock: (key) => cw.encryptPinBlock(key, f.pin4, f.pan, fits(key)),
  decryptPinBlock: (key) => cw.decryptPinBlock(key, fits(key) === 'ISO-4' ? aesBlock : f.block, f.pan),
  panFromSequence: (key) => cw.panFromSequence(key, f.range, 1),
  tokenizePan: (key) => cw.tokenizePan(key, f.luhnPan, f.profile, 'tenant'),
  detokenizePan: (key) => cw.detokenizePan(key, f.token, f.profile, 'tenant'),
  encryptFf1: (key) => cw.encryptFf1(key, 10, [1, 2, 3, 4, 5, 6], f.context),
  decryptFf1: (key) => cw.decryptFf1Text(key, f.alphabet, '123456', f.context),
  sealCode: (key) => cw.sealCode(key, '123', 'F-fill'),
  openCode: (key) => cw.openCode(key, f.codeBlock, 'random-fill'),
  encryptLegacyField: (key) => cw.encryptLegacyField(key, 'abc', 'pan'),
  decryptLegacyField: (key) => cw.decryptLegacyField(key, f.legacy, 'pan'),
  sealEnvelope: (key) => cw.sealEnvelope(key, f.plaintext, f.context, { algorithm: 'AES-256-GCM' }),
  openEnvelope: (key) => cw.openEnvelope(key, f.envelope, f.context),
  wrapKeyBlock: (key) =>
    cw.wrapKeyBlock(
      key,
      key.keyBytes === 16 ? target.T : f.marker,
      key.attributes.algorithm === 'A' ? 'D' : 'B',
    ),
  unwrapKeyBlock: (key) =>
    cw.unwrapKeyBlock(
      key,
      key.attributes.usage === 'K4'
        ? isoKeyBlock
        : key.attributes.algorithm === 'A'
          ? f.keyBlock
          : tdesKeyBlock,
    ),
  indexPan: (key) => macUnder(key, 'indexPan')(f.context),
  tagPin: (key) => macUnder(key, 'tagPin')(f.context),
  verifyPinTag: (key) => macUnder(key, 'verifyPinTag')(f.context),
  tagRecord: (key) => macUnder(key, 'tagRecord')(f.context),
  verifyRecordTag: (key) => macUnder(key, 'verifyRecordTag')(f.context),
  sealField: (key) => fieldSealer(key, randomSource(undefined)).seal(f.plaintext, f.context),
  openField: (key) => openField(key, sealedField, f.context),
};

/** Functions that reach the same row of the table by another road. */
const OTHER_DRIVERS: readonly (readonly [Operation, string, (key: Any) => unknown])[] = [
  ['generateCvv', 'generateCvv2', (key) => cw.generateCvv2(key, f.panel)],
  ['generateCvv', 'generateIcvv', (key) => cw.generateIcvv(key, f.panel)],
  ['generateCvv', 'generateCvvMany', (key) => cw.generateCvvMany(key, [f.card])],
  ['generateCvv', 'generateCvv2Many', (key) => cw.generateCvv2Many(key, [f.panel])],
  ['generateCvv', 'generateIcvvMany', (key) => cw.generateIcvvMany(key, [f.panel])],
  ['generateCvv', 'generateCvvMany of nothing', (key) => cw.generateCvvMany(key, [])],
  ['verifyCvv', 'verifyCvv2', (key) => cw.verifyCvv2(key, f.panel, '123')],
  ['verifyCvv', 'verifyIcvv', (key) => cw.verifyIcvv(key, f.panel, '123')],
  ['verifyCvv', 'verifyCvvMany', (key) => cw.verifyCvvMany(key, [f.card], ['123'])],
  ['verifyCvv', 'verifyCvv2Many', (key) => cw.verifyCvv2Many(key, [f.panel], ['123'])],
  ['verifyCvv', 'verifyIcvvMany', (key) => cw.verifyIcvvMany(key, [f.panel], ['123'])],
  ['generatePinOffset', 'naturalPin', (key) => cw.naturalPin(key, f.pan, f.method)],
  ['generatePinOffset', 'pinFromOffset', (key) => cw.pinFromOffset(key, f.offset, f.pan, f.method)],
  ['encryptFf1', 'encryptFf1Text', (key) => cw.encryptFf1Text(key, f.alphabet, '123456', f.context)],
  ['decryptFf1', 'decryptFf1', (key) => cw.decryptFf1(key, 10, [1, 2, 3, 4, 5, 6], f.context)],
  ['panFromSequence', 'nextPanFromSequence', (key) => cw.nextPanFromSequence(key, f.range, 1)],
  ['sealCode', 'sealPin', (key) => cw.sealPin(key, f.pin4)],
  ['openCode', 'openPin', (key) => cw.openPin(key, f.pinBox)],
  [
    'verifyPvv',
    'verifyPinBlock',
    (key) => cw.verifyPinBlock({ pek: f.keys.pek, pvk: key }, f.block, f.pan, f.reference),
  ],
  [
    'verifyPinOffset',
    'verifyPinBlock (offset)',
    (key) =>
      cw.verifyPinBlock({ pek: f.keys.pek, pvk: key }, f.block, f.pan, {
        offset: f.offset,
        method: f.method,
      }),
  ],
  [
    'decryptPinBlock',
    'verifyPinBlock (pek)',
    (key) =>
      cw.verifyPinBlock(
        { pek: key, pvk: f.keys.pvkVisa },
        fits(key) === 'ISO-4' ? aesBlock : f.block,
        f.pan,
        f.reference,
      ),
  ],
  [
    'decryptPinBlock',
    'translatePinBlock (from)',
    (key) =>
      cw.translatePinBlock(
        { from: key, to: f.keys.pek2 },
        fits(key) === 'ISO-4' ? aesBlock : f.block,
        { pan: f.pan },
        'ISO-3',
      ),
  ],
  [
    'encryptPinBlock',
    'translatePinBlock (to)',
    (key) =>
      cw.translatePinBlock(
        { from: f.keys.pek2, to: key },
        cw.encryptPinBlock(f.keys.pek2, f.pin4, f.pan, 'ISO-0'),
        { pan: f.pan },
        fits(key) === 'ISO-4' ? 'ISO-4' : 'ISO-3',
      ),
  ],

  // Over columns.
  ['generateCvv', 'generateCvvColumns', (key) => cw.generateCvvColumns(key, cardColumns, numbers())],
  ['generateCvv', 'generateCvv2Columns', (key) => cw.generateCvv2Columns(key, cardColumns, numbers())],
  ['generateCvv', 'generateIcvvColumns', (key) => cw.generateIcvvColumns(key, cardColumns, numbers())],
  [
    'generateCvv',
    'generateCvvSetColumns',
    (key) => cw.generateCvvSetColumns(key, cardColumns, { cvv: numbers(), cvv2: numbers(), icvv: numbers() }),
  ],
  [
    'verifyCvv',
    'verifyCvvColumns',
    (key) => cw.verifyCvvColumns(key, cardColumns, numbers(), new Uint8Array(1)),
  ],
  [
    'verifyCvv',
    'verifyCvv2Columns',
    (key) => cw.verifyCvv2Columns(key, cardColumns, numbers(), new Uint8Array(1)),
  ],
  [
    'verifyCvv',
    'verifyIcvvColumns',
    (key) => cw.verifyIcvvColumns(key, cardColumns, numbers(), new Uint8Array(1)),
  ],
  [
    'generatePvv',
    'generatePvvColumn',
    (key) => cw.generatePvvColumn(key, clearPins, panColumn, f.reference.pvki, numbers()),
  ],
  [
    'verifyPvv',
    'verifyPvvColumn',
    (key) =>
      cw.verifyPvvColumn(
        key,
        clearPins,
        panColumn,
        { pvki: f.reference.pvki, values: numbers() },
        new Uint8Array(1),
      ),
  ],
  ['generatePinOffset', 'naturalPins', (key) => cw.naturalPins(key, panColumn, f.method)],
  [
    'generatePinOffset',
    'pinOffsetColumn',
    (key) => cw.pinOffsetColumn(key, clearPins, panColumn, f.method, blank(4)),
  ],
  [
    'encryptPinBlock',
    'encryptPinBlockColumn',
    (key) => cw.encryptPinBlockColumn(key, clearPins, panColumn, 'ISO-0', new Uint8Array(8 * rows)),
  ],
  [
    'decryptPinBlock',
    'translatePinBlockColumn (from)',
    (from) =>
      cw.translatePinBlockColumn(
        { from, to: f.keys.pek },
        blockColumn,
        panColumn,
        { from: 'ISO-0', to: 'ISO-3' },
        { blocks: new Uint8Array(8 * rows), decoded: new Uint8Array(1) },
      ),
  ],
  [
    'encryptPinBlock',
    'translatePinBlockColumn (to)',
    (to) =>
      cw.translatePinBlockColumn(
        { from: f.keys.pek2, to },
        blockColumn,
        panColumn,
        { from: 'ISO-0', to: 'ISO-3' },
        { blocks: new Uint8Array(8 * rows), decoded: new Uint8Array(1) },
      ),
  ],
  [
    'panFromSequence',
    'panColumnFromSequence',
    (key) => cw.panColumnFromSequence(key, f.range, 20, blank(16)),
  ],
  [
    'tokenizePan',
    'tokenizePanColumn',
    (key) => cw.tokenizePanColumn(key, luhnPanColumn, numeric, 'tenant', blank(16)),
  ],
  [
    'detokenizePan',
    'detokenizePanColumn',
    (key) => cw.detokenizePanColumn(key, tokenColumn, numeric, 'tenant', blank(16)),
  ],
  ['encryptFf1', 'encryptFf1Column', (key) => cw.encryptFf1Column(key, panColumn, f.context, blank(16))],
  ['decryptFf1', 'decryptFf1Column', (key) => cw.decryptFf1Column(key, panColumn, f.context, blank(16))],
  ['encryptLegacyField', 'encryptLegacyBlocks', (key) => cw.encryptLegacyBlocks(key, blockColumn)],
  ['decryptLegacyField', 'decryptLegacyBlocks', (key) => cw.decryptLegacyBlocks(key, blockColumn)],
  [
    'decryptLegacyField',
    'decryptLegacyCbc',
    (key) => cw.decryptLegacyCbc(key, new Uint8Array(8), blockColumn),
  ],
  ['panFromSequence', 'issueColumns (pan)', issueWith('pan')],
  ['generateCvv', 'issueColumns (cvk)', issueWith('cvk')],
  ['generatePvv', 'issueColumns (pvk)', issueWith('pvk')],
  ['encryptPinBlock', 'issueColumns (pek)', issueWith('pek')],
];

/** One key object of every kind. */
const KEYS: readonly Key[] = USAGES.flatMap((usage) =>
  KEY_ALGORITHMS.flatMap((algorithm) =>
    MODES_OF_USE.flatMap((mode) =>
      KEY_BYTES[algorithm].map((bytes) =>
        cw.randomKey({ usage, algorithm, mode, exportability: 'E' }, bytes as cw.KeyBytes),
      ),
    ),
  ),
);

const expectedOf = (operation: Operation, key: Key) =>
  policyRefusal(operation, { ...key.attributes, keyBytes: key.keyBytes });

/** What is wrong with one cell, or `undefined`. */
function verdict(operation: Operation, drive: (key: Any) => unknown, key: Key): string | undefined {
  const expected = expectedOf(operation, key);
  let code: string | undefined;
  try {
    drive(key);
  } catch (error) {
    if (!(error instanceof PaymentCryptoError)) return `${key} threw ${String(error)}`;
    code = error.code;
  }
  if (expected === undefined)
    return code === undefined || !REFUSALS.includes(code) ? undefined : `${key} refused: ${code}`;
  return code === expected
    ? undefined
    : `${key} ${key.keyBytes}: expected ${expected}, got ${code ?? 'success'}`;
}

const CELLS = OPERATIONS.length * KEYS.length;

describe(`KM-01 the key confusion matrix: ${CELLS} cells`, () => {
  it('covers every operation, usage, algorithm, mode of use and length', () => {
    expect(Object.keys(DRIVERS).sort()).toEqual([...OPERATIONS].sort());
    expect(new Set(OTHER_DRIVERS.map(([operation]) => operation)).size).toBeGreaterThan(15);
    expect(KEYS.length).toBe(39 * (2 + 3 + 6) * 11);
    expect(CELLS).toBeGreaterThan(100_000);
  });

  it('has permitted cells and refused ones of every code', () => {
    const counts = new Map<string, number>();
    for (const operation of OPERATIONS)
      for (const key of KEYS) {
        const code = expectedOf(operation, key) ?? 'permitted';
        counts.set(code, (counts.get(code) ?? 0) + 1);
      }
    for (const code of ['permitted', ...REFUSALS]) expect(counts.get(code) ?? 0).toBeGreaterThan(10);
    expect([...counts.values()].reduce((a, b) => a + b, 0)).toBe(CELLS);
  });

  it('permits so many kinds of key for each operation, counted by hand: modes times lengths', () => {
    const [pair, tdes, aes, hmac] = [1, 2, 3, 6];
    const expected: { readonly [O in Operation]: number } = {
      generateCvv: 3 * pair,
      verifyCvv: 3 * pair,
      generateCsc: 3 * pair,
      verifyCsc: 3 * pair,
      deriveCvvTimeKey: pair,
      deriveTotpKey: hmac,
      generateTotp: 3 * hmac,
      verifyTotp: 3 * hmac,
      issueDynamicCode: 3 * hmac,
      verifyDynamicCode: 3 * hmac,
      generatePvv: 3 * pair,
      verifyPvv: 3 * pair,
      generatePinOffset: 3 * tdes,
      verifyPinOffset: 3 * tdes,
      encryptPinBlock: 3 * (tdes + aes),
      decryptPinBlock: 3 * (tdes + aes),
      panFromSequence: 3 * aes,
      tokenizePan: 3 * aes,
      detokenizePan: 3 * aes,
      encryptFf1: 3 * aes,
      decryptFf1: 3 * aes,
      sealCode: 3 * tdes,
      openCode: 3 * tdes,
      encryptLegacyField: 3 * tdes,
      decryptLegacyField: 3 * tdes,
      sealEnvelope: 3 * (tdes + aes),
      openEnvelope: 3 * (tdes + aes),
      wrapKeyBlock: 3 * (tdes + aes),
      // K1, and K4 for version E.
      unwrapKeyBlock: 3 * (tdes + aes) + 3 * aes,
      indexPan: 3 * hmac,
      tagPin: 3 * hmac,
      verifyPinTag: 3 * hmac,
      tagRecord: 3 * hmac,
      verifyRecordTag: 3 * hmac,
      sealField: 3 * aes,
      openField: 3 * aes,
    };
    for (const operation of OPERATIONS) {
      const permitted = KEYS.filter((key) => expectedOf(operation, key) === undefined);
      expect([operation, permitted.length]).toEqual([operation, expected[operation]]);
      expect(new Set(permitted.map((key) => key.attributes.usage)).size).toBe(
        operation === 'unwrapKeyBlock' ? 2 : 1,
      );
    }
  });

  it.each(OPERATIONS)(
    '%s takes the keys of its rows and refuses all others with the right code',
    (operation) => {
      const wrong: string[] = [];
      for (const key of KEYS) {
        const found = verdict(operation, (any) => DRIVERS[operation](any, f), key);
        if (found !== undefined) wrong.push(found);
      }
      expect(wrong).toEqual([]);
    },
  );

  it.each(OTHER_DRIVERS.map(([operation, name, drive]) => [name, operation, drive] as const))(
    '%s obeys the row of %s',
    (_, operation, drive) => {
      const wrong: string[] = [];
      for (const key of KEYS) {
        const found = verdict(operation, drive, key);
        if (found !== undefined) wrong.push(found);
      }
      expect(wrong).toEqual([]);
    },
  );

  it('KM-02 a key that derives PINs enciphers no PAN as data: the natural PIN would come out', () => {
    const method = cw.defineIbm3624Method({
      dectab: '0123456789012345',
      validationData: { start: 0, from: 'left', digits: 16, padSide: 'right', padDigit: 'F' },
      pinLength: 4,
    });
    const keys = KEYS.filter((key) => ['V1', 'V2'].includes(key.attributes.usage));
    const encipher: readonly ((key: Any) => unknown)[] = [
      (key) => cw.encryptLegacyBlocks(key, unhex(f.pan)),
      (key) => cw.encryptLegacyField(key, f.pan, 'pan'),
      (key) => cw.sealCode(key, f.pan.slice(0, 12), 'zero-fill'),
      (key) => cw.encryptPinBlock(key, f.pin4, f.pan, 'ISO-0'),
    ];
    for (const key of keys)
      expect([String(key), ...encipher.map((act) => codeOf(() => act(key)))]).toEqual([
        String(key),
        ...encipher.map(() => 'ERR_KEY_USAGE'),
      ]);
    // What it is all about: the cipher itself over the PAN is the PIN.
    for (const key of keys) {
      if (expectedOf('generatePinOffset', key) !== undefined) continue;
      const block = unhex(f.pan);
      tdesFor(key as Key<'V1'>, 'generatePinOffset').encryptBlocks(block, block);
      const found = mapNibbles(hex(block), method.dectab).slice(0, 4);
      expect(isPin(cw.naturalPin(key as Key<'V1'>, f.pan, method), found)).toBe(true);
    }
  });

  it('is decided by what the key is, not by what it says: attributes cannot be changed', () => {
    const key: Any = f.keys.pek;
    expect(() => {
      key.attributes.usage = 'C0';
    }).toThrow(TypeError);
    expect(() => {
      key.attributes = { usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'E', keyVersion: '00' };
    }).toThrow(TypeError);
    expect(() => cw.generateCvv(key, f.card)).toThrow(expect.objectContaining({ code: 'ERR_KEY_USAGE' }));
  });

  it('does not let requireUsage turn one usage into another', () => {
    for (const key of KEYS)
      for (const usage of ['C0', 'P0', 'D0', 'K1', 'V1', 'V2', 'M7'] as const) {
        if (key.attributes.usage === usage) expect(cw.requireUsage(key, usage)).toBe(key);
        else
          expect(() => cw.requireUsage(key, usage)).toThrow(
            expect.objectContaining({ code: 'ERR_KEY_USAGE' }),
          );
      }
  });

  it('cannot be widened: a change to the exported table changes nothing', () => {
    const rows: Any = POLICY;
    const key: Any = f.keys.pek;
    const before = JSON.stringify(POLICY);
    try {
      try {
        rows.generateCvv = [{ usage: 'P0', algorithm: 'T', modes: ['B'], keyBytes: [16] }];
        rows.generateCvv[0].usage = 'P0';
      } catch {
        // Frozen: better still.
      }
      expect(() => cw.generateCvv(key, f.card)).toThrow(expect.objectContaining({ code: 'ERR_KEY_USAGE' }));
      // A key made after the change is judged by the table that the library was built with.
      const later: Any = cw.randomKey({ usage: 'P0', algorithm: 'T', mode: 'B', exportability: 'E' }, 16);
      expect(() => cw.generateCvv(later, f.card)).toThrow(expect.objectContaining({ code: 'ERR_KEY_USAGE' }));
    } finally {
      try {
        Object.assign(rows, JSON.parse(before));
      } catch {
        // Frozen.
      }
    }
  });
});
