/**
 * Key blocks: a header or a body that was changed, random blocks, a version in place of another.
 *
 * V. Cortier, S. Delaune, G. Steel, "A formal theory of key conjuring", INRIA RR-6134 (2007); PCI SSC
 * information supplement on key blocks (2017); ANSI X9.143:2021, clause 7.
 */
import { describe, expect, it } from 'vitest';
import {
  PaymentCryptoError,
  randomKey,
  unwrapKeyBlock,
  type WrapOptions,
  type WrapVersion,
  wrapKeyBlock,
} from '../../src/index.ts';
import { importClearKey } from '../../src/keys/clear.ts';
import { materialOf } from '../../src/keys/key.ts';
import { sealKeyBlock } from '../../src/keys/key-block-binding.ts';
import {
  type KeyBlockHeader,
  type KeyBlockVersion,
  versionBlockBytes,
} from '../../src/keys/key-block-header.ts';
import * as oracle from '../support/oracle/keyblock.ts';

const kekT = randomKey({ usage: 'K1', algorithm: 'T', mode: 'B', exportability: 'N' }, 24);
const kekA = randomKey({ usage: 'K1', algorithm: 'A', mode: 'B', exportability: 'N' }, 32);
const key = randomKey({ usage: 'P0', algorithm: 'T', mode: 'E', exportability: 'E' }, 16);
const withSet = { optionalBlocks: [{ id: 'KS', text: '00604B120F9292800000' }] } as const;

const legacy = { legacyVersion: 'allow' } as const;

/** A block over the building block: E is not made in public, nor are blocks around what is no key. */
function sealed(
  version: KeyBlockVersion,
  kek: typeof kekT,
  bytes: Uint8Array,
  changes: Partial<KeyBlockHeader> = {},
  fill = 0,
): string {
  const unit = version === 'E' ? 1 : versionBlockBytes(version);
  const padding = new Uint8Array(fill + ((unit - ((2 + bytes.length + fill) % unit)) % unit));
  const header = { ...key.attributes, version, optionalBlocks: [], ...changes };
  return sealKeyBlock(version, materialOf(kek), header, bytes, padding);
}

const BLOCKS = [
  ['A', kekT, wrapKeyBlock(kekT, key, 'A', { ...withSet, ...legacy })],
  ['B', kekT, wrapKeyBlock(kekT, key, 'B', withSet)],
  ['C', kekT, wrapKeyBlock(kekT, key, 'C', { ...withSet, ...legacy })],
  ['D', kekA, wrapKeyBlock(kekA, key, 'D', withSet)],
  ['E', kekA, sealed('E', kekA, materialOf(key), withSet, 14)],
] as const;
const MAC_BYTES = { A: 4, B: 8, C: 4, D: 16, E: 16 } as const;

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();

/** Before authentication the shape may be told; after it there is one answer. */
const SHAPE_OR_AUTH = /^ERR_KEY_BLOCK(_AUTH)?$/;
const BEFORE = ['ERR_KEY_BLOCK', 'ERR_UNSUPPORTED', 'ERR_KEY_ALGORITHM'];

function codeOf(kek: typeof kekT, text: string): string {
  try {
    return `accepted ${unwrapKeyBlock(kek, text)}`;
  } catch (error) {
    if (!(error instanceof PaymentCryptoError)) return `threw ${String(error)}`;
    return error.code;
  }
}

function codeOfCall(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (!(error instanceof PaymentCryptoError)) return `threw ${String(error)}`;
    return error.code;
  }
  return 'none';
}

/** Blocks whose MAC holds, with lengths inside that cannot be: none, parts of bytes, more than there is. */
function lyingBlocks(version: KeyBlockVersion, kek: typeof kekT): readonly string[] {
  const unit = version === 'E' ? 1 : versionBlockBytes(version);
  const inside = Math.ceil(18 / unit) * unit;
  const header = oracle.makeKeyBlockHeader({
    versionId: version,
    keyUsage: 'D0',
    algorithm: 'T',
    modeOfUse: 'B',
    keyVersion: '00',
    exportability: 'E',
    optionalBlocks: [],
    keyBytes: 16,
    paddingBytes: inside - 18,
  });
  const rest = hexOf(materialOf(key)).padEnd(2 * (inside - 2), '5A');
  return [0, 127, 129, 8 * (inside - 1), 0xfff8].map((bits) =>
    oracle.bindKeyBlock(hexOf(materialOf(kek)), header, bits.toString(16).padStart(4, '0') + rest),
  );
}

describe.each(BLOCKS)('version %s', (version, kek, block) => {
  // All hold a TDES key, padded to 32 bytes of ciphertext, then the MAC.
  const bodyAt = block.length - 2 * (32 + MAC_BYTES[version]);

  it('opens as it is', () => {
    expect(unwrapKeyBlock(kek, block).attributes).toEqual(key.attributes);
  });

  it('KM-07 every character of the whole block, turned into every other printable one, is refused', () => {
    const codes = new Map<string, number>();
    let cases = 0;
    for (let at = 0; at < block.length; at++)
      for (let code = 0x20; code < 0x7f; code++) {
        const character = String.fromCharCode(code);
        // In the body every hex digit, and of the others a few.
        if (at >= bodyAt && !/[0-9A-Fa-f G~]/.test(character)) continue;
        if (character === block[at] || character.toUpperCase() === block[at]) continue;
        const result = codeOf(kek, block.slice(0, at) + character + block.slice(at + 1));
        codes.set(result, (codes.get(result) ?? 0) + 1);
        cases++;
      }
    expect(cases).toBeGreaterThan(5000);
    const allowed = [...BEFORE, 'ERR_KEY_BLOCK_AUTH'];
    expect([...codes.keys()].filter((code) => !allowed.includes(code))).toEqual([]);
    expect(codes.get('ERR_KEY_BLOCK_AUTH') ?? 0).toBeGreaterThan(1000);
  });

  it('every header character changed into what the standard knows, MAC checked: one code', () => {
    // What a thief would like: another usage, mode, exportability, version number.
    const changes: readonly (readonly [number, string])[] = [
      ...['D0', 'C0', 'K1', 'V2', 'B0', 'M7'].map((usage) => [5, usage] as const),
      ...['A', 'H'].map((algorithm) => [7, algorithm] as const),
      ...['B', 'D', 'N', 'X', 'C', 'G'].map((mode) => [8, mode] as const),
      ...['01', 'C1', '99'].map((keyVersion) => [9, keyVersion] as const),
      ...['N', 'S'].map((exportability) => [11, exportability] as const),
    ];
    for (const [at, text] of changes)
      expect([text, codeOf(kek, block.slice(0, at) + text + block.slice(at + text.length))]).toEqual([
        text,
        'ERR_KEY_BLOCK_AUTH',
      ]);
  });

  it('a component is said to be one, and is no key', () => {
    const versioned = (keyVersion: string): string => block.slice(0, 9) + keyVersion + block.slice(11);
    for (const keyVersion of ['c0', 'c1', 'cZ'])
      expect(codeOf(kek, versioned(keyVersion))).toBe('ERR_UNSUPPORTED');
    expect(codeOf(kek, versioned('0c'))).toBe('ERR_KEY_BLOCK_AUTH');
  });

  it('every bit of the ciphertext and of the MAC: one code, one message', () => {
    const messages = new Set<string>();
    let cases = 0;
    for (let at = bodyAt; at < block.length; at++)
      for (let bit = 0; bit < 4; bit++) {
        const nibble = (Number.parseInt(block[at] as string, 16) ^ (1 << bit)).toString(16).toUpperCase();
        try {
          unwrapKeyBlock(kek, block.slice(0, at) + nibble + block.slice(at + 1));
          messages.add('accepted');
        } catch (error) {
          messages.add(`${(error as PaymentCryptoError).code} ${(error as Error).message}`);
        }
        cases++;
      }
    expect(cases).toBe(4 * (block.length - bodyAt));
    expect([...messages]).toHaveLength(1);
    expect([...messages][0]).toMatch(/^ERR_KEY_BLOCK_AUTH /);
  });

  it('KM-06 units of eight bytes swapped, doubled, dropped or moved are refused', () => {
    const units = block.slice(bodyAt).match(/.{1,16}/g) as string[];
    const length = block.length - bodyAt;
    const header = block.slice(0, bodyAt);
    for (let i = 0; i < units.length; i++)
      for (let j = 0; j < units.length; j++) {
        if (i === j) continue;
        const swapped = [...units];
        [swapped[i], swapped[j]] = [units[j] as string, units[i] as string];
        const doubled = [...units];
        doubled[j] = units[i] as string;
        expect(codeOf(kek, header + swapped.join(''))).toBe('ERR_KEY_BLOCK_AUTH');
        // The MAC of A and C is half a unit.
        const fitting = doubled.join('').slice(0, length).padEnd(length, '0');
        expect(codeOf(kek, header + fitting)).toBe('ERR_KEY_BLOCK_AUTH');
      }
    for (let cut = 1; cut < block.length; cut++) {
      expect(codeOf(kek, block.slice(0, -cut))).toBe('ERR_KEY_BLOCK');
      // With the length field put right as well.
      const short = block.slice(0, -cut);
      if (short.length < 16) continue;
      const told = `${short[0]}${String(short.length).padStart(4, '0')}${short.slice(5)}`;
      expect(codeOf(kek, told)).toMatch(/^ERR_KEY_BLOCK(_AUTH)?$/);
    }
    for (const more of ['0', '00', '0'.repeat(16), '0'.repeat(32)])
      expect(codeOf(kek, block + more)).toBe('ERR_KEY_BLOCK');
  });

  it('KM-05 12 000 random blocks of a right shape: none is accepted, one code', () => {
    // A TDES KBPK takes ten times as long.
    const trials = kek === kekT ? 2000 : 10_000;
    const codes = new Map<string, number>();
    const head = block.slice(0, bodyAt);
    for (let n = 0; n < trials; n++) {
      const body = Buffer.from(crypto.getRandomValues(new Uint8Array((block.length - bodyAt) / 2)));
      const code = codeOf(kek, head + body.toString('hex').toUpperCase());
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect([...codes]).toEqual([['ERR_KEY_BLOCK_AUTH', trials]]);
  });

  it('another KEK of the same kind refuses it with the same code', () => {
    const other = randomKey(kek.attributes, kek.keyBytes);
    expect(codeOf(other, block)).toBe('ERR_KEY_BLOCK_AUTH');
  });

  it('what authenticates and is no sound key gets the code of a wrong MAC', () => {
    const inside: readonly (readonly [string, Uint8Array, Partial<Record<string, string>>])[] = [
      ['a weak key', new Uint8Array(16).fill(1), {}],
      ['equal halves', Uint8Array.from({ length: 16 }, (_, i) => 0x10 + 2 * (i % 8)), {}],
      ['a length that TDES does not have', crypto.getRandomValues(new Uint8Array(20)), {}],
      ['all zeros', new Uint8Array(16), { algorithm: 'A' }],
      ['a key stronger than the KEK', crypto.getRandomValues(new Uint8Array(64)), { algorithm: 'H' }],
    ];
    const messages = new Set<string>();
    for (const [name, bytes, changes] of inside) {
      if (name === 'a key stronger than the KEK' && kek === kekA) continue;
      const text = sealed(version, kek, bytes, { usage: 'D0', mode: 'B', ...changes });
      try {
        messages.add(`${name}: ${unwrapKeyBlock(kek, text)}`);
      } catch (error) {
        messages.add(`${(error as PaymentCryptoError).code} ${(error as Error).message}`);
      }
    }
    expect([...messages]).toHaveLength(1);
    expect([...messages][0]).toMatch(/^ERR_KEY_BLOCK_AUTH /);
  });

  it('a length inside that is zero, no bytes, or more than there is: the code and message of a wrong MAC', () => {
    const messages = new Set<string>();
    const wrongMac = block.slice(0, -1) + (block.endsWith('0') ? '1' : '0');
    for (const text of [wrongMac, ...lyingBlocks(version, kek)])
      try {
        messages.add(`${unwrapKeyBlock(kek, text)}`);
      } catch (error) {
        messages.add(`${(error as PaymentCryptoError).code} ${(error as Error).message}`);
      }
    expect([...messages]).toHaveLength(1);
    expect([...messages][0]).toMatch(/^ERR_KEY_BLOCK_AUTH /);
  });

  it('the padding hides the length of the key: 16 and 24 bytes give blocks of one length', () => {
    if (version === 'E') return;
    const attributes = { usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'E' } as const;
    const lengths = ([16, 24] as const).map(
      (bytes) => wrapKeyBlock(kek, randomKey(attributes, bytes), version, legacy).length,
    );
    expect(new Set(lengths).size).toBe(1);
  });
});

describe('a block of another version or KEK', () => {
  it('reserved characters that are not 00 are malformed', () => {
    for (const [, kek, block] of BLOCKS)
      for (const reserved of ['01', '10', '99'])
        expect(codeOf(kek, block.slice(0, 14) + reserved + block.slice(16))).toMatch(
          /^ERR_KEY_BLOCK(_AUTH)?$/,
        );
  });

  it('a rewritten version letter is refused: no block is read by the rules of another version', () => {
    for (const [own, kek, block] of BLOCKS)
      for (const version of ['A', 'B', 'C', 'D', 'E']) {
        if (version === own) continue;
        const sameAlgorithm = /[DE]/.test(version) === /[DE]/.test(own);
        const code = codeOf(kek, version + block.slice(1));
        // Under its own KEK the lengths may not fit, or the MAC does not hold.
        if (sameAlgorithm)
          expect([own, version, code]).toEqual([own, version, expect.stringMatching(SHAPE_OR_AUTH)]);
        else expect([own, version, code]).toEqual([own, version, 'ERR_KEY_ALGORITHM']);
      }
  });

  it('a body that fits the lengths of another version is refused by its MAC', () => {
    for (const [own, other] of [
      ['B', 'A'],
      ['B', 'C'],
      ['A', 'B'],
      ['C', 'B'],
      ['A', 'C'],
      ['C', 'A'],
      ['D', 'E'],
      ['E', 'D'],
    ] as const) {
      const [, kek, block] = BLOCKS.find(([version]) => version === own) as (typeof BLOCKS)[number];
      const headerLength = block.length - 2 * (32 + MAC_BYTES[own]);
      const ciphertext = block.slice(headerLength, headerLength + 64);
      const mac = block.slice(headerLength + 64);
      const fitting = mac.repeat(2).slice(0, 2 * MAC_BYTES[other]);
      const total = String(headerLength + 64 + fitting.length).padStart(4, '0');
      const text = other + total + block.slice(5, headerLength) + ciphertext + fitting;
      expect([own, other, codeOf(kek, text)]).toEqual([own, other, 'ERR_KEY_BLOCK_AUTH']);
    }
  });

  it.each(['A', 'C'] as const)('version %s is made on request only, and E never', (version) => {
    const made = (options?: WrapOptions, of: WrapVersion = version) =>
      codeOfCall(() => wrapKeyBlock(kekT, key, of, options));
    expect(made()).toBe('ERR_POLICY');
    expect(made({})).toBe('ERR_POLICY');
    expect(made({ legacyVersion: 'refuse' })).toBe('ERR_POLICY');
    expect(made({ legacyVersion: 'yes' as 'allow' })).toBe('ERR_INPUT');
    expect(made(Object.create(legacy))).toBe('ERR_POLICY');
    expect(made(legacy)).toBe('none');
    expect(made(legacy, 'E' as WrapVersion)).toBe('ERR_UNSUPPORTED');
    expect(made({}, 'E' as WrapVersion)).toBe('ERR_UNSUPPORTED');
    // The request does not loosen any other rule.
    const strong = randomKey({ usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'E' }, 16);
    const kept = randomKey({ usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'N' }, 16);
    expect(codeOfCall(() => wrapKeyBlock(kekT, strong, version, legacy))).toBe('ERR_KEY_WEAK');
    expect(codeOfCall(() => wrapKeyBlock(kekT, kept, version, legacy))).toBe('ERR_KEY_EXPORT');
    expect(codeOfCall(() => wrapKeyBlock(kekT, kekT, version, legacy))).toBe('ERR_POLICY');
    expect(codeOfCall(() => wrapKeyBlock(kekA, key, version, legacy))).toBe('ERR_KEY_ALGORITHM');
  });

  it('a key for ISO 20038 opens version E and no other, and wraps nothing', () => {
    const attributes = { usage: 'K4', algorithm: 'A', mode: 'B', exportability: 'N' } as const;
    const iso = importClearKey(attributes, materialOf(kekA));
    expect(unwrapKeyBlock(iso, BLOCKS[4][2]).attributes).toEqual(key.attributes);
    for (const [version, , block] of BLOCKS.slice(0, 4))
      expect([version, codeOfCall(() => unwrapKeyBlock(iso, block))]).toEqual([version, 'ERR_KEY_USAGE']);
    expect(codeOfCall(() => wrapKeyBlock(iso as unknown as typeof kekA, key, 'D'))).toBe('ERR_KEY_USAGE');
  });

  it('each version under a KEK of the other algorithm is refused by algorithm', () => {
    for (const [, kek, block] of BLOCKS)
      expect(codeOf(kek === kekT ? kekA : kekT, block)).toBe('ERR_KEY_ALGORITHM');
  });

  it('two optional blocks of one name are refused when written, since nobody could read them', () => {
    const twice = [
      { id: 'KS', text: '00' },
      { id: 'KS', text: '01' },
    ];
    expect(() => wrapKeyBlock(kekT, key, 'B', { optionalBlocks: twice })).toThrow(
      expect.objectContaining({ code: 'ERR_KEY_BLOCK' }),
    );
  });
});
