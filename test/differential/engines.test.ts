/**
 * The engines give the same bytes: TDES of the scalar cipher, of the portable bitslice and of the kernel; AES
 * of the kernel, of plain numbers and of the platform; FF1 with and without the kernel. And they give what
 * node:crypto and @noble/ciphers give.
 */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { FF1 } from '@noble/ciphers/ff1.js';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { aes } from '../../src/aes/block.ts';
import { type BulkAes, bulkAes } from '../../src/aes/bulk.ts';
import { bitslicedBlocks } from '../../src/des/bitslice.ts';
import { BITSLICE_FROM, bulkTdes, KERNEL_FROM } from '../../src/des/bulk.ts';
import { DES_MASKS, keyMasks } from '../../src/des/masks.ts';
import { des, expandTdes, tdes } from '../../src/des/tdes.ts';
import { kernelNow, loadKernel } from '../../src/kernel/kernel.ts';
import { COLUMNS, KEYS, OUTPUTS } from '../../src/kernel/memory.ts';
import { type Kernel, switchKernel } from '../../src/kernel/slot.ts';
import { Ff1 } from '../../src/mode/ff1.ts';
import { nodeCiphers } from '../../src/node/ciphers.ts';
import {
  at,
  bytes,
  hex,
  range,
  same,
  seededBytes,
  seededRandom,
  unhex,
  WEAK_PARTS,
} from '../support/arbitraries.ts';
import { ff1Decrypt, ff1Encrypt } from '../support/oracle/ff1.ts';

type Direction = 'encrypt' | 'decrypt';
type Crypt = (src: Uint8Array, dst: Uint8Array) => void;
const BOTH = ['encrypt', 'decrypt'] as const;

let kernel: Kernel;
beforeAll(async () => {
  expect(await loadKernel()).toBe(true);
  kernel = kernelNow() as Kernel;
});
afterEach(() => {
  switchKernel(true);
  vi.restoreAllMocks();
});

/** Does it without the kernel. */
function portably<T>(work: () => T): T {
  switchKernel(false);
  try {
    return work();
  } finally {
    switchKernel(true);
  }
}

/** What it writes for `src`. */
function output(crypt: Crypt, src: Uint8Array): Uint8Array {
  const dst = new Uint8Array(src.length);
  crypt(src, dst);
  return dst;
}

// ---------------------------------------------------------------- TDES

/** Which cipher of a key: EDE, or single DES under its first or second part. */
type Which = 'ede' | 1 | 2;

/** Whole blocks straight through the kernel, however few they are. */
function throughKernel(src: Uint8Array, dst: Uint8Array, masks: readonly number[]): void {
  kernel.words.set(masks, KEYS / 4);
  kernel.bytes.set(src, COLUMNS);
  kernel.cryptBlocks(COLUMNS, OUTPUTS, src.length / 8, masks.length / DES_MASKS);
  dst.set(kernel.bytes.subarray(OUTPUTS, OUTPUTS + src.length));
  kernel.bytes.fill(0, 0, OUTPUTS + src.length);
  kernel.bytes.fill(0, COLUMNS, COLUMNS + src.length);
}

/** The engines for one key and direction, by name. */
function tdesEngines(key: Uint8Array, direction: Direction, which: Which): Readonly<Record<string, Crypt>> {
  const scalar = which === 'ede' ? tdes(key) : tdes(key).half(which);
  const bulk = which === 'ede' ? bulkTdes(key) : bulkTdes(key).half(which);
  const schedules = which === 'ede' ? expandTdes(key) : at(expandTdes(key).halves, which - 1);
  const masks = keyMasks(direction === 'encrypt' ? schedules.forward : schedules.backward);
  return {
    scalar: (src, dst) => scalar[`${direction}Blocks`](src, dst),
    bitslice: (src, dst) => bitslicedBlocks(src, dst, masks),
    kernel: (src, dst) => throughKernel(src, dst, masks),
    'bulk with the kernel': (src, dst) => bulk[`${direction}Blocks`](src, dst),
    'bulk without it': (src, dst) => portably(() => bulk[`${direction}Blocks`](src, dst)),
  };
}

/** The key of des-ede3 for a cipher of a key. */
function tripleKey(key: Uint8Array, which: Which): Uint8Array {
  const part = (n: number): Uint8Array => key.subarray((8 * n) % key.length, ((8 * n) % key.length) + 8);
  return Buffer.concat(which === 'ede' ? range(0, 2).map(part) : range(0, 2).map(() => part(which - 1)));
}

function nodeTdes(key: Uint8Array, data: Uint8Array, direction: Direction, which: Which): Uint8Array {
  const make = direction === 'encrypt' ? createCipheriv : createDecipheriv;
  const cipher = make('des-ede3', tripleKey(key, which), null).setAutoPadding(false);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

/** The names of the engines that do not give the expected bytes. */
function wrongEngines(
  engines: Readonly<Record<string, Crypt>>,
  src: Uint8Array,
  expected: Uint8Array,
): string[] {
  return Object.keys(engines).filter((name) => !same(output(engines[name] as Crypt, src), expected));
}

/** Keys of every length, and each of the ciphers that they have. */
const TDES_KEYS: readonly (readonly [Uint8Array, Which])[] = [
  [seededBytes(8, 8), 'ede'],
  [seededBytes(16, 16), 'ede'],
  [seededBytes(24, 24), 'ede'],
  [seededBytes(25, 16), 1],
  [seededBytes(26, 16), 2],
  [seededBytes(27, 24), 1],
  [seededBytes(28, 24), 2],
];

describe('TDES by scalar rounds, bitslice and kernel', () => {
  it('is des-ede3 of node:crypto for every number of blocks from 0 to 300, and around chunks', () => {
    const data = seededBytes(1, 8 * 4096);
    for (const [key, which] of TDES_KEYS)
      for (const direction of BOTH) {
        const engines = tdesEngines(key, direction, which);
        // ECB: the blocks of a shorter text are the first ones of a longer.
        const expected = nodeTdes(key, data, direction, which);
        for (const blocks of [...range(0, 300), 2047, 2048, 2049, 4096]) {
          const [src, wanted] = [data.subarray(0, 8 * blocks), expected.subarray(0, 8 * blocks)];
          expect(wrongEngines(engines, src, wanted), `${key.length} ${which} ${direction} ${blocks}`).toEqual(
            [],
          );
        }
      }
  });

  it('takes the way it should: the kernel from 8 blocks on, the bitslice from 16 where there is none', () => {
    expect([KERNEL_FROM, BITSLICE_FROM]).toEqual([8, 16]);
    const passes = vi.spyOn(kernel, 'cryptBlocks');
    const cipher = bulkTdes(seededBytes(3, 16));
    for (const [blocks, calls] of [
      [0, 0],
      [1, 0],
      [7, 0],
      [8, 1],
      [2048, 1],
      [2049, 2],
      [4096, 2],
      [4097, 3],
    ] as const)
      for (const direction of BOTH)
        for (const one of [cipher, cipher.half(1), cipher.half(2)]) {
          passes.mockClear();
          one[`${direction}Blocks`](new Uint8Array(8 * blocks), new Uint8Array(8 * blocks));
          expect(passes.mock.calls.length).toBe(calls);
        }
    passes.mockClear();
    portably(() => cipher.encryptBlocks(new Uint8Array(8 * 100), new Uint8Array(8 * 100)));
    expect(passes).not.toHaveBeenCalled();
  });

  it('works in place, and at odd offsets, and touches nothing beside', () => {
    const counts = [0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 127, 128, 129, 255, 256, 257, 2047, 2048, 2049];
    for (const [key, which] of TDES_KEYS)
      for (const direction of BOTH) {
        const engines = Object.entries(tdesEngines(key, direction, which));
        for (const [i, blocks] of counts.entries()) {
          const size = 8 * blocks;
          const data = seededBytes(blocks, size);
          const expected = nodeTdes(key, data, direction, which);
          const [from, to] = [1 + 2 * (i % 4), 7 - 2 * (i % 4)];
          for (const [name, crypt] of engines) {
            const source = seededBytes(2, size + 16);
            source.set(data, from);
            const before = Uint8Array.from(source);
            const target = seededBytes(3, size + 16);
            const wanted = Uint8Array.from(target);
            wanted.set(expected, to);
            crypt(source.subarray(from, from + size), target.subarray(to, to + size));
            expect(same(target, wanted), `${name}: ${blocks} blocks elsewhere`).toBe(true);
            expect(same(source, before), `${name}: the source of ${blocks} blocks`).toBe(true);
            before.set(expected, from);
            const place = source.subarray(from, from + size);
            crypt(place, place);
            expect(same(source, before), `${name}: ${blocks} blocks in place`).toBe(true);
          }
        }
      }
  });

  it('does not look at parity, and takes weak keys and equal parts as any', () => {
    const part = fc.oneof(bytes(8), fc.constantFrom(...WEAK_PARTS).map(unhex));
    const keys = fc
      .array(part, { minLength: 1, maxLength: 3 })
      .map((parts) => Uint8Array.from(Buffer.concat(parts)));
    const which = fc.constantFrom<Which>('ede', 1, 2);
    fc.assert(
      fc.property(
        keys,
        which,
        fc.constantFrom(...BOTH),
        bytes(8 * 16, 8 * 40),
        (key, one, direction, data) => {
          const whole = data.subarray(0, data.length & ~7);
          const engines = tdesEngines(key, direction, one);
          expect(wrongEngines(engines, whole, nodeTdes(key, whole, direction, one))).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('takes each bit of a block to where the standard does, in each lane of a pass', () => {
    // Blocks of one bit each, moved on by one lane after the other: every bit in every lane of two passes.
    const key = seededBytes(64, 16);
    const data = new Uint8Array(8 * 256);
    for (const block of range(0, 255)) data[8 * block + ((block & 63) >> 3)] = 0x80 >> (block & 7);
    const engines = tdesEngines(key, 'encrypt', 1);
    for (const turn of range(0, 63)) {
      const turned = Buffer.concat([data.subarray(8 * turn), data.subarray(0, 8 * turn)]);
      expect(wrongEngines(engines, turned, nodeTdes(key, turned, 'encrypt', 1)), `turn ${turn}`).toEqual([]);
    }
  });
});

/** SHA-256 over what des-ede3 of node:crypto gives for the million blocks; computed once, by that. */
const MILLION = 1_000_000;
const HASHES: Readonly<Record<`${16 | 24} ${Direction}`, string>> = {
  '16 encrypt': '2640cadfde012fe2834bcdde6da360d451feeb49cbb844e2b8bf1bf811e83d90',
  '16 decrypt': 'd14ee6be0637bdf0b8e70ea68a8c56d4a83b0c13ed5b253d51b8a00885168618',
  '24 encrypt': 'cf94bcb278d68d02bd6b61caad1473015db4631f4d73b05a3ee412d7013c422c',
  '24 decrypt': '8a7dcfc15de8ecefee46d711394e6e4de8643e481ec08c36f65e4c22d2543be6',
};

describe('a million seeded blocks', () => {
  const data = seededBytes(1_000_000, 8 * MILLION);
  const sha256 = (what: Uint8Array): string => createHash('sha256').update(what).digest('hex');

  for (const length of [16, 24] as const)
    for (const direction of BOTH)
      it(`come out the same from every engine: ${length} bytes of key, ${direction}`, () => {
        const key = seededBytes(1000 + length, length);
        const engines = tdesEngines(key, direction, 'ede');
        const expected = HASHES[`${length} ${direction}`];
        const out = new Uint8Array(8 * MILLION);
        for (const name of ['scalar', 'bitslice', 'bulk with the kernel']) {
          out.fill(0);
          (engines[name] as Crypt)(data, out);
          expect(sha256(out), name).toBe(expected);
        }
        // In place, and as node does it today.
        out.set(data);
        (engines['bulk with the kernel'] as Crypt)(out, out);
        expect(sha256(out)).toBe(expected);
        expect(sha256(nodeTdes(key, data, direction, 'ede'))).toBe(expected);
      });
});

/** A block that goes in, a block that comes out, and the key under which it does. */
interface Link {
  readonly key: string;
  readonly from: string;
  readonly to: string;
}

interface PublishedCase {
  readonly id: string;
  readonly op: string;
  readonly cipher?: string;
  readonly mode?: string;
  readonly direction?: string;
  readonly key: string;
  readonly iv?: string;
  readonly plaintext: string;
  readonly ciphertext: string;
  readonly x0: string;
  readonly x16: string;
  readonly results: readonly { readonly key: string; readonly input: string; readonly output: string }[];
}

const xor = (a: string, b: string): string => hex(unhex(a).map((byte, i) => byte ^ at(unhex(b), i)));

/** What a case says of single blocks; of a chain, what the scalar cipher walks through to its end. */
function linksOf(published: PublishedCase): Link[] {
  const { op, mode, key } = published;
  if (op === 'block.known-answer') {
    const clear = published.plaintext.match(/.{16}/g) ?? [];
    const secret = published.ciphertext.match(/.{16}/g) ?? [];
    return clear.map((block, i) => {
      const feedback = mode === 'CBC' ? (i === 0 ? published.iv : secret[i - 1]) : '0'.repeat(16);
      return { key, from: xor(block, feedback as string), to: at(secret, i).toUpperCase() };
    });
  }
  if (op === 'des.recurrence') {
    let x = published.x0;
    const links = range(0, 15).map((i) => {
      const given = unhex(x);
      const made = hex(
        output((src, dst) => des(given)[i % 2 === 0 ? 'encryptBlocks' : 'decryptBlocks'](src, dst), given),
      );
      const link = i % 2 === 0 ? { key: x, from: x, to: made } : { key: x, from: made, to: x };
      x = made;
      return link;
    });
    expect(x).toBe(published.x16.toUpperCase());
    return links;
  }
  if (op !== 'tdes.mct' || mode !== 'ECB' || published.direction !== 'encrypt')
    throw new Error(`${published.id}: ${op}`);
  return published.results.flatMap((row) => {
    const cipher = tdes(unhex(row.key));
    const steps = new Uint8Array(8 * 10_001);
    steps.set(unhex(row.input));
    for (let i = 0; i < 10_000; i++)
      cipher.encryptBlocks(steps.subarray(8 * i, 8 * i + 8), steps.subarray(8 * i + 8, 8 * i + 16));
    expect(hex(steps.subarray(80_000))).toBe(row.output.toUpperCase());
    return [{ key: row.key, from: hex(steps.subarray(0, 80_000)), to: hex(steps.subarray(8)) }];
  });
}

describe('the published vectors of DES and TDES', () => {
  const file = JSON.parse(readFileSync(new URL('../../vectors/des-tdes.json', import.meta.url), 'utf8')) as {
    readonly cases: readonly PublishedCase[];
  };
  const cases = file.cases.filter(({ cipher }) => cipher !== 'AES');

  it('come out of every engine, both ways, repeated to fill lanes and more', () => {
    let looked = 0;
    const links = cases.flatMap(linksOf);
    for (const { key, from, to } of links) {
      const [clear, secret] = [unhex(from), unhex(to)];
      // 131 blocks fill a pass of the kernel and begin another one.
      const times = clear.length > 8 ? 1 : 131;
      const filled = (block: Uint8Array): Uint8Array =>
        Buffer.concat(new Array<Uint8Array>(times).fill(block));
      for (const which of key.length === 16 ? (['ede', 1, 2] as const) : (['ede'] as const)) {
        const raw = unhex(key);
        const wrong = [
          ...wrongEngines(tdesEngines(raw, 'encrypt', which), filled(clear), filled(secret)),
          ...wrongEngines(tdesEngines(raw, 'decrypt', which), filled(secret), filled(clear)),
        ];
        expect(wrong, `${key} ${which}`).toEqual([]);
        looked++;
      }
    }
    // A step of Rivest's recurrence is a link, and so is a row of the Monte Carlo test, of 10 000 blocks.
    expect([cases.length, links.length, looked]).toEqual([318, 698, 1200]);
  });

  it('are told from what is wrong by one bit', () => {
    const { key, from, to } = at(linksOf(at(cases, 0)), 0);
    const wrong = xor(to, '0000000000000001');
    const engines = tdesEngines(unhex(key), 'encrypt', 'ede');
    expect(wrongEngines(engines, unhex(from), unhex(wrong))).toEqual(Object.keys(engines));
  });
});

// ---------------------------------------------------------------- AES

function nodeAes(key: Uint8Array, data: Uint8Array, direction: Direction = 'encrypt'): Uint8Array {
  const make = direction === 'encrypt' ? createCipheriv : createDecipheriv;
  const cipher = make(`aes-${8 * key.length}-ecb`, key, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

const withPlatform = (key: Uint8Array): BulkAes => bulkAes(key, nodeCiphers.aes(Uint8Array.from(key)));

/** The engines of AES for one key, by name; the kernel's does few blocks too. */
function aesEngines(key: Uint8Array): Readonly<Record<string, Crypt>> {
  const bulk = bulkAes(Uint8Array.from(key));
  const platform = withPlatform(Uint8Array.from(key));
  return {
    'the kernel': (src, dst) => bulk.encryptBlocks(src, dst),
    'plain numbers': (src, dst) => portably(() => bulk.encryptBlocks(src, dst)),
    'the platform': (src, dst) => platform.encryptBlocks(src, dst),
    'the platform, without a kernel': (src, dst) => portably(() => platform.encryptBlocks(src, dst)),
  };
}

describe('AES by the kernel, in plain numbers and of the platform', () => {
  const data = seededBytes(5, 16 * 5000);

  it.each([16, 24, 32])(
    'is that of node:crypto for 0 to 70 blocks, around chunks, and 5000: %i bytes of key',
    (length) => {
      const key = seededBytes(length, length);
      const engines = aesEngines(key);
      const expected = nodeAes(key, data);
      for (const blocks of [...range(0, 70), 2047, 2048, 2049, 4096, 5000]) {
        const [src, wanted] = [data.subarray(0, 16 * blocks), expected.subarray(0, 16 * blocks)];
        expect(wrongEngines(engines, src, wanted), `${blocks} blocks`).toEqual([]);
      }
    },
  );

  it.each([16, 24, 32])('deciphers, and does single blocks: %i bytes of key', (length) => {
    const key = seededBytes(length, length);
    for (const cipher of [bulkAes(Uint8Array.from(key)), withPlatform(Uint8Array.from(key))]) {
      const decrypt: Crypt = (src, dst) => cipher.decryptBlocks(src, dst);
      expect(same(output(decrypt, data), nodeAes(key, data, 'decrypt'))).toBe(true);
      const words = Int32Array.from(range(0, 3), (i) => Buffer.from(data).readInt32BE(4 * i));
      const before = [...words];
      cipher.encryptWords(words);
      const expected = Buffer.from(nodeAes(key, data.subarray(0, 16)));
      expect([...words].every((word, i) => word === expected.readInt32BE(4 * i))).toBe(true);
      cipher.decryptWords(words);
      expect([...words].every((word, i) => word === before[i])).toBe(true);
    }
  });

  it('works in place, and at odd offsets, and touches nothing beside', () => {
    for (const length of [16, 24, 32]) {
      const key = seededBytes(length, length);
      for (const [name, crypt] of Object.entries(aesEngines(key)))
        for (const blocks of [0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 64, 65, 2048, 2051]) {
          const size = 16 * blocks;
          const expected = nodeAes(key, data.subarray(0, size));
          const [source, target] = [seededBytes(2, size + 16), seededBytes(3, size + 16)];
          source.set(data.subarray(0, size), 3);
          const [before, wanted] = [Uint8Array.from(source), Uint8Array.from(target)];
          wanted.set(expected, 5);
          crypt(source.subarray(3, 3 + size), target.subarray(5, 5 + size));
          expect(same(target, wanted), `${name}: ${blocks} blocks elsewhere`).toBe(true);
          expect(same(source, before), `${name}: the source of ${blocks} blocks`).toBe(true);
          before.set(expected, 3);
          const place = source.subarray(3, 3 + size);
          crypt(place, place);
          expect(same(source, before), `${name}: ${blocks} blocks in place`).toBe(true);
        }
    }
  });

  it('takes the way it should: the kernel from 4 blocks on, never where there is a platform', () => {
    const calls = vi.spyOn(kernel, 'encryptAesBlocks');
    const key = seededBytes(6, 16);
    const bulk = bulkAes(Uint8Array.from(key));
    const platform = withPlatform(Uint8Array.from(key));
    const callsOf = (cipher: BulkAes, blocks: number): number => {
      calls.mockClear();
      cipher.encryptBlocks(new Uint8Array(16 * blocks), new Uint8Array(16 * blocks));
      return calls.mock.calls.length;
    };
    expect([0, 3, 4, 2048, 2049, 5000].map((blocks) => callsOf(bulk, blocks))).toEqual([0, 0, 1, 1, 2, 3]);
    expect([4, 5000].map((blocks) => callsOf(platform, blocks))).toEqual([0, 0]);
    expect(portably(() => callsOf(bulk, 100))).toBe(0);
    expect([bulk.platform, platform.platform]).toEqual([undefined, platform]);
  });

  it('knows whose round keys the kernel holds: ciphers by turns, after the wiping of one, and of all', () => {
    const prepared = vi.spyOn(kernel, 'prepareAesKeys');
    const keys = [16, 24, 32, 16].map((length, i) => seededBytes(60 + i, length));
    const ciphers = keys.map((key) => bulkAes(Uint8Array.from(key)));
    const block = data.subarray(0, 16 * 9);
    const isRight = (i: number, of: readonly BulkAes[] = ciphers): boolean =>
      same(
        output((src, dst) => at(of, i).encryptBlocks(src, dst), block),
        nodeAes(at(keys, i), block),
      );
    const random = seededRandom(60);
    for (let run = 0; run < 200; run++) expect(isRight(random.below(4)), `run ${run}`).toBe(true);
    // Round keys are made where they are another's, and only there.
    prepared.mockClear();
    for (const i of [0, 0, 0, 1, 1, 0, 0]) expect(isRight(i)).toBe(true);
    expect(prepared.mock.calls.length).toBeLessThanOrEqual(3);
    expect(prepared.mock.calls.length).toBeGreaterThanOrEqual(2);

    // Wiped while its keys are not the kernel's: the other's stay. Wiped while they are: they go.
    expect(isRight(1)).toBe(true);
    at(ciphers, 0).wipe();
    prepared.mockClear();
    expect(isRight(1)).toBe(true);
    expect(prepared).not.toHaveBeenCalled();
    at(ciphers, 1).wipe();
    for (const i of [2, 3, 2]) expect(isRight(i)).toBe(true);
    // Whoever uses a wiped cipher gets nothing of any key, and spoils no other.
    const spoilt = output((src, dst) => at(ciphers, 0).encryptBlocks(src, dst), block);
    expect(keys.some((key) => same(spoilt, nodeAes(key, block)))).toBe(false);
    for (const i of [3, 2]) expect(isRight(i)).toBe(true);
    // The same key again, as another cipher.
    const again = keys.map((key) => bulkAes(Uint8Array.from(key)));
    for (const i of [0, 1, 2, 3, 0]) expect(isRight(i, again)).toBe(true);
    for (const cipher of [...ciphers, ...again]) cipher.wipe();
  });
});

// ---------------------------------------------------------------- FF1

interface Ff1Call {
  readonly radix: number;
  readonly numerals: readonly number[];
  readonly tweak: Uint8Array;
}

/** Whether a call must go through the kernel: halves below 2^32. Just 2^32 values may go either way. */
function isForKernel({ radix, numerals }: Ff1Call): boolean | undefined {
  const values = BigInt(radix) ** BigInt(Math.ceil(numerals.length / 2));
  return values === 2n ** 32n ? undefined : values < 2n ** 32n;
}

/** What is expected: of @noble/ciphers, and of the oracle for the one radix that those do not take. */
function expectedFf1(key: Uint8Array, { radix, numerals, tweak }: Ff1Call, direction: Direction): string {
  if (radix <= 65_535)
    return FF1(radix, key, tweak)
      [direction]([...numerals])
      .join();
  const oracle = direction === 'encrypt' ? ff1Encrypt : ff1Decrypt;
  return oracle(hex(key), radix, hex(tweak), [...numerals]).join();
}

describe('FF1 of single numbers', () => {
  /** The shapes that go wrong, with the kernel or without it, in either direction. */
  function wrongShapes(key: Uint8Array, calls: readonly Ff1Call[]): string[] {
    const inKernel = vi.spyOn(kernel, 'ff1');
    const cipher = aes(Uint8Array.from(key));
    const modes = new Map<number, Ff1>();
    const wrong = new Set<string>();
    for (const call of calls)
      for (const direction of BOTH) {
        const { radix, numerals, tweak } = call;
        const mode = modes.get(radix) ?? new Ff1(cipher, radix);
        modes.set(radix, mode);
        const expected = expectedFf1(key, call, direction);
        inKernel.mockClear();
        for (const [engine, run] of [
          ['with', <T>(work: () => T): T => work()],
          ['without', portably],
        ] as const) {
          const shape = `${engine} the kernel, radix ${radix}, ${numerals.length} numerals: `;
          try {
            if (run(() => mode[direction](numerals, tweak)).join() !== expected)
              wrong.add(`${shape}another value`);
          } catch (error) {
            wrong.add(shape + String(error));
          }
        }
        const isInKernel = inKernel.mock.calls.length === 1;
        if (isInKernel !== (isForKernel(call) ?? isInKernel))
          wrong.add(`radix ${radix}, ${numerals.length} numerals: ${isInKernel ? '' : 'not '}in the kernel`);
      }
    return [...wrong];
  }

  /** Calls of one shape: random numerals, all zeros and all at their highest, with tweaks of the lengths. */
  function callsOf(radix: number, length: number, tweaks: readonly number[]): Ff1Call[] {
    const random = seededRandom(radix * 100 + length);
    return tweaks.flatMap((size, i) => {
      const tweak = new Uint8Array(size);
      random.fill(tweak);
      const numerals = range(1, length).map(() => random.below(radix));
      const extremes = i % 8 === 0 ? [0, radix - 1].map((n) => new Array<number>(length).fill(n)) : [];
      return [numerals, ...extremes].map((some) => ({ radix, numerals: some, tweak }));
    });
  }

  const TWEAKS = range(0, 40);

  it.each([16, 24, 32])(
    'is the same: radix 10, 6 to 40 digits, tweaks of 0 to 40 bytes, %i bytes of key',
    (size) => {
      const calls = range(6, 40).flatMap((length) =>
        callsOf(10, length, size === 16 ? TWEAKS : [0, 7, 11, 12, 16, 40]),
      );
      expect(wrongShapes(seededBytes(size, size), calls)).toEqual([]);
      expect(calls.filter(isForKernel).length).toBeGreaterThan(calls.length / 4);
    },
  );

  it.each([
    [2, range(20, 70)],
    [16, range(5, 18)],
    [36, range(4, 15)],
    [256, range(3, 10)],
    [65_536, range(2, 6)],
  ])('is the same: radix %i, on both sides of halves of 32 bits', (radix, lengths) => {
    const calls = lengths.flatMap((length) => callsOf(radix, length, [0, 1, 8, 11, 12, 13, 15, 16, 17, 40]));
    expect(wrongShapes(seededBytes(radix, 16), calls)).toEqual([]);
    // Halves of just 32 bits, where the radix has such, and of one numeral more.
    const sizes = new Set(calls.map((call) => Math.ceil(call.numerals.length / 2) * Math.log2(radix)));
    expect([...sizes].some((bits) => bits <= 32 && bits > 32 - Math.log2(radix))).toBe(true);
    expect([...sizes].some((bits) => bits > 32)).toBe(true);
  });

  it('is the same on both sides of that border for radices from 3 to 65 535', () => {
    const calls = [
      3, 4, 5, 7, 13, 26, 62, 64, 94, 128, 255, 257, 1000, 1625, 1626, 4096, 46_341, 65_535,
    ].flatMap((radix) => {
      const most = range(1, 21).filter((v) => BigInt(radix) ** BigInt(v) <= 2n ** 32n).length;
      return range(2 * most - 1, 2 * most + 2)
        .filter((length) => length >= 2)
        .flatMap((length) => callsOf(radix, length, [0, 9, 16]));
    });
    expect(wrongShapes(seededBytes(99, 32), calls)).toEqual([]);
  });

  it('and batches of AES blocks share the one place for round keys: keys by turns', () => {
    const keys = [16, 24, 32].map((length) => seededBytes(70 + length, length));
    const numerals = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    const tweak = seededBytes(70, 20);
    const block = seededBytes(71, 16 * 8);
    const users = keys.flatMap((key) => {
      const cipher = aes(Uint8Array.from(key));
      const mode = new Ff1(cipher, 10);
      const bulk = bulkAes(Uint8Array.from(key));
      const number = FF1(10, key, tweak)
        .encrypt([...numerals])
        .join();
      const blocks = nodeAes(key, block);
      return [
        { isRight: () => mode.encrypt(numerals, tweak).join() === number, wipe: () => cipher.wipe() },
        {
          isRight: () =>
            same(
              output((src, dst) => bulk.encryptBlocks(src, dst), block),
              blocks,
            ),
          wipe: () => bulk.wipe(),
        },
      ];
    });
    const random = seededRandom(70);
    for (const [gone, user] of users.entries()) {
      for (let run = 0; run < 60; run++)
        expect(at(users, gone + random.below(users.length - gone)).isRight(), `run ${run}`).toBe(true);
      user.wipe();
    }
  });
});
