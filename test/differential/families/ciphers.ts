/** Ciphers, modes and codes over messages. */
import forge from 'node-forge';
import { aes } from '../../../src/aes/block.ts';
import { gcmSeal } from '../../../src/aes/gcm.ts';
import type { BlockCipher } from '../../../src/block-cipher.ts';
import { tdes } from '../../../src/des/tdes.ts';
import { decryptCbc, encryptCbc } from '../../../src/mode/cbc.ts';
import { macAlgorithm1, macAlgorithm3 } from '../../../src/mode/cbc-mac.ts';
import { cmac } from '../../../src/mode/cmac.ts';
import { cryptCtr } from '../../../src/mode/ctr.ts';
import { decryptEcb, encryptEcb } from '../../../src/mode/ecb.ts';
import { HASH_NAMES, hkdfSha256, hmac } from '../../../src/mode/hmac.ts';
import { hex } from '../../support/arbitraries.ts';
import type { Draw } from '../../support/draw.ts';
import * as oracle from '../../support/oracle/cipher.ts';
import { type Family, family, type Tested } from './family.ts';

const NODE = 'node:crypto';

const tdesKey = (draw: Draw): Uint8Array => draw.bytes(draw.of([8, 16, 24]));
const aesKey = (draw: Draw): Uint8Array => draw.aesKey();
/** Whole blocks and a start. */
const blocksOf = (size: number) => (draw: Draw) => ({
  iv: draw.bytes(size),
  data: draw.bytes(size * draw.between(1, 4)),
});
const message = (draw: Draw): Uint8Array => draw.bytes(draw.below(40));
const lines = (...parts: readonly Uint8Array[]): string => parts.map(hex).join(' ');

/** TDES-CBC of node-forge, without padding. */
function forged(raw: Uint8Array, iv: Uint8Array, data: Uint8Array): string {
  const binary = (bytes: Uint8Array) => forge.util.createBuffer(Buffer.from(bytes).toString('latin1'));
  const triple = Uint8Array.of(...raw, ...raw, ...raw).slice(0, 24);
  const cipher = forge.cipher.createCipher('3DES-CBC', binary(triple));
  Object.assign(cipher.mode, { pad: () => true });
  cipher.start({ iv: binary(iv) });
  cipher.update(binary(data));
  cipher.finish();
  return cipher.output.toHex().toUpperCase();
}

/** A block cipher, and what it is compared with. */
interface Blocks {
  readonly name: string;
  readonly bytes: number;
  readonly key: (draw: Draw) => Uint8Array;
  readonly cipherOf: (raw: Uint8Array) => BlockCipher;
  readonly ecb: typeof oracle.tdesEcb;
  readonly cbc: typeof oracle.tdesCbc;
  /** How many cases of ECB the other side does. */
  readonly ecbCases: Tested;
}

const bothWays = (crypt: (direction: 'encrypt' | 'decrypt') => string): string =>
  `${crypt('encrypt')} ${crypt('decrypt')}`;

/** ECB and CBC, both ways. */
function blockFamilies({ name, bytes, key, cipherOf, ecb, cbc, ecbCases }: Blocks): readonly Family[] {
  const next = blocksOf(bytes);
  return [
    family({
      name: `${name}-ecb`,
      other: NODE,
      tested: { other: ecbCases },
      shared: key,
      next,
      library: (raw) => {
        const cipher = cipherOf(raw);
        return ({ data }) => lines(encryptEcb(cipher, data), decryptEcb(cipher, data));
      },
      oracle:
        (raw) =>
        ({ data }) =>
          bothWays((direction) => ecb(hex(raw), hex(data), direction)),
    }),
    family({
      name: `${name}-cbc`,
      other: NODE,
      tested: { other: 5000 },
      shared: key,
      next,
      library: (raw) => {
        const cipher = cipherOf(raw);
        return ({ iv, data }) => lines(encryptCbc(cipher, iv, data), decryptCbc(cipher, iv, data));
      },
      oracle:
        (raw) =>
        ({ iv, data }) =>
          bothWays((direction) => cbc(hex(raw), hex(iv), hex(data), direction)),
    }),
  ];
}

const TDES: readonly Family[] = [
  ...blockFamilies({
    name: 'tdes',
    bytes: 8,
    key: tdesKey,
    cipherOf: tdes,
    ecb: oracle.tdesEcb,
    cbc: oracle.tdesCbc,
    ecbCases: 2500,
  }),
  family({
    name: 'tdes-cbc-forge',
    other: 'node-forge',
    tested: { other: 2500 },
    shared: tdesKey,
    next: blocksOf(8),
    library: (raw) => {
      const cipher = tdes(raw);
      return ({ iv, data }) => lines(encryptCbc(cipher, iv, data));
    },
    oracle:
      (raw) =>
      ({ iv, data }) =>
        forged(raw, iv, data),
  }),
];

const AES: readonly Family[] = [
  ...blockFamilies({
    name: 'aes',
    bytes: 16,
    key: aesKey,
    cipherOf: aes,
    ecb: oracle.aesEcb,
    cbc: oracle.aesCbc,
    ecbCases: 5000,
  }),
  family({
    name: 'aes-ctr',
    other: NODE,
    shared: aesKey,
    next: (draw) => ({ iv: draw.bytes(16), data: message(draw) }),
    library: (raw) => {
      const cipher = aes(raw);
      return ({ iv, data }) => lines(cryptCtr(cipher, iv, data));
    },
    oracle:
      (raw) =>
      ({ iv, data }) =>
        oracle.aesCtr(hex(raw), hex(iv), hex(data)),
  }),
  family({
    name: 'aes-gcm',
    other: NODE,
    tested: { library: 2500, other: 5000 },
    shared: aesKey,
    next: (draw) => ({ nonce: draw.bytes(12), data: message(draw), associated: message(draw) }),
    library:
      (raw) =>
      ({ nonce, data, associated }) =>
        lines(gcmSeal(raw, nonce, data, associated)),
    oracle:
      (raw) =>
      ({ nonce, data, associated }) => {
        const sealed = oracle.aesGcmSeal(hex(raw), hex(nonce), hex(associated), hex(data));
        return sealed.ciphertext + sealed.tag;
      },
  }),
];

const MACS: readonly Family[] = [
  family({
    name: 'cmac-tdes',
    other: 'oracle/cipher',
    tested: { other: 2500 },
    shared: (draw) => draw.bytes(draw.of([16, 24])),
    next: message,
    library: (raw) => {
      const cipher = tdes(raw);
      return (data) => lines(cmac(cipher, data));
    },
    oracle: (raw) => (data) => oracle.tdesCmac(hex(raw), hex(data)),
  }),
  family({
    name: 'cmac-aes',
    other: 'oracle/cipher',
    tested: { other: 2500 },
    shared: aesKey,
    next: message,
    library: (raw) => {
      const cipher = aes(raw);
      return (data) => lines(cmac(cipher, data));
    },
    oracle: (raw) => (data) => oracle.aesCmac(hex(raw), hex(data)),
  }),
  family({
    name: 'cbc-mac',
    other: NODE,
    shared: tdesKey,
    next: (draw) => blocksOf(8)(draw).data,
    library: (raw) => {
      const cipher = tdes(raw);
      return (data) => lines(macAlgorithm1(cipher, data));
    },
    oracle: (raw) => (data) => oracle.tdesCbc(hex(raw), '0'.repeat(16), hex(data), 'encrypt').slice(-16),
  }),
  family({
    name: 'retail-mac',
    other: 'oracle/cipher',
    tested: { other: 5000 },
    shared: (draw) => [draw.bytes(8), draw.bytes(8)] as const,
    next: (draw) => blocksOf(8)(draw).data,
    library: ([first, second]) => {
      const [k, k1] = [tdes(first), tdes(second)];
      return (data) => lines(macAlgorithm3(k, k1, data));
    },
    oracle:
      ([first, second]) =>
      (data) => {
        const last = oracle.tdesCbc(hex(first), '0'.repeat(16), hex(data), 'encrypt').slice(-16);
        return oracle.tdesEcb(hex(first), oracle.tdesEcb(hex(second), last, 'decrypt'), 'encrypt');
      },
  }),
  family({
    name: 'hmac',
    other: NODE,
    tested: { library: 5000 },
    shared: (draw) => ({ hash: draw.of(HASH_NAMES), raw: draw.bytes(draw.between(1, 150)) }),
    next: message,
    library:
      ({ hash, raw }) =>
      (data) =>
        lines(hmac(hash, raw, data)),
    oracle:
      ({ hash, raw }) =>
      (data) =>
        oracle.hmac(hash.replace('-', '') as 'SHA256', hex(raw), hex(data)),
  }),
  family({
    name: 'hkdf',
    other: 'oracle/cipher',
    tested: { library: 5000, other: 5000 },
    shared: () => undefined,
    next: (draw) => ({ secret: draw.bytes(32), label: message(draw), length: draw.between(1, 64) }),
    library:
      () =>
      ({ secret, label, length }) =>
        lines(hkdfSha256(secret, label, length)),
    oracle:
      () =>
      ({ secret, label, length }) =>
        oracle.hkdf('SHA256', hex(secret), '', hex(label), length),
  }),
];

export const CIPHERS: readonly Family[] = [...TDES, ...AES, ...MACS];
