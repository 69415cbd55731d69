/** Guards around a key: what it may do, and what it may be made of. */
import { tdes } from '../../src/des/tdes.ts';
import {
  createCapabilityAuthority,
  decryptLegacyBlocks,
  defineIbm3624Method,
  encryptLegacyBlocks,
  encryptPinBlock,
  generateCvv,
  type Key,
  keyCheckValue,
  naturalPin,
  parseExpiry,
  parsePan,
  parsePin,
  parseServiceCode,
  parseUnixSeconds,
  randomKey,
  revealPin,
  translatePinBlock,
} from '../../src/index.ts';
import { exportClearKey, importClearKey } from '../../src/keys/clear.ts';
import { combineComponents } from '../../src/keys/component.ts';
import { mapNibbles } from '../support/oracle/ibm3624.ts';
import { kcv } from '../support/oracle/kcv.ts';
import { decodePinBlock, iso4Decipher } from '../support/oracle/pinblock.ts';
import type { Guard } from './guard.ts';

const PIN_KEY = { usage: 'P0', algorithm: 'T', mode: 'B', exportability: 'E' } as const;
const AES_PIN_KEY = { usage: 'P0', algorithm: 'A', mode: 'B', exportability: 'N' } as const;
const DATA_KEY = { usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'E' } as const;
const DATA_IN = { usage: 'D0', algorithm: 'T', mode: 'E', exportability: 'N' } as const;
const PVK = { usage: 'V1', algorithm: 'T', mode: 'N', exportability: 'N' } as const;
const CVK = { usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'E' } as const;

const pan = parsePan('4000001234567899');
const PIN = '73918';
const DECTAB = '0123456789012345';
const ADJUST = { parity: 'adjust' } as const;
const authority = createCapabilityAuthority({ now: () => parseUnixSeconds(0) });

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const randomBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, i) => byte ^ (b[i] as number));

/** Two keys of one KCV, which some thousand random keys have among them. */
const TWINS = ['CB6D3E38370DD5B52A3D38F22C520B07', 'A858DA89FD5B2ADA9E6715EF2040EFE5'] as const;

/** A component, with the KCV that its custodian computes. */
const part = (
  bytes: Uint8Array,
  method: 'tdes-zero-block' | 'aes-cmac-zero-block' = 'aes-cmac-zero-block',
) => ({
  bytes,
  kcv: kcv(hexOf(bytes), method),
});

/** Whether components give a PIN key that enciphers, and whoever has the bytes `known` reads its blocks. */
function readsPins(known: Uint8Array, ...components: readonly Uint8Array[]): boolean {
  const key = combineComponents(
    AES_PIN_KEY,
    components.map((bytes) => part(bytes)),
    {},
  );
  const { block } = encryptPinBlock(key, parsePin(PIN), pan, 'ISO-4');
  return iso4Decipher(hexOf(known), block, pan) === PIN;
}

/** A key of two parts found by a search over one: its last byte here, since 2^56 take longer than a test may. */
function searchedAsSingleDes(): boolean {
  const half = bytesOf('0123456789ABCDEF');
  const key = importClearKey(DATA_KEY, Uint8Array.of(...half, ...half));
  const clear = bytesOf('0011223344556677');
  const captured = hexOf(encryptLegacyBlocks(key, clear));
  const tried = Uint8Array.of(...half, ...half);
  const out = new Uint8Array(8);
  for (let byte = 0; byte < 256; byte++) {
    tried[7] = tried[15] = byte;
    tdes(tried).encryptBlocks(clear, out);
    if (hexOf(out) === captured) return true;
  }
  return false;
}

/** Whether clear bytes are those of a key. */
function isKey(bytes: Uint8Array, key: Key): boolean {
  return importClearKey(DATA_KEY, bytes).kcv === key.kcv;
}

/** Whether one key passes for two: a block is translated from it to itself, to be the same for everybody. */
function passesForTwo(): boolean {
  const bytes = bytesOf('0123456789ABCDEFFEDCBA9876543210');
  const from = importClearKey(PIN_KEY, bytes);
  const to = importClearKey(
    PIN_KEY,
    bytes.map((byte) => byte ^ 1),
  );
  const captured = encryptPinBlock(from, parsePin(PIN), pan, 'ISO-0');
  return translatePinBlock({ from, to }, captured, { pan }, 'ISO-0').block === captured.block;
}

export const GUARDS: readonly Guard[] = [
  {
    ids: ['KM-01'],
    guard: 'each use of a key asks what it permits: a PIN key deciphers no data',
    cuts: [
      { file: 'keys/key.ts', passage: 'if (!contents.operations.has(operation)) {', instead: 'if (false) {' },
    ],
    attack() {
      const pek: Key = randomKey(PIN_KEY, 16);
      const { block } = encryptPinBlock(pek as Key<'P0'>, parsePin(PIN), pan, 'ISO-0');
      const clear = decryptLegacyBlocks(pek as Key<'D0'>, bytesOf(block));
      return decodePinBlock('ISO-0', hexOf(clear), pan) === PIN;
    },
  },
  {
    ids: ['KM-01'],
    guard: 'the mode of use: a key that verifies makes no values',
    cuts: [
      {
        file: 'keys/policy.ts',
        passage: 'rows = rows.filter((row) => row.modes.includes(key.mode));',
        instead: '',
      },
    ],
    attack() {
      const issuers = randomKey(CVK, 16);
      const bytes = exportClearKey(issuers, authority.grant('export-clear-key', 60));
      const acquirers = importClearKey({ ...CVK, mode: 'V' }, bytes);
      const card = { pan, expiry: parseExpiry('2912'), serviceCode: parseServiceCode('201') };
      return generateCvv(acquirers, card) === generateCvv(issuers, card);
    },
  },
  {
    ids: ['KM-02'],
    guard: 'the usage of a key: one that derives PINs enciphers no data, and a PAN is its data',
    cuts: [
      {
        file: 'keys/policy.ts',
        passage: 'rows = rows.filter((row) => row.usage === key.usage);',
        instead: '',
      },
    ],
    attack() {
      const pvk: Key = randomKey(PVK, 16);
      const method = defineIbm3624Method({
        dectab: DECTAB,
        validationData: { start: 0, from: 'left', digits: 16, padSide: 'right', padDigit: 'F' },
        pinLength: 4,
      });
      const block = encryptLegacyBlocks(pvk as Key<'D0'>, bytesOf(pan));
      const found = mapNibbles(hexOf(block), DECTAB).slice(0, 4);
      const natural = naturalPin(pvk as Key<'V1'>, pan, method);
      return found === revealPin(natural, authority.grant('reveal-pin', 60));
    },
  },
  {
    ids: ['KM-03'],
    guard: 'no key is all zeros, as three components make it that cancel each other',
    cuts: [
      {
        file: 'keys/key.ts',
        passage: "if (isZero(bytes)) fail('ERR_KEY_WEAK', 'key', 'a key', 'all zeros');",
        instead: '',
      },
    ],
    attack() {
      const [a, b] = [randomBytes(16), randomBytes(16)];
      return readsPins(new Uint8Array(16), a, b, xor(a, b));
    },
  },
  {
    ids: ['KM-03'],
    guard: 'no component counts twice: of c, c and d the key would be d, which one custodian knows',
    cuts: [
      {
        file: 'keys/component.ts',
        passage: 'if (parts.some((before) => equalBytes(before, part)))',
        instead: 'if (false)',
      },
    ],
    attack() {
      const [copied, own] = [randomBytes(16), randomBytes(16)];
      return readsPins(own, copied, copied, own);
    },
  },
  {
    ids: ['KM-03'],
    guard: 'no component is zero: the other one would be the key',
    cuts: [
      {
        file: 'keys/component.ts',
        passage: "if (zeros === 'refuse' && isZero(part))",
        instead: 'if (false)',
      },
    ],
    attack() {
      const own = randomBytes(16);
      return readsPins(own, new Uint8Array(16), own);
    },
  },
  {
    ids: ['KM-03'],
    guard: 'no part of a TDES key is weak: enciphering twice would decipher',
    cuts: [
      {
        file: 'des/weak.ts',
        passage: "if (isWeakDesKey(key.subarray(at, at + 8))) return 'a weak or semi-weak part';",
        instead: '',
      },
    ],
    attack() {
      const first = randomBytes(16);
      const second = xor(first, bytesOf('0101010101010101FEFEFEFEFEFEFEFE'));
      const parts = [part(first, 'tdes-zero-block'), part(second, 'tdes-zero-block')];
      const key = combineComponents(DATA_IN, parts, ADJUST);
      const captured = encryptLegacyBlocks(key, bytesOf('1234567890123456'));
      return hexOf(encryptLegacyBlocks(key, captured)) === '1234567890123456';
    },
  },
  {
    ids: ['KM-09'],
    guard: 'the parts of a TDES key differ',
    cuts: [
      {
        file: 'des/weak.ts',
        passage:
          "for (let before = 0; before < at; before += 8) if (sameDesKey(key, before, key, at)) return 'equal parts';",
        instead: '',
      },
    ],
    attack: searchedAsSingleDes,
  },
  {
    ids: ['KM-10'],
    guard: 'the length of a check value: three bytes leave open which of two keys it is of',
    cuts: [
      {
        file: 'keys/key.ts',
        passage: "const bytes = requireOneOf(read.bytes ?? 3, 'bytes', lengths);",
        instead: 'const bytes = read.bytes ?? 3;',
      },
    ],
    attack() {
      const [one, other] = TWINS.map((hex) => importClearKey(DATA_KEY, bytesOf(hex))) as [Key, Key];
      if (one.kcv !== other.kcv) throw new Error('two keys of one KCV');
      const told = String(keyCheckValue(one, { bytes: 8 as 3 }));
      return TWINS.filter((hex) => kcv(hex, 'tdes-zero-block', told.length / 2) === told).length === 1;
    },
  },
  {
    ids: ['KM-12'],
    guard: 'the exportability of a key',
    cuts: [
      { file: 'keys/clear.ts', passage: "if (key.attributes.exportability === 'N')", instead: 'if (false)' },
    ],
    attack() {
      const key = randomKey({ ...DATA_KEY, exportability: 'N' }, 16);
      return isKey(exportClearKey(key, authority.grant('export-clear-key', 60)), key);
    },
  },
  {
    ids: ['KM-12'],
    guard: 'clear bytes of a key need a capability',
    cuts: [
      {
        file: 'keys/clear.ts',
        passage: "requireCapability(permit, 'export-clear-key');",
        instead: '',
      },
    ],
    attack() {
      const key = randomKey(DATA_KEY, 16);
      return isKey(exportClearKey(key, undefined as never), key);
    },
  },
  {
    ids: ['KM-13'],
    guard: 'odd parity is demanded of a key that is imported',
    cuts: [{ file: 'keys/clear.ts', passage: 'if (isTdes && !hasOddParity(copy))', instead: 'if (false)' }],
    attack: passesForTwo,
  },
];
