/** AES and AES-GCM against node:crypto. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aes } from '../../src/aes/block.ts';
import { gcmOpen, gcmSeal } from '../../src/aes/gcm.ts';
import { bytes, hex, same, seededBytes } from '../support/arbitraries.ts';

const keys = fc.constantFrom(16, 24, 32).chain((length) => bytes(length));

function node(key: Uint8Array, data: Uint8Array, direction: 'encrypt' | 'decrypt'): Uint8Array {
  const name = `aes-${8 * key.length}-ecb`;
  const cipher = (direction === 'encrypt' ? createCipheriv : createDecipheriv)(name, key, null);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

describe('aes', () => {
  it('is AES-128, -192 and -256 of node:crypto, both ways, for any number of blocks', () => {
    const wholeBlocks = fc.integer({ min: 0, max: 9 }).chain((blocks) => bytes(16 * blocks));
    fc.assert(
      fc.property(
        keys,
        wholeBlocks,
        fc.constantFrom('encrypt' as const, 'decrypt' as const),
        (key, data, direction) => {
          const out = new Uint8Array(data.length);
          aes(Uint8Array.from(key))[`${direction}Blocks`](data, out);
          expect(same(out, node(key, data, direction))).toBe(true);
        },
      ),
      { numRuns: 600 },
    );
  });

  it('is the same after 20 000 blocks that depend on one another', () => {
    for (const length of [16, 24, 32]) {
      const key = seededBytes(length, length);
      const iv = seededBytes(3, 16);
      const chain = createCipheriv(`aes-${8 * length}-cbc`, key, iv);
      chain.setAutoPadding(false);
      const expected = chain.update(new Uint8Array(16 * 20_000)).subarray(-16);
      const block = Uint8Array.from(iv);
      const cipher = aes(Uint8Array.from(key));
      for (let i = 0; i < 20_000; i++) cipher.encryptBlocks(block, block);
      expect(hex(block)).toBe(hex(expected));
    }
  });
});

describe('gcm', () => {
  it('seals as node:crypto does, and opens what node:crypto sealed', () => {
    fc.assert(
      fc.property(keys, bytes(12), bytes(0, 100), bytes(0, 60), (key, nonce, plaintext, associated) => {
        const cipher = createCipheriv(`aes-${8 * key.length}-gcm` as 'aes-256-gcm', key, nonce);
        cipher.setAAD(associated);
        const expected = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
        expect(same(gcmSeal(key, nonce, plaintext, associated), expected)).toBe(true);
        const opened = gcmOpen(key, nonce, expected, associated);
        expect(opened !== undefined && same(opened, plaintext)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
