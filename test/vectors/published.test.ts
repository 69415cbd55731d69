/**
 * Every file of vectors/ through the runner, with exact counts, so that none is skipped unseen; and the
 * runner itself, on copies of the cases that were made wrong.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cvv } from '../../src/conformance/cvv.ts';
import { desTdes } from '../../src/conformance/des-tdes.ts';
import { ff1 } from '../../src/conformance/ff1.ts';
import { ibm3624 } from '../../src/conformance/ibm3624.ts';
import { kcvComponents } from '../../src/conformance/kcv-components.ts';
import { luhn } from '../../src/conformance/luhn.ts';
import { mac } from '../../src/conformance/mac.ts';
import { otp } from '../../src/conformance/otp.ts';
import { own } from '../../src/conformance/own.ts';
import { pinblock } from '../../src/conformance/pinblock.ts';
import { pvv } from '../../src/conformance/pvv.ts';
import { type CaseResult, runCase, runFile, supportsOperation } from '../../src/conformance/run.ts';
import { tdesMessages } from '../../src/conformance/tdes-messages.ts';
import { tr31 } from '../../src/conformance/tr31.ts';
import { parseVectorFile, VectorCase, VectorFormatError } from '../../src/conformance/vector-file.ts';
import { type ErrorCode, PaymentCryptoError } from '../../src/error.ts';
import {
  type CscOptions,
  decryptFf1Text,
  defineFf1Alphabet,
  defineIbm3624Method,
  encryptFf1Text,
  generateCsc,
  generateCvv,
  generateCvv2,
  generateIcvv,
  generatePvv,
  isLuhnValid,
  type KeyAttributes,
  type KeyUsage,
  luhnCheckDigit,
  naturalPin,
  parseExpiry,
  parseKeyBlockHeader,
  parsePan,
  parsePin,
  parsePvki,
  parseServiceCode,
  pinOffset,
  unwrapKeyBlock,
  type ValidationDataLayout,
  verifyCsc,
} from '../../src/index.ts';
import { importClearKeyHex } from '../../src/keys/clear-face.ts';

const FOLDER = new URL('../../vectors/', import.meta.url);

/** What each file comes to. A published file that changes, or a case that changes sides, shows here. */
const COUNTS: {
  readonly [file: string]: {
    readonly passed: number;
    readonly refused: number;
    readonly unsupported: { readonly [reason: string]: number };
  };
} = {
  'cvv.json': { passed: 16, refused: 0, unsupported: {} },
  'des-tdes.json': { passed: 320, refused: 0, unsupported: {} },
  'dukpt-aes.json': { passed: 0, refused: 0, unsupported: { 'operation dukpt-aes': 37 } },
  'dukpt-tdes.json': { passed: 0, refused: 0, unsupported: { 'operation dukpt-tdes': 44 } },
  'dynamic-card-codes.json': {
    passed: 0,
    refused: 0,
    unsupported: {
      'operation dcvv': 5,
      'operation cvc3': 2,
      'operation cavv.visa': 1,
      'operation spa.aav': 2,
      // Its 5CSC and 4CSC are computed, here and below.
      '3CSC': 1,
    },
  },
  'emv.json': {
    passed: 0,
    refused: 0,
    unsupported: {
      'operation emv.icc-master-key': 16,
      'operation emv.session-key': 16,
      'operation emv.cryptogram': 28,
      'operation emv.sm-mac': 2,
      'operation emv.sm-encrypt': 2,
      'operation emv.vis-pin-block': 1,
      'operation emv.script': 27,
    },
  },
  'ff1.json': { passed: 368, refused: 70, unsupported: {} },
  'ff3-1.json': { passed: 0, refused: 0, unsupported: { 'operation ff3-1.encrypt': 180 } },
  'ibm3624.json': { passed: 11, refused: 0, unsupported: {} },
  'kcv-components.json': { passed: 17, refused: 0, unsupported: { 'operation key.variant': 7 } },
  'keyblock-proprietary.json': {
    passed: 0,
    refused: 0,
    unsupported: { 'operation thales.keyblock': 3, 'operation atalla.akb': 3 },
  },
  'luhn.json': { passed: 65, refused: 0, unsupported: {} },
  'mac.json': { passed: 106, refused: 73, unsupported: {} },
  'otp.json': { passed: 19, refused: 0, unsupported: {} },
  'payshield-lmk.json': {
    passed: 0,
    refused: 0,
    unsupported: {
      'operation lmk.pair': 20,
      'operation lmk.key': 19,
      'operation payshield.key-translate': 12,
      'operation payshield.verify-pvv': 4,
      'operation payshield.generate-pvv': 2,
      'operation payshield.pin-translate': 5,
      'operation payshield.cvv': 3,
    },
  },
  'pinblock.json': {
    passed: 51,
    refused: 25,
    unsupported: {
      'PIN block format ECI-2': 2,
      'PIN block format ECI-3': 2,
      'PIN block format VISA-2': 2,
      'PIN block format VISA-3': 2,
      'PIN block format DOCUTEL': 3,
      'PIN block format IBM-3624': 3,
      'PIN block format DIEBOLD': 5,
    },
  },
  'pvv.json': { passed: 8, refused: 0, unsupported: {} },
  'tdes-messages.json': { passed: 37, refused: 0, unsupported: {} },
  'tr31.json': { passed: 47, refused: 63, unsupported: {} },
  'self/code-block.json': { passed: 45, refused: 0, unsupported: {} },
  'self/csc.json': { passed: 41, refused: 0, unsupported: {} },
  'self/dcvv2.json': { passed: 52, refused: 0, unsupported: {} },
  'self/envelope.json': { passed: 90, refused: 0, unsupported: {} },
  'self/ibm3624.json': { passed: 49, refused: 0, unsupported: {} },
  'self/issued-code.json': { passed: 24, refused: 0, unsupported: {} },
  'self/key-block.json': { passed: 72, refused: 0, unsupported: {} },
  'self/pan-sequence.json': { passed: 54, refused: 0, unsupported: {} },
  'self/pinblock.json': { passed: 105, refused: 0, unsupported: {} },
  'self/second-pass.json': { passed: 49, refused: 0, unsupported: {} },
  'self/token.json': { passed: 60, refused: 0, unsupported: {} },
};

type Case = { readonly id: string; readonly op: string } & Readonly<Record<string, unknown>>;

const files: readonly string[] = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.json'))
  .sort();

const casesOf = (file: string): readonly Case[] =>
  parseVectorFile(readFileSync(new URL(file, FOLDER), 'utf8')).cases as readonly Case[];

const run = (fields: Case): CaseResult => runCase(new VectorCase(fields));

function codeOf(action: () => unknown): ErrorCode | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof PaymentCryptoError) return error.code;
    throw error;
  }
  return undefined;
}

describe('the vectors', () => {
  it('are all in the table, 1757 of them published', () => {
    expect(files).toEqual(Object.keys(COUNTS).sort());
    const published = files.filter((file) => !file.startsWith('self/'));
    expect(published.length).toBe(19);
    expect(published.reduce((sum, file) => sum + casesOf(file).length, 0)).toBe(1757);
    expect(files.reduce((sum, file) => sum + casesOf(file).length, 0)).toBe(1757 + 641);
  });

  it('add up in the table', () => {
    const sum = (of: (row: (typeof COUNTS)[string]) => number): number =>
      Object.values(COUNTS).reduce((total, row) => total + of(row), 0);
    expect(sum((row) => row.passed)).toBe(1706);
    expect(sum((row) => row.refused)).toBe(231);
    expect(sum((row) => Object.values(row.unsupported).reduce((a, b) => a + b, 0))).toBe(461);
  });

  it.each(files)('%s', (file) => {
    const { results } = runFile(parseVectorFile(readFileSync(new URL(file, FOLDER), 'utf8')));
    const failed = results.filter(({ verdict }) => verdict === 'failed');
    expect(failed.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([]);
    const unsupported: Record<string, number> = {};
    for (const { verdict, reason = '' } of results)
      if (verdict === 'unsupported') unsupported[reason] = (unsupported[reason] ?? 0) + 1;
    expect({
      passed: results.filter(({ verdict }) => verdict === 'passed').length,
      refused: results.filter(({ verdict }) => verdict === 'refused').length,
      unsupported,
    }).toEqual(COUNTS[file]);
    expect(results.length).toBe(casesOf(file).length);
  });

  it('run in any file: the operation decides, not the name of the file', () => {
    const mixed = files.flatMap((file) => casesOf(file).slice(0, 1));
    const { results } = runFile(
      parseVectorFile(JSON.stringify({ algorithm: 'x', source: [], cases: mixed })),
    );
    expect(results.map(({ verdict }) => verdict)).toEqual(mixed.map((fields) => run(fields).verdict));
    expect(results.map(({ id }) => id)).toEqual(mixed.map(({ id }) => id));
  });
});

// ---- the public functions beside the building blocks --------------------------------------------------

const attributes = <const U extends KeyUsage>(usage: U, algorithm: 'A' | 'T', mode: 'B' | 'C' | 'N') =>
  ({ usage, algorithm, mode, exportability: 'N' }) satisfies KeyAttributes<U>;

/** The layout that a rule of the vectors means. */
function layoutOf(rule: VectorCase): ValidationDataLayout {
  if (rule.text('kind') === 'payshield-template') return { template: rule.text('template') };
  const slice = rule.text('kind') === 'pan-slice';
  return {
    start: rule.number(slice ? 'offset' : 'start'),
    from: slice ? 'left' : (rule.text('from') as 'left' | 'right'),
    digits: rule.number(slice ? 'length' : 'digits'),
    padSide: slice ? 'right' : (rule.text('padSide') as 'left' | 'right'),
    padDigit: rule.text(slice ? 'pad' : 'padDigit'),
  };
}

describe('what the public functions make of published values', () => {
  it('FF1: 36 domains below Rev. 1 are computed by the building block and refused in public', () => {
    let below = 0;
    let above = 0;
    for (const vector of casesOf('ff1.json').filter(({ op }) => op === 'ff1.encrypt')) {
      const { key, alphabet, tweak, plaintext, ciphertext } = vector as Case & Record<string, string>;
      const d0 = importClearKeyHex(attributes('D0', 'A', 'B'), key as string);
      const symbols = defineFf1Alphabet(alphabet as string);
      const bytes = Uint8Array.from(Buffer.from(tweak as string, 'hex'));
      const encrypt = (): string => encryptFf1Text(d0, symbols, plaintext as string, bytes);
      const decrypt = (): string => decryptFf1Text(d0, symbols, ciphertext as string, bytes);
      expect(run(vector).verdict, vector.id).toBe('passed');
      if (vector['belowRev1Minimum'] === true) {
        below += 1;
        expect(codeOf(encrypt), vector.id).toBe('ERR_DOMAIN_TOO_SMALL');
        expect(codeOf(decrypt), vector.id).toBe('ERR_DOMAIN_TOO_SMALL');
      } else {
        above += 1;
        expect(encrypt(), vector.id).toBe(ciphertext);
        expect(decrypt(), vector.id).toBe(plaintext);
      }
    }
    expect([below, above]).toEqual([36, 332]);
  });

  it('FF1: whatever must be rejected is refused in public too', () => {
    const codes: Record<string, number> = {};
    for (const vector of casesOf('ff1.json').filter(({ op }) => op === 'ff1.reject')) {
      const { key, alphabet, tweak, plaintext, reason } = vector as Case & Record<string, string>;
      const code = codeOf(() =>
        encryptFf1Text(
          importClearKeyHex(attributes('D0', 'A', 'B'), key as string),
          defineFf1Alphabet(alphabet as string),
          plaintext as string,
          Uint8Array.from(Buffer.from(tweak as string, 'hex')),
        ),
      );
      codes[`${reason}: ${code}`] = (codes[`${reason}: ${code}`] ?? 0) + 1;
    }
    expect(codes).toEqual({
      'invalid-key-size: ERR_KEY_LENGTH': 10,
      'domain-too-small: ERR_DOMAIN_TOO_SMALL': 30,
      'symbol-outside-alphabet: ERR_INPUT': 30,
    });
  });

  it('CVV: the same values, where the card is one that can exist', () => {
    const refusals: Record<string, string> = {};
    let computed = 0;
    for (const vector of [...casesOf('cvv.json'), ...casesOf('self/second-pass.json')]) {
      if (vector.op !== 'cvv') continue;
      const { id, cvk, pan, expiry, serviceCode, cvv: published } = vector as Case & Record<string, string>;
      const digits = (published as string).length as 3;
      const compute = (checkDigit: 'any' | 'require'): string => {
        const key = importClearKeyHex(attributes('C0', 'T', 'C'), cvk as string);
        const card = { pan: parsePan(pan as string, { checkDigit }), expiry: parseExpiry(expiry as string) };
        if (serviceCode === '000') return generateCvv2(key, card, { digits });
        if (serviceCode === '999') return generateIcvv(key, card, { digits });
        return generateCvv(
          key,
          { ...card, serviceCode: parseServiceCode(serviceCode as string) },
          { digits },
        );
      };
      if (!isLuhnValid(pan as string))
        expect(
          codeOf(() => compute('require')),
          id,
        ).toMatch(/^ERR_(?:PAN|KEY_)/);
      try {
        expect(compute('any'), id).toBe(published);
        computed += 1;
      } catch (error) {
        if (!(error instanceof PaymentCryptoError)) throw error;
        refusals[id] = error.code;
      }
    }
    // Its key has even parity, its expiry month 33.
    expect(refusals).toEqual({ 'cvv-010': 'ERR_KEY_PARITY' });
    expect(codeOf(() => parseExpiry('3333'))).toBe('ERR_EXPIRY');
    expect(codeOf(() => parseExpiry('2800'))).toBe('ERR_EXPIRY');
    expect(computed).toBe(15 + 22);
  });

  it('PVV: the same values, where the case has a whole PAN and a key of odd parity', () => {
    let computed = 0;
    for (const vector of [...casesOf('pvv.json'), ...casesOf('self/second-pass.json')]) {
      if (vector.op !== 'pvv' || vector['pan'] === undefined) continue;
      const { id, pvk, pvki, pin, pan, pvv: published } = vector as Case & Record<string, string>;
      const key = importClearKeyHex(attributes('V2', 'T', 'C'), pvk as string);
      const number = parsePan(pan as string, { checkDigit: 'any' });
      const index = parsePvki(pvki as string, { range: '0-9' });
      const reference = generatePvv(key, parsePin(pin as string), number, index, {
        longPin: 'leftmost-four',
      });
      expect(reference, id).toEqual({ pvki, pvv: published });
      computed += 1;
    }
    expect(computed).toBe(6 + 27);
  });

  it('IBM 3624: the same natural PINs and offsets; single-length keys are refused', () => {
    let computed = 0;
    let refused = 0;
    for (const vector of [...casesOf('ibm3624.json'), ...casesOf('self/ibm3624.json')]) {
      const { id, pvk, pan, decimalizationTable, pin, offset } = vector as Case & Record<string, string>;
      if ((pvk as string).length === 16) {
        expect(
          codeOf(() => importClearKeyHex(attributes('V1', 'T', 'C'), pvk as string)),
          id,
        ).toBe('ERR_KEY_LENGTH');
        refused += 1;
        continue;
      }
      const method = defineIbm3624Method({
        dectab: decimalizationTable as string,
        validationData: layoutOf(new VectorCase(vector).object('validationRule')),
        pinLength: vector['pinLength'] as number,
      });
      const key = importClearKeyHex(attributes('V1', 'T', 'C'), pvk as string);
      const number = parsePan(pan as string, { checkDigit: 'any' });
      expect(pinOffset(key, parsePin(pin as string), number, method), id).toBe(offset);
      const natural = naturalPin(key, number, method);
      expect(natural.length, id).toBe(vector['pinLength']);
      natural.destroy();
      computed += 1;
    }
    expect([computed, refused]).toEqual([8 + 49, 3]);
  });

  it('Luhn: numbers of the lists that fail are refused as PANs', () => {
    let refused = 0;
    for (const vector of casesOf('luhn.json')) {
      if (vector.op === 'luhn.check-digit') {
        expect(String(luhnCheckDigit(vector['payload'] as string)), vector.id).toBe(vector['checkDigit']);
        continue;
      }
      const number = vector['number'] as string;
      const isPan = vector['valid'] === true && number.length >= 12 && number.length <= 19;
      expect(
        codeOf(() => parsePan(number)),
        vector.id,
      ).toBe(isPan ? undefined : 'ERR_PAN');
      if (!isPan) refused += 1;
    }
    expect(refused).toBe(REFUSED_NUMBERS);
  });

  it('equal halves, single length, short PANs: computed below the guards, refused above them', () => {
    const hexKeys = new Set<string>();
    for (const file of files)
      for (const vector of casesOf(file))
        for (const [name, value] of Object.entries(vector))
          if (
            /key|cvk|pvk|kbpk|csck/i.test(name) &&
            typeof value === 'string' &&
            /^([0-9A-F]{16}){1,2}$/.test(value)
          )
            hexKeys.add(value);
    const equal = [...hexKeys].filter((key) => key.length === 32 && key.slice(0, 16) === key.slice(16));
    const single = [...hexKeys].filter((key) => key.length === 16);
    expect(equal.length).toBeGreaterThanOrEqual(5);
    expect(single.length).toBeGreaterThanOrEqual(100);
    const adjust = { parity: 'adjust' } as const;
    for (const key of equal)
      expect(
        codeOf(() => importClearKeyHex(attributes('C0', 'T', 'C'), key, adjust)),
        key,
      ).toBe('ERR_KEY_WEAK');
    for (const key of single)
      expect(
        codeOf(() => importClearKeyHex(attributes('C0', 'T', 'C'), key, adjust)),
        key,
      ).toBe('ERR_KEY_LENGTH');

    const short = casesOf('pinblock.json').filter(({ pan }) => typeof pan === 'string' && pan.length < 12);
    expect(short.map(({ pan }) => (pan as string).length).sort()).toEqual([1, 9]);
    for (const vector of short) {
      expect(run(vector).verdict, vector.id).toBe('passed');
      expect(
        codeOf(() => parsePan(vector['pan'] as string, { checkDigit: 'any' })),
        vector.id,
      ).toBe('ERR_PAN');
    }
  });

  it('key blocks: whatever must be rejected is refused in public too, with one of two codes', () => {
    const codes = new Set<ErrorCode | undefined>();
    for (const vector of casesOf('tr31.json').filter(({ op }) => op === 'tr31.reject')) {
      const keyBlock = vector['keyBlock'] as string;
      const algorithm = /^[DE]/.test(keyBlock) ? 'A' : 'T';
      // Most of these cases stand under a key of equal halves: any sound key must refuse as well.
      const kbpk = importClearKeyHex(
        { usage: 'K1', algorithm, mode: 'B', exportability: 'N' },
        algorithm === 'A' ? '0123456789ABCDEFFEDCBA9876543210' : '0123456789ABCDEFFEDCBA9876543210',
      );
      codes.add(codeOf(() => unwrapKeyBlock(kbpk, keyBlock)));
    }
    expect([...codes].sort()).toEqual(['ERR_KEY_BLOCK', 'ERR_KEY_BLOCK_AUTH']);
  });

  it('key blocks: those of every version open in public, where KBPK and key are sound', () => {
    const outcomes: Record<string, number> = {};
    for (const vector of casesOf('tr31.json').filter(({ op }) => op === 'tr31.unwrap')) {
      const { id, kbpk, keyBlock, key } = vector as Case & Record<string, string>;
      const { version, usage, algorithm } = parseKeyBlockHeader(keyBlock as string);
      const aes = version === 'D' || version === 'E';
      const kek = attributes(version === 'E' ? 'K4' : 'K1', aes ? 'A' : 'T', 'B');
      const opened = () =>
        unwrapKeyBlock(importClearKeyHex(kek, kbpk as string, { parity: 'adjust' }), keyBlock as string);
      const code = codeOf(opened);
      const outcome = `${version} ${code ?? 'opened'}`;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (code !== undefined) continue;
      const clear = {
        usage: usage as KeyUsage,
        algorithm: algorithm as 'T',
        mode: 'N',
        exportability: 'N',
      } as const;
      expect(opened().kcv, id).toBe(importClearKeyHex(clear, key as string, { parity: 'adjust' }).kcv);
    }
    // One of A, B and C each holds a single-length key.
    expect(outcomes).toEqual({
      'A opened': 6,
      'A ERR_KEY_BLOCK_AUTH': 1,
      'B opened': 9,
      'B ERR_KEY_BLOCK_AUTH': 1,
      'C opened': 3,
      'C ERR_KEY_BLOCK_AUTH': 1,
      'D opened': 3,
      'E opened': 1,
    });
  });

  it('CSC: the one published example gives 5CSC and 4CSC, and 3CSC is not offered', () => {
    const [example] = casesOf('dynamic-card-codes.json').filter(({ op }) => op === 'amex.csc');
    const { csck, pan, expiry, csc5, csc4, csc3 } = example as Case & Record<string, string>;
    const key = importClearKeyHex(attributes('C0', 'T', 'C'), csck as string);
    const card = {
      pan: parsePan(pan as string, { checkDigit: 'any' }),
      expiry: parseExpiry(expiry as string),
    };
    expect(generateCsc(key, card, { digits: 5 })).toBe(csc5);
    expect(generateCsc(key, card, { digits: 4 })).toBe(csc4);
    expect(verifyCsc(key, card, csc4 as string, { digits: 4 })).toBe(true);
    const three = { digits: 3 } as unknown as CscOptions;
    expect(codeOf(() => generateCsc(key, card, three))).toBe('ERR_INPUT');
    expect(codeOf(() => verifyCsc(key, card, csc3 as string, three))).toBe('ERR_INPUT');
    // As separate operations of the runner, so that a file may ask for the two that are supported.
    for (const [op, csc] of [
      ['amex.csc5', csc5],
      ['amex.csc4', csc4],
    ] as const)
      expect(run({ id: op, op, csck, pan, expiry, csc }).verdict).toBe('passed');
  });
});

/** Numbers of luhn.json that are no PAN here: wrong check digit, or fewer than 12 digits. */
const REFUSED_NUMBERS = 5;

// ---- the runner bites ---------------------------------------------------------------------------------

/** Something else of the same type and shape, in the first or the last place. */
function altered(value: unknown, place: 'first' | 'last'): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (Array.isArray(value)) {
    if (value.length === 0) return ['0'];
    const at = place === 'first' ? 0 : value.length - 1;
    return value.map((item, i) => (i === at ? altered(item, place) : item));
  }
  if (typeof value === 'object' && value !== null) {
    const names = Object.keys(value);
    const name = (place === 'first' ? names[0] : names.at(-1)) as string;
    return { ...value, [name]: altered((value as Record<string, unknown>)[name], place) };
  }
  const text = value as string;
  // Not 00, which some paddings would not tell from nothing.
  if (text === '') return '01';
  const at = place === 'first' ? 0 : text.length - 1;
  const symbol = text.charAt(at);
  const next =
    symbol === '9'
      ? '0'
      : symbol === 'F'
        ? 'A'
        : symbol === 'Z'
          ? 'A'
          : String.fromCharCode(symbol.charCodeAt(0) + 1);
  return text.slice(0, at) + next + text.slice(at + 1);
}

/**
 * What each operation must notice when it is altered: the expected values, one by one. A field may be
 * absent from a case; each operation must see each of its fields at least once.
 */
const EXPECTED: { readonly [op: string]: readonly string[] } = {
  'block.known-answer': ['plaintext', 'ciphertext'],
  'des.recurrence': ['x16'],
  'tdes.mct': ['results'],
  'key.kcv': ['kcv'],
  'key.parity': ['adjustedKey'],
  'key.components': ['kcv'],
  'luhn.validate': ['valid', 'length'],
  'luhn.check-digit': ['checkDigit'],
  'ff1.encrypt': ['ciphertext', 'plaintext', 'radix'],
  'ff1.decrypt': ['ciphertext', 'plaintext', 'radix'],
  'pinblock.encode': ['pin', 'pinBlock'],
  'pinblock.decode': ['pin'],
  'pinblock.encrypted': ['pin', 'encryptedPinBlock'],
  'pinblock.translate': ['pin', 'inputPinBlock', 'outputPinBlock'],
  'pinblock.iso4-pin-field': ['pin', 'pinField'],
  'pinblock.iso4-pan-field': ['panField'],
  'pinblock.iso4-encipher': ['pin', 'pinBlock'],
  'pinblock.iso4-decipher': ['pin'],
  ibm3624: ['naturalPin', 'offset', 'pin', 'ciphertext', 'decimalized', 'validationData'],
  pvv: ['pvv'],
  cvv: ['cvv', 'intermediates'],
  'otp.hotp': ['otp', 'hmac', 'truncated'],
  'otp.totp': ['otp', 'counterHex'],
  'message.encrypt': ['message', 'ciphertext'],
  'message.decrypt': ['message', 'ciphertext'],
  'message.pad': ['message', 'padded'],
  mac: ['mac'],
  'tr31.unwrap': [
    'key',
    'versionId',
    'keyUsage',
    'algorithm',
    'modeOfUse',
    'keyVersion',
    'exportability',
    'optionalBlocks',
    'kcv',
    'keyBlock',
  ],
  'tr31.wrap': ['keyBlock'],
  'tr31.derive': ['kbek', 'kbak'],
  'tr31.header': ['headerLength', 'blocks', 'canonicalHeader'],
  'pan.sequence': ['pan', 'n'],
  'token.alphanumeric': ['token', 'tenant'],
  'token.numeric': ['token', 'tenant'],
  'dcvv2.totp': ['code'],
  'dcvv2.cvv-time': ['code', 'step'],
  'codeblock.open': ['digits'],
  'dcvv2.issued': ['code', 'tag'],
  'envelope.open': ['plaintext', 'envelope', 'context'],
  'amex.csc': ['csc5', 'csc4'],
  'amex.csc5': ['csc'],
  'amex.csc4': ['csc'],
};

/** Operations that ask for a refusal, and the one that accepts the same inputs. */
const REFUSING: { readonly [op: string]: string } = {
  'cvv.mismatch': 'cvv',
  'ff1.reject': 'ff1.encrypt',
  'mac.invalid': 'mac',
  'pinblock.reject': 'pinblock.decode',
  'pinblock.iso4-reject': 'pinblock.iso4-decipher',
  'pinblock.iso4-pin-field-reject': 'pinblock.iso4-pin-field',
  'tr31.reject': 'tr31.unwrap',
  'tr31.header-reject': 'tr31.header',
};

/** The places of an alteration that could not be wrong: the random fill of a block is what it is. */
const ALSO_RIGHT: { readonly [field: string]: 'last' } = {
  'pinblock.encode.pinBlock': 'last',
  'pinblock.iso4-pin-field.pinField': 'last',
};

/** Supported cases by operation; operations without any get those of a sister, which have the same fields. */
const SISTERS: { readonly [op: string]: string } = {
  'ff1.decrypt': 'ff1.encrypt',
  'message.decrypt': 'message.encrypt',
  'pinblock.iso4-decipher': 'pinblock.iso4-encipher',
};
const supported: ReadonlyMap<string, readonly Case[]> = (() => {
  const map = new Map<string, Case[]>();
  for (const file of files)
    for (const vector of casesOf(file))
      if (run(vector).verdict !== 'unsupported') map.set(vector.op, [...(map.get(vector.op) ?? []), vector]);
  for (const [op, sister] of Object.entries(SISTERS))
    map.set(
      op,
      (map.get(sister) ?? []).map((vector) => ({ ...vector, op })),
    );
  const [example] = casesOf('dynamic-card-codes.json').filter(({ op }) => op === 'amex.csc');
  const { csc3: _, ...csc } = example as Case;
  map.set('amex.csc', [csc as Case]);
  map.set(
    'cvv.mismatch',
    (map.get('cvv') ?? []).map((vector) => ({
      ...vector,
      op: 'cvv.mismatch',
      cvv: altered(vector['cvv'], 'last'),
    })),
  );
  return map;
})();
const of = (op: string): readonly Case[] => supported.get(op) ?? [];

describe('the runner', () => {
  it('is shown for every operation that it has', () => {
    const operations = [
      cvv,
      desTdes,
      ff1,
      ibm3624,
      kcvComponents,
      luhn,
      mac,
      otp,
      own,
      pinblock,
      pvv,
      tdesMessages,
      tr31,
    ]
      .flatMap((family) => Object.keys(family))
      .sort();
    expect(operations).toEqual([...Object.keys(EXPECTED), ...Object.keys(REFUSING)].sort());
    for (const op of operations) {
      expect(supportsOperation(op)).toBe(true);
      expect(of(op).length, op).toBeGreaterThan(0);
      for (const vector of of(op))
        expect(run(vector).verdict, vector.id).toBe(REFUSING[op] === undefined ? 'passed' : 'refused');
    }
  });

  it.each(Object.entries(EXPECTED))('reports a wrong value of %s as failed', (op, fields) => {
    for (const field of fields) {
      let seen = 0;
      for (const vector of of(op)) {
        if (vector[field] === undefined) continue;
        // Without a rule nothing says what the validation data should have been.
        if (
          field === 'validationData' &&
          vector['validationRule'] === undefined &&
          vector['naturalPin'] === undefined
        )
          continue;
        for (const place of ['first', 'last'] as const) {
          if (ALSO_RIGHT[`${op}.${field}`] === place && vector['fill'] === undefined) continue;
          const wrong = { ...vector, [field]: altered(vector[field], place) };
          const { verdict, reason } = run(wrong);
          expect(verdict, `${vector.id}: ${field} (${place})`).toBe('failed');
          expect(reason, `${vector.id}: ${field}`).toBeTypeOf('string');
          seen += 1;
        }
      }
      expect(seen, `${op}: ${field}`).toBeGreaterThan(0);
    }
  });

  it.each(Object.entries(REFUSING))('reports an accepted case of %s as failed', (op, accepting) => {
    const good = of(accepting);
    expect(good.length).toBeGreaterThan(0);
    for (const vector of good) expect(run({ ...vector, op }).verdict, vector.id).toBe('failed');
    const [donor] = good;
    // And a case that must be refused is not one that passes.
    for (const vector of of(op)) {
      const asked = { ...donor, ...vector, op: accepting };
      expect(run(asked as Case).verdict, vector.id).toBe('failed');
    }
  });

  it('says no value of the case when it reports a failure', () => {
    for (const [op, fields] of Object.entries(EXPECTED))
      for (const vector of of(op).slice(0, 5))
        for (const field of fields) {
          if (vector[field] === undefined) continue;
          const wrong: Case = { ...vector, [field]: altered(vector[field], 'first') };
          const { reason = '' } = run(wrong);
          for (const [name, value] of Object.entries(wrong))
            if (
              typeof value === 'string' &&
              value.length >= 6 &&
              !['op', 'id', 'format', 'padding'].includes(name)
            )
              expect(reason, `${vector.id}: ${name}`).not.toContain(value);
        }
  });

  it('fails a case that lacks what its operation needs, and never throws', () => {
    for (const [op, fields] of Object.entries(EXPECTED)) {
      const [vector] = of(op) as [Case];
      const needed = fields.filter((field) => vector[field] !== undefined)[0] as string;
      for (const name of Object.keys(vector).filter(
        (key) => !['id', 'op', 'source', 'comment'].includes(key),
      )) {
        for (const value of [undefined, null, 0, -1, 1.5, '', 'x', '0', {}, [], true, 'constructor']) {
          const { verdict } = run({ ...vector, [name]: value });
          expect(['passed', 'refused', 'failed', 'unsupported'], `${op}: ${name}`).toContain(verdict);
          if (name === needed && value === 'x') expect(verdict, `${op}: ${name}`).toBe('failed');
        }
      }
      const { [needed]: _, ...without } = vector;
      if (!OPTIONAL.includes(`${op}.${needed}`))
        expect(run(without as Case).verdict, `${op} without ${needed}`).toBe('failed');
    }
  });

  const deep: unknown = JSON.parse(`${'['.repeat(10_000)}1${']'.repeat(10_000)}`);

  it.each([
    ['otp.hotp', 'digits', 2 ** 32],
    ['otp.totp', 'timeStep', 0],
    ['dcvv2.totp', 'digits', 2 ** 31],
    ['dcvv2.cvv-time', 'digits', 2 ** 31],
    ['message.pad', 'blockSize', 2 ** 53],
    ['tr31.header', 'blocks', deep],
  ])('fails a case of %s whose %s cannot be, and says why', (op, name, value) => {
    for (const vector of of(op)) {
      const { verdict, reason } = run({ ...vector, [name]: value });
      expect(verdict, vector.id).toBe('failed');
      expect(reason, vector.id).toContain(`"${name}"`);
    }
  });

  it('passes no case that expects nothing', () => {
    for (const [op, fields] of Object.entries(EXPECTED)) {
      const [vector] = of(op) as [Case];
      const rest = Object.fromEntries(Object.entries(vector).filter(([name]) => !fields.includes(name)));
      expect(run(rest as Case).verdict, op).toBe('failed');
    }
  });

  it('takes lower-case hex', () => {
    const HEX = [
      'key',
      'cvk',
      'pvk',
      'plaintext',
      'ciphertext',
      'data',
      'mac',
      'kcv',
      'message',
      'padded',
      'kbpk',
      'secret',
    ];
    for (const [op, vectors] of supported)
      for (const vector of vectors.slice(0, 20)) {
        const lower = Object.fromEntries(
          Object.entries(vector).map(([name, value]) => [
            name,
            HEX.includes(name) && typeof value === 'string' && !op.startsWith('ff1')
              ? value.toLowerCase()
              : value,
          ]),
        ) as Case;
        expect(run(lower).verdict, vector.id).toBe(run(vector).verdict);
      }
  });

  it.each([
    '',
    'nothing.of-the-kind',
    'CVV',
    'cvv ',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
  ])('does not support the operation %j, whatever the case holds', (op) => {
    const [vector] = of('cvv') as [Case];
    expect(run({ ...vector, op })).toEqual({
      id: vector.id,
      op,
      verdict: 'unsupported',
      reason: `operation ${op}`,
    });
    expect(supportsOperation(op)).toBe(false);
  });

  it.each([
    ['block.known-answer', 'cipher', 'RC4'],
    ['block.known-answer', 'mode', 'OFB'],
    ['mac', 'macAlgorithm', 'POLY1305'],
    ['key.kcv', 'method', 'md5'],
    ['otp.totp', 'hash', 'MD5'],
    ['message.pad', 'padding', 'ansi-x9.99'],
    ['pinblock.encode', 'format', 'ISO-9'],
    ['pinblock.encode', 'format', 'constructor'],
    ['otp.totp', 'hash', 'constructor'],
    ['message.pad', 'padding', 'constructor'],
    ['key.kcv', 'method', 'constructor'],
  ])('does not support %s with %s %s, and does not call it passed or failed', (op, field, value) => {
    const [vector] = of(op) as [Case];
    expect(run({ ...vector, [field]: value }).verdict).toBe('unsupported');
  });

  it.each([
    ['', 'not JSON'],
    ['{', 'not JSON'],
    ['null', 'the file'],
    ['[]', 'not a vector file'],
    ['{}', 'cases'],
    ['{"algorithm":"x","source":[],"cases":{}}', 'cases'],
    ['{"algorithm":1,"source":[],"cases":[]}', 'algorithm'],
    ['{"algorithm":"x","source":[],"cases":[1]}', 'cases.0'],
    ['{"algorithm":"x","source":[],"cases":[{"id":"a"}]}', 'cases.0.op'],
    ['{"algorithm":"x","source":[],"cases":[{"id":"a","op":1}]}', 'cases.0.op'],
    ['{"algorithm":"x","source":[],"cases":[{"id":{},"op":"cvv"}]}', 'cases.0.id'],
  ])('refuses the file %j', (text, where) => {
    expect(() => parseVectorFile(text)).toThrow(VectorFormatError);
    expect(() => parseVectorFile(text)).toThrow(where);
  });

  it('takes cases alone, and names one without an id by its place', () => {
    const [{ id: _, ...vector }] = of('pvv') as [Case];
    for (const source of [undefined, 'a title', {}, [{}]]) {
      const { results } = runFile(
        parseVectorFile(JSON.stringify({ source, cases: [{ ...vector, id: 7 }, vector] })),
      );
      expect(results.map(({ id, verdict }) => [id, verdict])).toEqual([
        ['7', 'passed'],
        ['#2', 'passed'],
      ]);
    }
  });

  it('takes a file with more than it knows', () => {
    const file = {
      algorithm: 'x',
      source: [{ id: 'y', kind: 'z', more: 1 }],
      notes: 1,
      schema: 2,
      cases: of('pvv'),
    };
    const more = { ...file, cases: file.cases.map((vector) => ({ ...vector, flags: ['a'], erratum: {} })) };
    const { results } = runFile(parseVectorFile(JSON.stringify(more)));
    expect(results.every(({ verdict }) => verdict === 'passed')).toBe(true);
  });
});

/** Fields that one case may do without, since another says the same. */
const OPTIONAL: readonly string[] = [
  'luhn.validate.length',
  'ff1.encrypt.radix',
  'ibm3624.naturalPin',
  'pinblock.translate.pin',
  'amex.csc.csc5',
];
