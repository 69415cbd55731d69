/** TDES and DES against node:crypto (des-ede3) and node-forge. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import fc from 'fast-check';
import forge from 'node-forge';
import { describe, expect, it } from 'vitest';
import { des, tdes } from '../../src/des/tdes.ts';
import { at, bytes, hex, range, same, seededBytes, WEAK_PARTS } from '../support/arbitraries.ts';

/** Keys below every guard: weak parts, equal parts and even parity among them. */
const part = fc.oneof(
  { weight: 3, arbitrary: bytes(8) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...WEAK_PARTS, '0123456789ABCDEF')
      .map((text) => Uint8Array.from(Buffer.from(text, 'hex'))),
  },
);
const keys = fc
  .array(part, { minLength: 1, maxLength: 3 })
  .map((parts) => Uint8Array.from(parts.flatMap((one) => [...one])));
const wholeBlocks = fc.integer({ min: 0, max: 9 }).chain((blocks) => bytes(8 * blocks));

/** The key as node and forge want it. */
function triple(key: Uint8Array): Uint8Array {
  if (key.length === 24) return key;
  const [first, second] = [key.subarray(0, 8), key.subarray(key.length - 8)];
  return Uint8Array.from([...first, ...second, ...first]);
}

function node(key: Uint8Array, data: Uint8Array, direction: 'encrypt' | 'decrypt'): Uint8Array {
  const cipher = (direction === 'encrypt' ? createCipheriv : createDecipheriv)('des-ede3', triple(key), null);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

function forged(key: Uint8Array, data: Uint8Array, direction: 'encrypt' | 'decrypt'): Uint8Array {
  const binary = forge.util.createBuffer(Buffer.from(triple(key)).toString('latin1'));
  const cipher = (direction === 'encrypt' ? forge.cipher.createCipher : forge.cipher.createDecipher)(
    '3DES-ECB',
    binary,
  );
  // No padding in either direction.
  Object.assign(cipher.mode, { pad: () => true, unpad: () => true });
  cipher.start({});
  cipher.update(forge.util.createBuffer(Buffer.from(data).toString('latin1')));
  cipher.finish();
  return Uint8Array.from(Buffer.from(cipher.output.getBytes(), 'latin1'));
}

const both = ['encrypt', 'decrypt'] as const;

describe('tdes', () => {
  it('is des-ede3 of node:crypto, for keys of 8, 16 and 24 bytes and any number of blocks', () => {
    fc.assert(
      fc.property(keys, wholeBlocks, fc.constantFrom(...both), (key, data, direction) => {
        const out = new Uint8Array(data.length);
        tdes(key)[`${direction}Blocks`](data, out);
        expect(same(out, node(key, data, direction))).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  it('is 3DES of node-forge', () => {
    fc.assert(
      fc.property(keys, wholeBlocks, fc.constantFrom(...both), (key, data, direction) => {
        const out = new Uint8Array(data.length);
        tdes(key)[`${direction}Blocks`](data, out);
        expect(same(out, forged(key, data, direction))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('has as halves single DES under its first and its second key', () => {
    fc.assert(
      fc.property(keys, bytes(8), fc.constantFrom(1 as const, 2 as const), (key, data, which) => {
        const from = which === 1 ? 0 : 8 % key.length;
        const half = key.subarray(from, from + 8);
        const [one, two] = [new Uint8Array(8), new Uint8Array(8)];
        tdes(key).half(which).encryptBlocks(data, one);
        des(half).encryptBlocks(data, two);
        expect(same(one, two)).toBe(true);
        expect(same(one, node(half, data, 'encrypt'))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('is the same after 50 000 blocks that depend on one another: 25 000 out, 25 000 back', () => {
    const key = seededBytes(1, 24);
    const cipher = tdes(key);
    const block = seededBytes(2, 8);
    // CBC of zeros under node is the chain E(E(E(x))).
    const chain = createCipheriv('des-ede3-cbc', key, block);
    chain.setAutoPadding(false);
    const expected = chain.update(new Uint8Array(8 * 25_000));
    const words = new Int32Array([0, 4].map((i) => Buffer.from(block).readInt32BE(i)));
    for (let i = 0; i < 25_000; i++) cipher.encryptWords(words);
    const reached = Buffer.alloc(8);
    words.forEach((word, i) => {
      reached.writeInt32BE(word, 4 * i);
    });
    expect(hex(reached)).toBe(hex(expected.subarray(-8)));
    for (let i = 0; i < 25_000; i++) cipher.decryptWords(words);
    expect([...words]).toEqual([0, 4].map((i) => Buffer.from(block).readInt32BE(i)));
  });

  it('takes every bit of key and data to where the standard does: one bit set at a time', () => {
    for (const bit of range(0, 63)) {
      const one = new Uint8Array(8);
      one[bit >>> 3] = 0x80 >>> (bit & 7);
      const zero = new Uint8Array(8);
      for (const [key, data] of [
        [zero, one],
        [one, zero],
        [one, one],
      ] as const) {
        const out = new Uint8Array(8);
        des(key).encryptBlocks(data, out);
        expect(hex(out)).toBe(hex(node(key, data, 'encrypt')));
      }
    }
  });

  it('does not look at parity bits', () => {
    fc.assert(
      fc.property(keys, bytes(8), bytes(24), (key, data, noise) => {
        const shaken = key.map((byte, i) => byte ^ (at(noise, i) & 1));
        const [one, two] = [new Uint8Array(8), new Uint8Array(8)];
        tdes(key).encryptBlocks(data, one);
        tdes(shaken).encryptBlocks(data, two);
        expect(same(one, two)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
