/** Clear keys at the door, components and random keys: every refusal in its words, every edge of a length. */
import { describe, expect, it } from 'vitest';
import {
  createCapabilityAuthority,
  type KeyAttributes,
  randomKey,
  TDES_BLOCK_BUDGET,
  type UnixSeconds,
} from '../../src/index.ts';
import {
  combineComponents,
  exportClearKey,
  importClearKey,
  importClearKeyHex,
  splitKey,
} from '../../src/keys/clear-face.ts';
import { chargeBlocks } from '../../src/keys/key.ts';
import { BUDGETED_USAGES } from '../../src/keys/policy.ts';
import { KEY_USAGES } from '../../src/keys/usage.ts';
import { refusalText } from '../support/refusal.ts';

const PAIR = '0123456789ABCDEFFEDCBA9876543210';
const TRIPLE = `${PAIR}89ABCDEF01234567`;
const attributes = (changes: Partial<KeyAttributes> = {}): KeyAttributes => ({
  usage: 'K1',
  algorithm: 'T',
  mode: 'B',
  exportability: 'E',
  ...changes,
});
const AES = attributes({ algorithm: 'A' });
const permit = createCapabilityAuthority({ now: () => 0 as UnixSeconds }).grant('export-clear-key', 900);
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
/** A source that yields one byte over and over. */
const stuckAt = (byte: number) => ({ fill: (out: Uint8Array) => void out.fill(byte) });
const STUCK = 'ERR_INTERNAL random: "random" expected a source of uniform bytes, got a source that is stuck';

describe('a clear key', () => {
  it('is refused by parity, and taken with it set', () => {
    const even = `00${PAIR.slice(2)}`;
    expect(refusalText(() => importClearKeyHex(attributes(), even))).toBe(
      'ERR_KEY_PARITY bytes: "bytes" expected odd parity in every byte',
    );
    expect(refusalText(() => importClearKeyHex(attributes(), even, { parity: 'adjust' }))).toBe('taken');
    expect(refusalText(() => importClearKeyHex(AES, even))).toBe('taken');
    expect(refusalText(() => importClearKeyHex(attributes(), PAIR, { parity: 'keep' as never }))).toBe(
      'ERR_INPUT parity: "parity" expected one of require, adjust, got length=4',
    );
  });

  it('is refused as weak, in words', () => {
    expect(refusalText(() => importClearKeyHex(AES, '0'.repeat(32)))).toBe(
      'ERR_KEY_WEAK key: "key" expected a key, got all zeros',
    );
    expect(refusalText(() => importClearKeyHex(attributes(), PAIR.slice(0, 16).repeat(2)))).toMatch(
      /^ERR_KEY_WEAK key: "key" expected a TDES key of sound, distinct parts, got /,
    );
  });

  it('is refused where its check value is another, or none', () => {
    const tdes = (expectedKcv: string) =>
      refusalText(() => importClearKeyHex(attributes(), PAIR, { expectedKcv }));
    expect(tdes('08D7B4')).toBe('taken');
    expect(tdes('08d7b4')).toBe('taken');
    expect(tdes('08D7B5')).toBe('ERR_KEY_KCV expectedKcv: "expectedKcv" expected the KCV of the key');
    for (const wrong of ['08D7B', '08D7B4F', 'x8D7B4', '08D7Bx', '08D7B4FB62', ''])
      expect(tdes(wrong)).toMatch(/^ERR_INPUT expectedKcv: "expectedKcv" expected 6 hex digits/);
    const key = importClearKeyHex(AES, PAIR);
    const aes = (expectedKcv: string) => refusalText(() => importClearKeyHex(AES, PAIR, { expectedKcv }));
    expect(aes(key.kcv)).toBe('taken');
    expect(aes(`${key.kcv}0000`)).toBe('ERR_KEY_KCV expectedKcv: "expectedKcv" expected the KCV of the key');
    for (const wrong of [`${key.kcv}0`, 'x23456', '12345x', 'x234567890', '123456789x', ''])
      expect(aes(wrong)).toMatch(/^ERR_INPUT expectedKcv: "expectedKcv" expected 6 or 10 hex digits/);
  });

  it('is hex, all of it', () => {
    for (const wrong of [`x${PAIR}`, `${PAIR}x`, `0x${PAIR}`, `${PAIR} `, `${PAIR}0`])
      expect(refusalText(() => importClearKeyHex(attributes(), wrong))).toMatch(
        /^ERR_INPUT hex: "hex" expected 32 to 128 hex digits/,
      );
  });

  it('leaves only where it may', () => {
    const kept = importClearKeyHex(attributes({ exportability: 'N' }), PAIR);
    expect(refusalText(() => exportClearKey(kept, permit))).toBe(
      'ERR_KEY_EXPORT key: "key" expected an exportable key, got exportability N',
    );
    const leaving = importClearKeyHex(attributes(), PAIR);
    expect(Buffer.from(exportClearKey(leaving, permit)).equals(bytesOf(PAIR))).toBe(true);
    leaving.destroy();
    expect(refusalText(() => exportClearKey(leaving, permit))).toBe(
      'ERR_KEY_DESTROYED key: "key" expected a live key',
    );
  });

  it('has one of the lengths of its algorithm', () => {
    const lengths = { T: [16, 24], A: [16, 24, 32], H: [16, 20, 24, 32, 48, 64] } as const;
    for (const [algorithm, right] of Object.entries(lengths))
      for (let length = 0; length <= 65; length++) {
        const bytes = Uint8Array.from({ length }, (_, i) => (PAIR.charCodeAt(i % 32) * (i + 3)) & 0xff);
        const usage = algorithm === 'H' ? 'M7' : 'D0';
        const mode = algorithm === 'H' ? 'C' : 'B';
        const said = refusalText(() =>
          importClearKey(attributes({ algorithm: algorithm as 'T', usage, mode }), bytes, {
            parity: 'adjust',
          }),
        );
        if (right.includes(length as never)) expect(said, `${algorithm} ${length}`).toBe('taken');
        else expect(said).toMatch(/^ERR_KEY_LENGTH bytes: /);
      }
  });
});

describe('a block budget', () => {
  it('have TDES keys of the usages that encipher data and keys, and no others', () => {
    expect(BUDGETED_USAGES).toEqual(['D0', 'K0', 'K1', 'P0']);
    for (const usage of Object.keys(KEY_USAGES) as KeyAttributes['usage'][]) {
      const budget = (algorithm: 'T' | 'A') =>
        importClearKeyHex(attributes({ usage, algorithm, mode: 'N' }), PAIR).blocksLeft;
      expect(budget('T')).toBe(
        BUDGETED_USAGES.includes(usage) ? TDES_BLOCK_BUDGET : Number.POSITIVE_INFINITY,
      );
      expect(budget('A')).toBe(Number.POSITIVE_INFINITY);
    }
  });

  it('is used to its last block where it is enforced, and counted down to none where it is reported', () => {
    const key = importClearKeyHex(attributes(), TRIPLE);
    chargeBlocks(key, TDES_BLOCK_BUDGET - 2, 'enforce');
    expect(refusalText(() => chargeBlocks(key, 3, 'enforce'))).toBe(
      'ERR_KEY_EXHAUSTED key: "key" expected a key with block budget left, got blocksLeft=2',
    );
    expect(key.blocksLeft).toBe(2);
    chargeBlocks(key, 2, 'enforce');
    expect(key.blocksLeft).toBe(0);
    chargeBlocks(key, 5, 'report');
    expect(key.blocksLeft).toBe(0);
  });
});

describe('components', () => {
  const [one, two] = splitKey(importClearKeyHex(attributes(), PAIR), 2, permit);
  const parts = [one, two] as { readonly bytes: Uint8Array<ArrayBuffer>; readonly kcv: string }[];
  const combine = (list: readonly unknown[], options?: object): string =>
    refusalText(() => combineComponents(attributes(), list as never, options as never));

  it('of a stuck source are none', () => {
    const key = importClearKeyHex(attributes(), PAIR);
    for (const byte of [0, 7])
      expect(refusalText(() => splitKey(key, 3, permit, { random: stuckAt(byte) }))).toBe(STUCK);
  });

  it('are two to nine, one length, each once and each its own', () => {
    expect(combine(parts)).toBe('taken');
    expect(combine(parts.slice(0, 1))).toBe(
      'ERR_KEY_COMPONENT components: "components" expected at least 2 components, got length=1',
    );
    expect(combine([])).toBe(
      'ERR_KEY_COMPONENT components: "components" expected at least 2 components, got length=0',
    );
    const long = splitKey(importClearKeyHex(attributes(), TRIPLE), 2, permit);
    expect(combine([parts[0], long[0]])).toMatch(
      /^ERR_KEY_COMPONENT components\[1\]: "components\[1\]" expected the length of the first component, got /,
    );
    expect(combine([parts[0], parts[0]])).toBe(
      'ERR_KEY_COMPONENT components[1]: "components[1]" expected a component of its own, got one given twice',
    );
    expect(combine([parts[0], { ...parts[1], kcv: '000000' }])).toBe(
      'ERR_KEY_COMPONENT components[1]: "components[1]" expected the KCV of the component, got another',
    );
    for (const kcv of ['x00000', '00000x', '0000000', '00000'])
      expect(combine([parts[0], { ...parts[1], kcv }])).toMatch(
        /^ERR_INPUT components\[1\]\.kcv: "components\[1\]\.kcv" expected 6 hex digits/,
      );
  });

  it('of zeros are allowed where that is said', () => {
    const zero = { bytes: new Uint8Array(16), kcv: '8CA64D' };
    const whole = { bytes: Uint8Array.from(bytesOf(PAIR)), kcv: '08D7B4' };
    expect(combine([whole, zero])).toBe(
      'ERR_KEY_COMPONENT components[1]: "components[1]" expected a component, got all zeros',
    );
    expect(combine([whole, zero], { zeroComponent: 'allow' })).toBe('taken');
  });
});

describe('a random key', () => {
  it('of a source that yields nothing but what no key may be, is none', () => {
    for (const [algorithm, byte] of [
      ['A', 0],
      ['H', 0],
      ['T', 0],
      ['T', 1],
      ['T', 254],
    ] as const) {
      const usage = algorithm === 'H' ? 'M7' : 'K1';
      const mode = algorithm === 'H' ? 'C' : 'B';
      const said = refusalText(() =>
        randomKey(attributes({ algorithm, usage, mode }), 16, { random: stuckAt(byte) }),
      );
      expect(said).toMatch(
        /^ERR_INTERNAL random: "random" expected a source of uniform bytes, got a source that is stuck/,
      );
    }
  });

  it('is drawn again as often as it takes, up to a limit', () => {
    let draws = 0;
    const random = {
      fill(out: Uint8Array): void {
        draws++;
        // Halves that are equal, three times.
        out.set(bytesOf(draws < 4 ? PAIR.slice(0, 16).repeat(2) : PAIR));
      },
    };
    expect(randomKey(attributes(), 16, { random }).kcv).toBe('08D7B4');
    expect(draws).toBe(4);
  });
});
