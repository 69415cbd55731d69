/**
 * Key blocks: a header or a body that was changed, random blocks, versions that are not ours.
 *
 * V. Cortier, S. Delaune, G. Steel, "A formal theory of key conjuring", INRIA RR-6134 (2007); PCI SSC
 * information supplement on key blocks (2017); ANSI X9.143:2021, clause 7.
 */
import { describe, expect, it } from 'vitest';
import { PaymentCryptoError, randomKey, unwrapKeyBlock, wrapKeyBlock } from '../../src/index.ts';
import { materialOf } from '../../src/keys/key.ts';
import { sealKeyBlock } from '../../src/keys/key-block-binding.ts';

const kekT = randomKey({ usage: 'K1', algorithm: 'T', mode: 'B', exportability: 'N' }, 24);
const kekA = randomKey({ usage: 'K1', algorithm: 'A', mode: 'B', exportability: 'N' }, 32);
const key = randomKey({ usage: 'P0', algorithm: 'T', mode: 'E', exportability: 'E' }, 16);
const withSet = { optionalBlocks: [{ id: 'KS', text: '00604B120F9292800000' }] } as const;

const BLOCKS = [
  ['B', kekT, wrapKeyBlock(kekT, key, 'B', withSet)],
  ['D', kekA, wrapKeyBlock(kekA, key, 'D', withSet)],
] as const;

/** Before authentication the shape may be told; after it there is one answer. */
const BEFORE = ['ERR_KEY_BLOCK', 'ERR_UNSUPPORTED', 'ERR_KEY_ALGORITHM'];

function codeOf(kek: typeof kekT, text: string): string {
  try {
    return `accepted ${unwrapKeyBlock(kek, text)}`;
  } catch (error) {
    if (!(error instanceof PaymentCryptoError)) return `threw ${String(error)}`;
    return error.code;
  }
}

describe.each(BLOCKS)('version %s', (version, kek, block) => {
  // Both hold a TDES key padded to 24 bytes: 32 bytes of ciphertext, then the MAC.
  const bodyAt = block.length - 2 * (32 + (version === 'B' ? 8 : 16));

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
    const units = block.slice(bodyAt).match(/.{16}/g) as string[];
    const header = block.slice(0, bodyAt);
    for (let i = 0; i < units.length; i++)
      for (let j = 0; j < units.length; j++) {
        if (i === j) continue;
        const swapped = [...units];
        [swapped[i], swapped[j]] = [units[j] as string, units[i] as string];
        const doubled = [...units];
        doubled[j] = units[i] as string;
        expect(codeOf(kek, header + swapped.join(''))).toBe('ERR_KEY_BLOCK_AUTH');
        expect(codeOf(kek, header + doubled.join(''))).toBe('ERR_KEY_BLOCK_AUTH');
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
    const trials = version === 'B' ? 2000 : 10_000;
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
    const unit = version === 'B' ? 8 : 16;
    const messages = new Set<string>();
    for (const [name, bytes, changes] of inside) {
      if (name === 'a key stronger than the KEK' && version === 'D') continue;
      const text = sealKeyBlock(
        version,
        materialOf(kek),
        {
          version,
          usage: 'D0',
          algorithm: 'T',
          mode: 'B',
          keyVersion: '00',
          exportability: 'E',
          optionalBlocks: [],
          ...changes,
        },
        bytes,
        new Uint8Array((unit - ((2 + bytes.length) % unit)) % unit),
      );
      try {
        messages.add(`${name}: ${unwrapKeyBlock(kek, text)}`);
      } catch (error) {
        messages.add(`${(error as PaymentCryptoError).code} ${(error as Error).message}`);
      }
    }
    expect([...messages]).toHaveLength(1);
    expect([...messages][0]).toMatch(/^ERR_KEY_BLOCK_AUTH /);
  });

  it('the padding hides the length of the key: 16 and 24 bytes give blocks of one length', () => {
    const attributes = { usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'E' } as const;
    const lengths = ([16, 24] as const).map(
      (bytes) => wrapKeyBlock(kek, randomKey(attributes, bytes), version).length,
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

  it.each(['A', 'C', 'E'])('version %s is unsupported and not downgraded to', (version) => {
    for (const [, kek, block] of BLOCKS)
      expect(codeOf(kek, version + block.slice(1))).toBe('ERR_UNSUPPORTED');
  });

  it('B under an AES KEK and D under a TDES KEK are refused by algorithm', () => {
    expect(codeOf(kekA, BLOCKS[0][2])).toBe('ERR_KEY_ALGORITHM');
    expect(codeOf(kekT, BLOCKS[1][2])).toBe('ERR_KEY_ALGORITHM');
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
