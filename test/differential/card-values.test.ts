/** CVV, CSC, PVV, IBM 3624 and PIN blocks against the oracle. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateCsc } from '../../src/cvv/csc.ts';
import { generateCvv, generateCvv2, generateIcvv } from '../../src/cvv/cvv.ts';
import { sealCode } from '../../src/envelope/code-block.ts';
import { naturalPin, pinFromOffset, pinOffset } from '../../src/pin/ibm3624.ts';
import { defineIbm3624Method, type ValidationDataLayout } from '../../src/pin/ibm3624-method.ts';
import { generatePvv, parsePvki } from '../../src/pin/pvv.ts';
import { decryptPinBlock, encryptPinBlock } from '../../src/pinblock/encrypt.ts';
import { parseEncryptedPinBlock } from '../../src/pinblock/format.ts';
import {
  aesKeyBytes,
  bytes,
  cards,
  codeOf,
  cvkOf,
  dataKeyOf,
  digits,
  digitsOfPin,
  expiries,
  hex,
  ibmPvkOf,
  isPin,
  paddedRandom,
  pans,
  pekOf,
  pinOf,
  pinTexts,
  pvkOf,
  tdesKeyBytes,
} from '../support/arbitraries.ts';
import { tdesEcb } from '../support/oracle/cipher.ts';
import { sealCodeBlock } from '../support/oracle/codeblock.ts';
import * as oracleCsc from '../support/oracle/csc.ts';
import * as oracleCvv from '../support/oracle/cvv.ts';
import * as ibm from '../support/oracle/ibm3624.ts';
import * as blocks from '../support/oracle/pinblock.ts';
import * as oraclePvv from '../support/oracle/pvv.ts';

const tdesKeys = fc.oneof(tdesKeyBytes(16), tdesKeyBytes(24));

describe('card verification values', () => {
  it('CVV, CVV2 and iCVV are those of the oracle, in both orders of the expiry, with 1 to 5 digits', () => {
    fc.assert(
      fc.property(
        tdesKeyBytes(16),
        cards,
        fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const, 5 as const),
        (raw, card, n) => {
          const cvk = cvkOf(raw);
          const { pan, expiry, serviceCode } = card;
          const of = (order: string, code: string): string =>
            oracleCvv.cvv(hex(raw), pan, order, code, n).cvv;
          const turned = expiry.slice(2) + expiry.slice(0, 2);
          expect(generateCvv(cvk, card, { digits: n })).toBe(of(expiry, serviceCode));
          expect(generateCvv2(cvk, { pan, expiry }, { digits: n })).toBe(of(expiry, '000'));
          expect(generateCvv2(cvk, { pan, expiry }, { digits: n, expiryOrder: 'MMYY' })).toBe(
            of(turned, '000'),
          );
          expect(generateIcvv(cvk, { pan, expiry }, { digits: n })).toBe(of(expiry, '999'));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('CSC with 5 and 4 digits is that of the oracle', () => {
    fc.assert(
      fc.property(tdesKeyBytes(16), pans(15), expiries, (raw, pan, expiry) => {
        const expected = oracleCsc.csc(hex(raw), pan, expiry);
        expect(generateCsc(cvkOf(raw), { pan, expiry }, { digits: 5 })).toBe(expected.csc5);
        expect(generateCsc(cvkOf(raw), { pan, expiry }, { digits: 4 })).toBe(expected.csc4);
      }),
      { numRuns: 300 },
    );
  });
});

describe('PIN values', () => {
  it('PVV is that of the oracle', () => {
    fc.assert(
      fc.property(
        tdesKeyBytes(16),
        pans(),
        pinTexts(4),
        fc.integer({ min: 0, max: 9 }),
        (raw, pan, text, index) => {
          const pvki = parsePvki(index, { range: '0-9' });
          const { pvv } = generatePvv(pvkOf(raw), pinOf(text), pan, pvki);
          expect(pvv === oraclePvv.pvv(hex(raw), pan, pvki, text).pvv).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('natural PIN and offset of IBM 3624 are those of the oracle, for both kinds of validation data', () => {
    const layouts: fc.Arbitrary<ValidationDataLayout> = fc.oneof(
      fc.record({
        start: fc.integer({ min: 0, max: 4 }),
        from: fc.constantFrom('left' as const, 'right' as const),
        digits: fc.integer({ min: 1, max: 8 }),
        padSide: fc.constantFrom('left' as const, 'right' as const),
        padDigit: fc.constantFrom(...'0123456789ABCDEF'),
      }),
      fc.constantFrom('NFFFFFFFFFFF', '1234567890AN', '00000N000000').map((template) => ({ template })),
    );
    const tables = fc.constantFrom('0123456789012345', '9876543210987654', '8351296477461538');
    fc.assert(
      fc.property(
        tdesKeys,
        pans(),
        layouts,
        tables,
        digits(4, 12),
        (raw, pan, validationData, dectab, text) => {
          const method = defineIbm3624Method({ dectab, validationData, pinLength: text.length });
          const pvk = ibmPvkOf(raw);
          const data =
            'template' in validationData
              ? ibm.validationDataFromTemplate(pan, validationData.template)
              : ibm.validationDataFromLayout(pan, validationData);
          const natural = ibm.naturalPin(hex(raw), data, dectab, text.length);
          expect(isPin(naturalPin(pvk, pan, method), natural)).toBe(true);
          const offset = pinOffset(pvk, pinOf(text), pan, method);
          expect(offset === ibm.offsetOf(text, natural)).toBe(true);
          expect(
            digitsOfPin(pinFromOffset(pvk, offset, pan, method)) === ibm.pinFromOffset(natural, offset),
          ).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('PIN blocks', () => {
  const nibbles = (script: Uint8Array, base: number, count: number): string =>
    Array.from(script.subarray(0, count), (byte) =>
      (base + (byte % (16 - base))).toString(16).toUpperCase(),
    ).join('');
  const scripts = fc
    .array(fc.integer({ min: 0, max: 239 }), { minLength: 16, maxLength: 16 })
    .map((n) => Uint8Array.from(n));

  it('of formats 0, 1 and 3 are those of the oracle, with the fill of the script, and open in both', () => {
    fc.assert(
      fc.property(
        tdesKeys,
        pans(),
        pinTexts(),
        fc.constantFrom('ISO-0' as const, 'ISO-1' as const, 'ISO-3' as const),
        scripts,
        (raw, pan, text, format, script) => {
          const fill = nibbles(script, format === 'ISO-3' ? 10 : 0, 14 - text.length);
          const expected = blocks.encryptPinBlock(hex(raw), format, text, pan, fill);
          const pek = pekOf('T', raw);
          const sealed = encryptPinBlock(pek, pinOf(text), pan, format, { random: paddedRandom(script) });
          expect(sealed.block).toBe(expected);
          expect(isPin(decryptPinBlock(pek, parseEncryptedPinBlock(format, expected), pan), text)).toBe(true);
          expect(blocks.decryptPinBlock(hex(raw), format, sealed.block, pan) === text).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('of format 4 are those of the oracle', () => {
    fc.assert(
      fc.property(aesKeyBytes(), pans(), pinTexts(), bytes(8), (raw, pan, text, fill) => {
        const expected = blocks.iso4Encipher(hex(raw), text, pan, hex(fill));
        const pek = pekOf('A', raw);
        expect(encryptPinBlock(pek, pinOf(text), pan, 'ISO-4', { random: paddedRandom(fill) }).block).toBe(
          expected,
        );
        expect(isPin(decryptPinBlock(pek, parseEncryptedPinBlock('ISO-4', expected), pan), text)).toBe(true);
        expect(blocks.iso4Decipher(hex(raw), expected, pan) === text).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('that are nearly right are refused or taken by both alike', () => {
    const near = fc.tuple(
      fc.constantFrom('ISO-0' as const, 'ISO-1' as const, 'ISO-3' as const),
      pinTexts(),
      scripts,
      fc.nat({ max: 15 }),
      fc.nat({ max: 15 }),
    );
    let [taken, refused] = [0, 0];
    fc.assert(
      fc.property(near, pans(), ([format, text, script, place, value], pan) => {
        const raw = Uint8Array.from(Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex'));
        const fill = nibbles(script, format === 'ISO-3' ? 10 : 0, 14 - text.length);
        const clear = blocks.encodePinBlock(format, text, pan, fill);
        const changed = clear.slice(0, place) + value.toString(16).toUpperCase() + clear.slice(place + 1);
        // Enciphered with a format that does not look at what it holds.
        const sealed = tdesOf(raw, changed);
        const block = parseEncryptedPinBlock(format, sealed);
        const code = codeOf(() => decryptPinBlock(pekOf('T', raw), block, pan));
        let expected: string | undefined;
        try {
          expected = blocks.decryptPinBlock(hex(raw), format, sealed, pan);
        } catch {
          expected = undefined;
        }
        expect(code).toBe(expected === undefined ? 'ERR_PIN_BLOCK' : 'none');
        if (expected !== undefined)
          expect(isPin(decryptPinBlock(pekOf('T', raw), block, pan), expected)).toBe(true);
        if (expected === undefined) refused++;
        else taken++;
      }),
      { numRuns: 800 },
    );
    expect(Math.min(taken, refused)).toBeGreaterThan(50);
  });
});

/** A block enciphered by the oracle. */
function tdesOf(raw: Uint8Array, block: string): string {
  return tdesEcb(hex(raw), block, 'encrypt');
}

describe('code blocks', () => {
  it('are those of the oracle, for every layout', () => {
    fc.assert(
      fc.property(
        tdesKeys,
        digits(1, 12),
        fc.constantFrom('random-fill' as const, 'F-fill' as const, 'zero-fill' as const),
        bytes(32),
        (raw, text, layout, script) => {
          const fill = Array.from(script.subarray(0, 14 - text.length), (byte) =>
            (byte % 16).toString(16).toUpperCase(),
          );
          const block = sealCode(dataKeyOf('T', raw), text, layout, { random: paddedRandom(script) });
          expect(hex(block)).toBe(sealCodeBlock(hex(raw), layout, text, fill.join('')));
        },
      ),
      { numRuns: 300 },
    );
  });
});
