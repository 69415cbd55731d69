/** Modes, MACs, HMAC and HKDF against node:crypto and the oracle. */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aes } from '../../src/aes/block.ts';
import { tdes } from '../../src/des/tdes.ts';
import { decryptCbc, encryptCbc } from '../../src/mode/cbc.ts';
import { macAlgorithm1, macAlgorithm3 } from '../../src/mode/cbc-mac.ts';
import { cmac } from '../../src/mode/cmac.ts';
import { cryptCtr } from '../../src/mode/ctr.ts';
import { decryptEcb, encryptEcb } from '../../src/mode/ecb.ts';
import { HASH_NAMES, type HashName, hkdfSha256, hmac, sha256 } from '../../src/mode/hmac.ts';
import { pad, unpad } from '../../src/mode/pad.ts';
import { bytes, hex, same } from '../support/arbitraries.ts';
import * as oracle from '../support/oracle/cipher.ts';

const ciphers = fc
  .constantFrom(
    { kind: 'T', length: 16 },
    { kind: 'T', length: 24 },
    { kind: 'A', length: 16 },
    { kind: 'A', length: 24 },
    { kind: 'A', length: 32 },
  )
  .chain(({ kind, length }) =>
    bytes(length).map((key) => ({
      key,
      cipher: kind === 'T' ? tdes(key) : aes(Uint8Array.from(key)),
      size: kind === 'T' ? 8 : 16,
      name: kind === 'T' ? 'des-ede3' : `aes-${8 * length}`,
      nodeKey: kind === 'T' && length === 16 ? Uint8Array.from([...key, ...key.subarray(0, 8)]) : key,
    })),
  );
const withBlocks = ciphers.chain((one) =>
  fc.tuple(
    fc.constant(one),
    fc.integer({ min: 0, max: 8 }).chain((blocks) => bytes(blocks * one.size)),
    bytes(one.size),
  ),
);

describe('modes', () => {
  it('CTR is that of node:crypto for AES, from any counter, whole blocks or not', () => {
    const aesKeys = fc.constantFrom(16, 24, 32).chain((length) => bytes(length));
    // Counters that carry, or start again at 0.
    const ends = fc.integer({ min: 0, max: 15 }).map((at) => new Uint8Array(16).fill(0xff, at));
    fc.assert(
      fc.property(aesKeys, fc.oneof(bytes(16), ends), bytes(0, 100), (key, start, data) => {
        const node = createCipheriv(`aes-${8 * key.length}-ctr`, key, start);
        const expected = Buffer.concat([node.update(data), node.final()]);
        const [startBefore, dataBefore] = [hex(start), hex(data)];
        const cipher = aes(Uint8Array.from(key));
        expect(same(cryptCtr(cipher, start, data), expected)).toBe(true);
        expect(same(cryptCtr(cipher, start, expected), data)).toBe(true);
        expect([hex(start), hex(data)]).toEqual([startBefore, dataBefore]);
      }),
    );
  });

  it('CBC and ECB are those of node:crypto, both ways', () => {
    fc.assert(
      fc.property(withBlocks, ([{ cipher, name, nodeKey }, data, iv]) => {
        const run = (make: typeof createCipheriv | typeof createDecipheriv, mode: string): Uint8Array => {
          const node = make(`${name}${mode}`, nodeKey, mode === '-cbc' ? iv : null);
          node.setAutoPadding(false);
          return Buffer.concat([node.update(data), node.final()]);
        };
        const ecb = name === 'des-ede3' ? '' : '-ecb';
        expect(same(encryptCbc(cipher, iv, data), run(createCipheriv, '-cbc'))).toBe(true);
        expect(same(decryptCbc(cipher, iv, data), run(createDecipheriv, '-cbc'))).toBe(true);
        expect(same(encryptEcb(cipher, data), run(createCipheriv, ecb))).toBe(true);
        expect(same(decryptEcb(cipher, data), run(createDecipheriv, ecb))).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('PKCS #7 is the padding of node:crypto', () => {
    fc.assert(
      fc.property(ciphers, bytes(0, 50), bytes(16), ({ cipher, size, name, nodeKey }, message, noise) => {
        const iv = noise.subarray(0, size);
        const node = createCipheriv(`${name}-cbc`, nodeKey, iv);
        const expected = Buffer.concat([node.update(message), node.final()]);
        expect(same(encryptCbc(cipher, iv, pad(message, 'pkcs7', size)), expected)).toBe(true);
        const back = unpad(decryptCbc(cipher, iv, expected), 'pkcs7', size);
        expect(back !== undefined && same(back, message)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('CMAC is that of the oracle, for messages of every length', () => {
    fc.assert(
      fc.property(ciphers, bytes(0, 70), ({ key, cipher, size }, message) => {
        const expected =
          size === 8 ? oracle.tdesCmac(hex(key), hex(message)) : oracle.aesCmac(hex(key), hex(message));
        expect(hex(cmac(cipher, message))).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('MAC algorithm 1 is the last block of CBC of the oracle, and algorithm 3 the retail MAC', () => {
    const messages = fc.integer({ min: 1, max: 8 }).chain((blocks) => bytes(8 * blocks));
    fc.assert(
      fc.property(bytes(8), bytes(8), messages, (k, k1, message) => {
        const last = oracle.tdesCbc(hex(k), '0'.repeat(16), hex(message), 'encrypt').slice(-16);
        expect(hex(macAlgorithm1(tdes(k), message))).toBe(last);
        const retail = oracle.tdesEcb(hex(k), oracle.tdesEcb(hex(k1), last, 'decrypt'), 'encrypt');
        expect(hex(macAlgorithm3(tdes(k), tdes(k1), message))).toBe(retail);
        const pair = tdes(Uint8Array.from([...k, ...k1]));
        expect(hex(macAlgorithm3(pair.half(1), pair.half(2), message))).toBe(retail);
      }),
      { numRuns: 200 },
    );
  });
});

describe('hashes', () => {
  const nodeName = (name: HashName): string => name.replace('-', '').toLowerCase();

  it('HMAC is that of node:crypto and of the oracle, keys longer than a block too', () => {
    fc.assert(
      fc.property(fc.constantFrom(...HASH_NAMES), bytes(1, 200), bytes(0, 200), (name, key, message) => {
        const mac = hmac(name, key, message);
        expect(hex(mac)).toBe(createHmac(nodeName(name), key).update(message).digest('hex').toUpperCase());
        expect(hex(mac)).toBe(oracle.hmac(nodeName(name).toUpperCase() as 'SHA1', hex(key), hex(message)));
      }),
      { numRuns: 200 },
    );
  });

  it('HKDF-SHA-256 is that of node:crypto and of the oracle', () => {
    fc.assert(
      fc.property(bytes(1, 64), bytes(0, 40), fc.integer({ min: 1, max: 100 }), (secret, label, length) => {
        const ours = hex(hkdfSha256(secret, label, length));
        expect(ours).toBe(hex(new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), label, length))));
        expect(ours).toBe(oracle.hkdf('SHA256', hex(secret), '', hex(label), length));
      }),
      { numRuns: 200 },
    );
  });

  it('SHA-256 is that of node:crypto', () => {
    fc.assert(
      fc.property(bytes(0, 300), (message) => {
        expect(hex(sha256(message))).toBe(createHash('sha256').update(message).digest('hex').toUpperCase());
      }),
    );
  });
});
