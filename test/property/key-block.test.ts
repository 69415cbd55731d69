import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UnixSeconds } from '../../src/brand.ts';
import { createCapabilityAuthority } from '../../src/keys/capability.ts';
import { exportClearKey, importClearKey } from '../../src/keys/clear.ts';
import type { Key } from '../../src/keys/key.ts';
import { parseKeyBlockHeader, unwrapKeyBlock, wrapKeyBlock } from '../../src/keys/key-block.ts';
import { sealKeyBlock } from '../../src/keys/key-block-binding.ts';
import { type OptionalBlock, versionBlockBytes } from '../../src/keys/key-block-header.ts';
import { KEY_BLOCK_NAMES } from '../../src/keys/key-block-names.ts';
import {
  EXPORTABILITIES,
  KEY_ALGORITHMS,
  KEY_USAGES,
  type KeyAlgorithm,
  type KeyUsage,
  MODES_OF_USE,
} from '../../src/keys/usage.ts';
import {
  bytes,
  codeOf,
  cvkOf,
  hex,
  kekOf,
  range,
  same,
  seededBytes,
  seededRandom,
  seededTdesKey,
  tdesKeyBytes,
} from '../support/arbitraries.ts';

const authority = createCapabilityAuthority({ now: () => 0 as UnixSeconds });
const permit = authority.grant('export-clear-key', 900);
const storing = { purpose: 'storage', permit: authority.grant('store-key', 900) } as const;
const KBPK = {
  B2: kekOf('T', seededTdesKey(1)),
  B3: kekOf('T', seededTdesKey(2, 24)),
  D16: kekOf('A', seededBytes(3, 16)),
  D24: kekOf('A', seededBytes(4, 24)),
  D32: kekOf('A', seededBytes(5, 32)),
};

/** Keys of a store: they wrap what may not leave, and may not leave either. */
const storageKey = (algorithm: 'A' | 'T', raw: Uint8Array): Key<'K1'> =>
  importClearKey({ usage: 'K1', algorithm, mode: 'B', exportability: 'N' }, raw);
const STORES = [
  storageKey('T', seededTdesKey(1)),
  storageKey('T', seededTdesKey(2, 24)),
  storageKey('A', seededBytes(3, 16)),
  storageKey('A', seededBytes(4, 24)),
  storageKey('A', seededBytes(5, 32)),
] as const;

/** Effective strength of a key in bits. */
const strength = (algorithm: KeyAlgorithm, length: number): number =>
  algorithm === 'T' ? (length === 16 ? 80 : 112) : Math.min(8 * length, 256);

const shapes = [
  ...[16, 24].map((length) => ['T', length] as const),
  ...[16, 24, 32].map((length) => ['A', length] as const),
  ...[16, 20, 24, 32, 48, 64].map((length) => ['H', length] as const),
];

/** Keys of every usage, algorithm, mode, exportability and length. */
const keys: fc.Arbitrary<{ readonly key: Key; readonly raw: Uint8Array }> = fc
  .tuple(
    fc.constantFrom(...(Object.keys(KEY_USAGES) as KeyUsage[])),
    fc.constantFrom(...MODES_OF_USE),
    fc.constantFrom(...EXPORTABILITIES),
    fc
      .tuple(fc.constantFrom(...'0123456789ABCXYZabxyz'), fc.constantFrom(...'0123456789ABCXYZabcxyz'))
      .map((pair) => pair.join('')),
    fc
      .constantFrom(...shapes)
      .chain(([algorithm, length]) =>
        fc.tuple(
          fc.constant(algorithm),
          algorithm === 'T'
            ? tdesKeyBytes(length as 16 | 24)
            : bytes(length).filter((raw) => raw.some((byte) => byte !== 0)),
        ),
      ),
  )
  .map(([usage, mode, exportability, keyVersion, [algorithm, raw]]) => ({
    key: importClearKey({ usage, algorithm, mode, exportability, keyVersion }, raw),
    raw,
  }));

const printable = range(0x20, 0x7e).map((code) => String.fromCharCode(code));
const optionalBlocks: fc.Arbitrary<OptionalBlock[]> = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom('KS', 'HM', 'CT', 'KV', 'TS', 'IK', '10', 'ZZ', 'LB'),
    text: fc.oneof(
      fc.string({ unit: fc.constantFrom(...printable), maxLength: 40 }),
      fc.integer({ min: 245, max: 260 }).map((length) => 'x'.repeat(length)),
      fc.constantFrom('', '0', 'y'.repeat(1000)),
    ),
  }),
  { selector: ({ id }) => id, maxLength: 4 },
);

describe('key blocks', () => {
  it('unwrap to the key they were wrapped from, attributes, KCV and bytes, where the KBPK is as strong', () => {
    fc.assert(
      fc.property(
        keys,
        fc.constantFrom(...STORES),
        optionalBlocks,
        fc.nat(2),
        ({ key, raw }, kbpk, blocks, n) => {
          const version =
            kbpk.attributes.algorithm === 'T' ? (['A', 'B', 'C'] as const)[n as 0 | 1 | 2] : 'D';
          const options = { optionalBlocks: blocks, legacyVersion: 'allow', ...storing } as const;
          const strong =
            strength(kbpk.attributes.algorithm, kbpk.keyBytes) >=
            strength(key.attributes.algorithm, key.keyBytes);
          if (!strong) {
            expect(codeOf(() => wrapKeyBlock(kbpk, key, version, options))).toBe('ERR_KEY_WEAK');
            return;
          }
          const text = wrapKeyBlock(kbpk, key, version, options);
          expect(Number(text.slice(1, 5))).toBe(text.length);
          expect(text.length % versionBlockBytes(version)).toBe(0);
          const back = unwrapKeyBlock(kbpk, text);
          expect(back.attributes).toEqual(key.attributes);
          expect(back.kcv).toBe(key.kcv);
          expect(back.keyBytes).toBe(key.keyBytes);
          if (key.attributes.exportability !== 'N')
            expect(same(exportClearKey(back, permit), raw)).toBe(true);
          const header = parseKeyBlockHeader(text);
          expect(header.optionalBlocks).toEqual(blocks);
          expect(header.version).toBe(version);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('do not tell the length of the key: one size per algorithm and version', () => {
    for (const [algorithm, size] of [
      ['T', 112],
      ['A', 144],
      ['H', 208],
    ] as const) {
      const lengths = shapes.filter(([one]) => one === algorithm).map(([, length]) => length);
      const sizes = lengths.map((length) => {
        const raw = algorithm === 'T' ? seededTdesKey(6, length as 16 | 24) : seededBytes(6, length);
        const key = importClearKey({ usage: 'D0', algorithm, mode: 'B', exportability: 'E' }, raw);
        return wrapKeyBlock(KBPK.D32, key, 'D').length;
      });
      expect(new Set(sizes)).toEqual(new Set([size]));
    }
    for (const [version, size] of [
      ['A', 88],
      ['B', 96],
      ['C', 88],
    ] as const) {
      const two = wrapKeyBlock(KBPK.B3, cvkOf(seededTdesKey(6)), version, { legacyVersion: 'allow' });
      const three = wrapKeyBlock(KBPK.B3, kekOf('T', seededTdesKey(6, 24)), version, {
        legacyVersion: 'allow',
      });
      expect([two.length, three.length]).toEqual([size, size]);
    }
  });

  it('are another each time, and one random source gives one block', () => {
    const key = cvkOf(seededTdesKey(7));
    const wrap = (seed: number): string => wrapKeyBlock(KBPK.D32, key, 'D', { random: seededRandom(seed) });
    expect(wrap(1)).toBe(wrap(1));
    expect(new Set(range(1, 50).map(wrap)).size).toBe(50);
  });

  it('carry an optional block once: one given twice is refused when the key is wrapped', () => {
    const key = cvkOf(seededTdesKey(7));
    fc.assert(
      fc.property(optionalBlocks, ([first, ...rest]) => {
        if (first === undefined) return;
        const twice = [first, ...rest, { id: first.id, text: '1' }];
        expect(codeOf(() => wrapKeyBlock(KBPK.D32, key, 'D', { optionalBlocks: twice }))).toBe(
          'ERR_KEY_BLOCK',
        );
      }),
    );
  });

  it('of exportability N are wrapped to rest, not to leave', () => {
    fc.assert(
      fc.property(keys, ({ key }) => {
        const expected = key.attributes.exportability === 'N' ? 'ERR_KEY_EXPORT' : 'none';
        expect(codeOf(() => wrapKeyBlock(KBPK.D32, key, 'D'))).toBe(expected);
        expect(codeOf(() => wrapKeyBlock(STORES[4], key, 'D', storing))).toBe('none');
        expect(codeOf(() => wrapKeyBlock(KBPK.D32, key, 'D', storing))).toBe('ERR_KEY_EXPORT');
        expect(codeOf(() => wrapKeyBlock(STORES[4], key, 'D', { purpose: 'storage' }))).toBe('ERR_POLICY');
        expect(codeOf(() => wrapKeyBlock(STORES[4], key, 'D', { purpose: 'storage', permit }))).toBe(
          'ERR_POLICY',
        );
      }),
      { numRuns: 60 },
    );
  });
});

/** A block of version E, which the library does not make, over the building block. */
const sealE = (kbpk: Uint8Array, key: Uint8Array, blocks: readonly OptionalBlock[], padding = 0): string =>
  sealKeyBlock(
    'E',
    kbpk,
    {
      version: 'E',
      usage: 'K1',
      algorithm: 'A',
      mode: 'B',
      keyVersion: '00',
      exportability: 'E',
      optionalBlocks: blocks,
    },
    key,
    seededBytes(7, padding),
  );

describe('key blocks of version E', () => {
  it('unwrap to their key under K1 and K4, with any padding or none, and keep their optional blocks', () => {
    const iso = importClearKey(
      { usage: 'K4', algorithm: 'A', mode: 'D', exportability: 'N' },
      seededBytes(5, 32),
    );
    fc.assert(
      fc.property(
        bytes(16).filter((raw) => raw.some((byte) => byte !== 0)),
        optionalBlocks,
        fc.integer({ min: 0, max: 40 }),
        (raw, blocks, padding) => {
          const text = sealE(seededBytes(5, 32), raw, blocks, padding);
          expect(Number(text.slice(1, 5))).toBe(text.length);
          for (const kbpk of [KBPK.D32, iso])
            expect(same(exportClearKey(unwrapKeyBlock(kbpk, text), permit), raw)).toBe(true);
          expect(parseKeyBlockHeader(text).optionalBlocks).toEqual(blocks);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('what the codes mean', () => {
  it('is said for every version, mode, exportability and algorithm of a key', () => {
    const named = (field: keyof typeof KEY_BLOCK_NAMES): string[] => Object.keys(KEY_BLOCK_NAMES[field]);
    expect(named('version')).toEqual(['A', 'B', 'C', 'D', 'E']);
    expect(named('mode')).toEqual(MODES_OF_USE);
    expect(named('exportability')).toEqual(EXPORTABILITIES);
    expect(named('algorithm')).toEqual(expect.arrayContaining([...KEY_ALGORITHMS]));
    expect(named('optionalBlocks').every((id) => /^[A-Z]{2}$/.test(id))).toBe(true);
    for (const table of Object.values(KEY_BLOCK_NAMES)) {
      expect(Object.isFrozen(table)).toBe(true);
      expect(new Set(Object.values(table)).size).toBe(Object.keys(table).length);
    }
  });
});

const BLOCKS = [
  { version: 'A', kbpk: KBPK.B2, key: cvkOf(seededTdesKey(8)) },
  { version: 'C', kbpk: KBPK.B3, key: cvkOf(seededTdesKey(8)) },
  { version: 'B', kbpk: KBPK.B2, key: cvkOf(seededTdesKey(8)) },
  { version: 'B', kbpk: KBPK.B3, key: cvkOf(seededTdesKey(8)) },
  { version: 'D', kbpk: KBPK.D16, key: kekOf('A', seededBytes(9, 16)) },
  { version: 'D', kbpk: KBPK.D32, key: kekOf('A', seededBytes(9, 16)) },
] as const;
const SOME_BLOCKS = [[], [{ id: 'KS', text: '0123456789ABCDEF' }]];
const blocksOf = [
  ...BLOCKS.flatMap(({ version, kbpk, key }) =>
    SOME_BLOCKS.map((optional) => ({
      name: `version ${version} under ${kbpk.keyBytes} bytes, ${optional.length} optional blocks`,
      kbpk,
      text: wrapKeyBlock(kbpk, key, version, {
        optionalBlocks: optional,
        random: seededRandom(9),
        legacyVersion: 'allow',
      }),
    })),
  ),
  ...SOME_BLOCKS.map((optional) => ({
    name: `version E under 32 bytes, ${optional.length} optional blocks`,
    kbpk: KBPK.D32,
    text: sealE(seededBytes(5, 32), seededBytes(9, 16), optional),
  })),
];

const REFUSALS = ['ERR_KEY_BLOCK', 'ERR_KEY_BLOCK_AUTH', 'ERR_UNSUPPORTED', 'ERR_KEY_ALGORITHM'];

describe.each(blocksOf)('a key block, $name', ({ kbpk, text }) => {
  it('with any character changed to any other, be it only its case, never unwraps', () => {
    for (let place = 0; place < text.length; place++)
      for (const other of printable) {
        const own = text.charAt(place);
        if (other === own) continue;
        const code = codeOf(() => unwrapKeyBlock(kbpk, text.slice(0, place) + other + text.slice(place + 1)));
        if (!REFUSALS.includes(code)) expect(`${place}: ${own} to ${other}: ${code}`).toBe('refused');
      }
  });

  it('with one character missing, doubled or two neighbours swapped never unwraps', () => {
    for (let place = 0; place < text.length; place++) {
      const [own, next] = [text.charAt(place), text.charAt(place + 1)];
      const changed = [
        text.slice(0, place) + text.slice(place + 1),
        text.slice(0, place) + own + text.slice(place),
        text.slice(0, place) + next + own + text.slice(place + 2),
      ];
      for (const one of changed)
        if (one !== text) expect(REFUSALS).toContain(codeOf(() => unwrapKeyBlock(kbpk, one)));
    }
  });

  it('with parts of other Unicode, NUL or spaces around never unwraps', () => {
    for (const one of [
      ` ${text}`,
      `${text} `,
      `${text}\n`,
      `${text}\0`,
      `\ufeff${text}`,
      text.toLowerCase(),
      '',
    ])
      expect(REFUSALS).toContain(codeOf(() => unwrapKeyBlock(kbpk, one)));
    const wide = text.replace(/[0-9]/g, (digit) => String.fromCharCode(0xff10 + Number(digit)));
    expect(REFUSALS).toContain(codeOf(() => unwrapKeyBlock(kbpk, wide)));
  });

  it('is unwrapped by its own KBPK only', () => {
    for (const other of Object.values(KBPK)) {
      const code = codeOf(() => unwrapKeyBlock(other, text));
      if (other === kbpk) expect(code).toBe('none');
      else expect(['ERR_KEY_BLOCK_AUTH', 'ERR_KEY_ALGORITHM']).toContain(code);
    }
  });
});

describe('two key blocks of one KBPK', () => {
  const kinds = [
    { version: 'A', kbpk: KBPK.B3, keys: [seededTdesKey(1), seededTdesKey(2)] },
    { version: 'B', kbpk: KBPK.B3, keys: [seededTdesKey(1), seededTdesKey(2)] },
    { version: 'C', kbpk: KBPK.B3, keys: [seededTdesKey(1), seededTdesKey(2)] },
    { version: 'D', kbpk: KBPK.D32, keys: [seededBytes(1, 32), seededBytes(2, 32)] },
  ] as const;
  const legacy = { legacyVersion: 'allow' } as const;

  it.each(kinds)('of version $version do not exchange headers, nor bodies, at any place', (kind) => {
    const { version, kbpk } = kind;
    const { algorithm } = kbpk.attributes as { algorithm: 'A' | 'T' };
    const one = wrapKeyBlock(kbpk, kekOf(algorithm, kind.keys[0]), version, legacy);
    const other = importClearKey({ usage: 'D0', algorithm, mode: 'B', exportability: 'E' }, kind.keys[1]);
    const two = wrapKeyBlock(kbpk, other, version, legacy);
    for (let cut = 1; cut < one.length; cut++) {
      const mixed = one.slice(0, cut) + two.slice(cut);
      if (mixed === one || mixed === two) continue;
      expect(codeOf(() => unwrapKeyBlock(kbpk, mixed))).toBe('ERR_KEY_BLOCK_AUTH');
    }
  });

  it.each(kinds)('every claim of a header of version $version is bound', ({ version, kbpk, keys: [raw] }) => {
    const { algorithm: own } = kbpk.attributes as { algorithm: 'A' | 'T' };
    const text = wrapKeyBlock(kbpk, kekOf(own, raw), version, legacy);
    const claims = [
      ...Object.keys(KEY_USAGES).map((usage) => text.slice(0, 5) + usage + text.slice(7)),
      ...KEY_ALGORITHMS.map((algorithm) => text.slice(0, 7) + algorithm + text.slice(8)),
      ...MODES_OF_USE.map((mode) => text.slice(0, 8) + mode + text.slice(9)),
      ...range(0, 99).map((n) => text.slice(0, 9) + String(n).padStart(2, '0') + text.slice(11)),
      ...EXPORTABILITIES.map((exportability) => text.slice(0, 11) + exportability + text.slice(12)),
    ];
    for (const claim of claims)
      expect(codeOf(() => unwrapKeyBlock(kbpk, claim))).toBe(claim === text ? 'none' : 'ERR_KEY_BLOCK_AUTH');
  });

  it('a wrapped key that is another in one bit is another block in its MAC', () => {
    const raw = seededBytes(3, 32);
    const macs = new Set<string>();
    for (let bit = 0; bit < 256; bit++) {
      const changed = Uint8Array.from(raw);
      changed[bit >>> 3] = (changed[bit >>> 3] as number) ^ (1 << (bit & 7));
      macs.add(wrapKeyBlock(KBPK.D32, kekOf('A', changed), 'D', { random: seededRandom(1) }).slice(-32));
    }
    expect(macs.size).toBe(256);
    expect(hex(raw).length).toBe(64);
  });
});
