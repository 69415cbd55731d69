/** Base64 against the platform's, and that one byte string has one text. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64ToBytes, bytesToBase64, requireBase64 } from '../../src/bytes/base64.ts';
import { codeOf } from '../support/arbitraries.ts';

const bytes = fc.uint8Array({ maxLength: 200 });
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

describe('base64', () => {
  it('is the text that the platform writes, and comes back', () => {
    fc.assert(
      fc.property(bytes, (raw) => {
        const text = bytesToBase64(raw);
        expect(text).toBe(Buffer.from(raw).toString('base64'));
        expect(base64ToBytes(text, 400)).toEqual(Uint8Array.from(raw));
      }),
      { numRuns: 500 },
    );
    for (let length = 0; length < 70; length++) {
      const raw = new Uint8Array(length).fill(255);
      expect(base64ToBytes(bytesToBase64(raw), 100)).toEqual(raw);
    }
  });

  it('EN-09 is read only where it is the text that would be written', () => {
    const noise = fc.string({ unit: fc.constantFrom(...ALPHABET, '='), maxLength: 12 });
    fc.assert(
      fc.property(noise, (text) => {
        const canonical = Buffer.from(text, 'base64').toString('base64') === text;
        expect(base64ToBytes(text, 100) !== undefined).toBe(canonical);
      }),
      { numRuns: 5000 },
    );
  });

  it('EN-09 is refused with other characters, other padding, bits left over, or too long', () => {
    for (const text of [
      'A',
      'AB',
      'ABC',
      'AB=',
      '====',
      '=AAA',
      'A===',
      'AA=A',
      'QQ==QQ==',
      // The same byte as QQ==, but for bits that fall off.
      'QR==',
      'Qf==',
      'QUF=',
      'QU-_',
      'QU\n=',
      ' QUE',
      'QU\u00e9=',
      'QU\u0100A',
      5,
      null,
      undefined,
      ['QUE='],
    ])
      expect([text, base64ToBytes(text, 100)]).toEqual([text, undefined]);
    expect(base64ToBytes('QUJDRA==', 7)).toBeUndefined();
    expect(base64ToBytes('QUJDRA==', 8)).toEqual(Uint8Array.from(Buffer.from('ABCD')));
    expect(codeOf(() => requireBase64('QR==', 8, 'field'))).toBe('ERR_INPUT');
    expect(requireBase64('QQ==', 8, 'field')).toEqual(Uint8Array.of(0x41));
  });
});
