import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UnixSeconds } from '../../src/brand.ts';
import { createCapabilityAuthority } from '../../src/keys/capability.ts';
import { exportClearKey, importClearKey, importClearKeyHex } from '../../src/keys/clear.ts';
import { combineComponents, splitKey } from '../../src/keys/component.ts';
import { type Key, type KeyBytes, keyCheckValue } from '../../src/keys/key.ts';
import { adjustParity, hasOddParity } from '../../src/keys/parity.ts';
import { randomKey } from '../../src/keys/random-key.ts';
import {
  KEY_ALGORITHMS,
  KEY_USAGES,
  type KeyAlgorithm,
  type KeyUsage,
  MODES_OF_USE,
} from '../../src/keys/usage.ts';
import {
  at,
  bytes,
  callRandom,
  codeOf,
  hex,
  oddByte,
  paddedRandom,
  range,
  same,
  seededBytes,
  seededRandom,
  seededTdesKey,
  tdesKeyBytes,
  unhex,
  WEAK_PARTS,
} from '../support/arbitraries.ts';
import { oddParity } from '../support/oracle/cipher.ts';
import * as oracle from '../support/oracle/kcv.ts';

const LENGTHS: { readonly [A in KeyAlgorithm]: readonly KeyBytes[] } = {
  T: [16, 24],
  A: [16, 24, 32],
  H: [16, 20, 24, 32, 48, 64],
};
const SHAPES = KEY_ALGORITHMS.flatMap((algorithm) =>
  LENGTHS[algorithm].map((length) => ({ algorithm, length })),
);
const attributes = (algorithm: KeyAlgorithm) =>
  ({ usage: 'D0', algorithm, mode: 'B', exportability: 'E' }) as const;
const permit = createCapabilityAuthority({ now: () => 1000 as UnixSeconds }).grant('export-clear-key', 900);
const holds = (key: Key, raw: Uint8Array): boolean => same(exportClearKey(key, permit), raw);

/** Sound key bytes of every algorithm and length. */
const material = fc
  .constantFrom(...SHAPES)
  .chain(({ algorithm, length }) =>
    fc.tuple(
      fc.constant(algorithm),
      algorithm === 'T'
        ? tdesKeyBytes(length as 16 | 24)
        : bytes(length).filter((raw) => raw.some((byte) => byte !== 0)),
    ),
  );

function kcvOf(algorithm: KeyAlgorithm, raw: Uint8Array): string {
  const method = { T: 'tdes-zero-block', A: 'aes-cmac-zero-block', H: 'hmac-sha256-empty-message' } as const;
  return oracle.kcv(hex(raw), method[algorithm]);
}

describe('parity', () => {
  it('adjusting gives odd parity, changes low bits only, and once adjusted changes nothing', () => {
    fc.assert(
      fc.property(bytes(0, 32), (raw) => {
        const before = hex(raw);
        const adjusted = adjustParity(raw);
        expect(hex(raw)).toBe(before);
        expect(hasOddParity(adjusted)).toBe(true);
        expect(same(adjustParity(adjusted), adjusted)).toBe(true);
        expect(adjusted.every((byte, i) => byte >>> 1 === at(raw, i) >>> 1)).toBe(true);
        expect(hex(adjusted)).toBe(raw.length === 0 ? '' : oddParity(before));
        expect(hasOddParity(raw)).toBe(same(raw, adjusted));
      }),
    );
  });

  it('of 256 bytes 128 are odd', () => {
    const odd = range(0, 255).filter((byte) => hasOddParity(Uint8Array.of(byte)));
    expect(odd).toEqual(range(0, 255).filter((byte) => oddByte(byte) === byte));
    expect(odd.length).toBe(128);
  });

  it('of one wrong byte anywhere is refused unless it is to be adjusted', () => {
    fc.assert(
      fc.property(fc.oneof(tdesKeyBytes(16), tdesKeyBytes(24)), fc.nat(), (raw, n) => {
        const wrong = Uint8Array.from(raw);
        wrong[n % raw.length] = at(raw, n % raw.length) ^ 1;
        expect(codeOf(() => importClearKey(attributes('T'), wrong))).toBe('ERR_KEY_PARITY');
        expect(holds(importClearKey(attributes('T'), wrong, { parity: 'adjust' }), raw)).toBe(true);
      }),
    );
  });
});

describe('clear keys', () => {
  it('leave as they came, whatever the algorithm and length, and by hex in either case', () => {
    fc.assert(
      fc.property(material, ([algorithm, raw]) => {
        const before = hex(raw);
        const key = importClearKey(attributes(algorithm), raw);
        expect(hex(raw)).toBe(before);
        expect(key.keyBytes).toBe(raw.length);
        expect(holds(key, raw)).toBe(true);
        for (const text of [before, before.toLowerCase()])
          expect(holds(importClearKeyHex(attributes(algorithm), text), raw)).toBe(true);
        const out = exportClearKey(key, permit);
        out.fill(0);
        expect(holds(key, raw)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('exist in the lengths of their algorithm only', () => {
    for (const algorithm of KEY_ALGORITHMS)
      for (let length = 0; length <= 70; length++) {
        const raw =
          algorithm === 'T' ? seededBytes(length, length).map(oddByte) : seededBytes(length, length);
        const expected = LENGTHS[algorithm].includes(length as KeyBytes) ? 'none' : 'ERR_KEY_LENGTH';
        expect(codeOf(() => importClearKey(attributes(algorithm), raw))).toBe(expected);
      }
  });

  it('all zero are refused for every algorithm, and weak or equal parts at every place, parity aside', () => {
    for (const { algorithm, length } of SHAPES)
      expect(
        codeOf(() => importClearKey(attributes(algorithm), new Uint8Array(length), { parity: 'adjust' })),
      ).toBe('ERR_KEY_WEAK');
    expect(new Set(WEAK_PARTS).size).toBe(16);
    for (const parts of [2, 3])
      for (let place = 0; place < parts; place++) {
        for (const weak of WEAK_PARTS)
          for (const mask of [0, 1]) {
            const raw = seededTdesKey(place + 10, (8 * parts) as 16 | 24);
            raw.set(
              unhex(weak).map((byte) => byte ^ mask),
              8 * place,
            );
            expect(codeOf(() => importClearKey(attributes('T'), raw, { parity: 'adjust' }))).toBe(
              'ERR_KEY_WEAK',
            );
          }
        for (let other = 0; other < place; other++)
          for (const mask of [0, 1]) {
            const raw = seededTdesKey(place + 20, (8 * parts) as 16 | 24);
            raw.set(
              raw.slice(8 * other, 8 * other + 8).map((byte) => byte ^ mask),
              8 * place,
            );
            expect(codeOf(() => importClearKey(attributes('T'), raw, { parity: 'adjust' }))).toBe(
              'ERR_KEY_WEAK',
            );
          }
      }
  });
});

describe('key check values', () => {
  it('agree with a second implementation', () => {
    fc.assert(
      fc.property(material, ([algorithm, raw]) => {
        const key = importClearKey(attributes(algorithm), raw);
        expect(key.kcv).toBe(kcvOf(algorithm, raw));
        expect(keyCheckValue(key)).toBe(key.kcv);
        if (algorithm === 'A') {
          for (const n of [3, 5] as const) {
            expect(keyCheckValue(key, { method: 'cmac-zero-block', bytes: n })).toBe(
              oracle.kcv(hex(raw), 'aes-cmac-zero-block', n),
            );
            expect(keyCheckValue(key, { method: 'cmac-empty-message', bytes: n })).toBe(
              oracle.kcv(hex(raw), 'aes-cmac-empty-message', n),
            );
          }
          expect(keyCheckValue(key, { method: 'zero-block' })).toBe(oracle.kcv(hex(raw), 'aes-zero-block'));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('do not depend on parity bits', () => {
    fc.assert(
      fc.property(fc.oneof(tdesKeyBytes(16), tdesKeyBytes(24)), bytes(24), (raw, noise) => {
        const shaken = raw.map((byte, i) => byte ^ (at(noise, i) & 1));
        const key = importClearKey(attributes('T'), shaken, { parity: 'adjust' });
        expect(key.kcv).toBe(importClearKey(attributes('T'), raw).kcv);
        expect(key.kcv).toBe(oracle.kcv(hex(shaken), 'tdes-zero-block'));
      }),
    );
  });

  it('that are expected let in the key that has them and no other', () => {
    fc.assert(
      fc.property(material, fc.integer({ min: 0, max: 5 }), ([algorithm, raw], place) => {
        const kcv = kcvOf(algorithm, raw);
        const call = (expectedKcv: string): string =>
          codeOf(() => importClearKey(attributes(algorithm), raw, { expectedKcv }));
        expect(call(kcv)).toBe('none');
        expect(call(kcv.toLowerCase())).toBe('none');
        const digit = ((Number.parseInt(kcv.charAt(place), 16) + 1) % 16).toString(16);
        expect(call(kcv.slice(0, place) + digit + kcv.slice(place + 1))).toBe('ERR_KEY_KCV');
        for (const malformed of ['', kcv.slice(1), `${kcv}0`, `${kcv.slice(1)} `])
          expect(call(malformed)).toBe('ERR_INPUT');
        const five = algorithm === 'A' ? oracle.kcv(hex(raw), 'aes-cmac-zero-block', 5) : `${kcv}0000`;
        expect(call(five)).toBe(algorithm === 'A' ? 'none' : 'ERR_INPUT');
      }),
      { numRuns: 150 },
    );
  });
});

describe('components', () => {
  it('combine to the key they were split from, each with its KCV, in any order', () => {
    fc.assert(
      fc.property(material, fc.integer({ min: 2, max: 9 }), fc.integer(), ([algorithm, raw], count, seed) => {
        const key = importClearKey(attributes(algorithm), raw);
        const parts = splitKey(key, count, permit, { random: seededRandom(seed) });
        expect(parts.length).toBe(count);
        for (const part of parts) expect(part.kcv).toBe(kcvOf(algorithm, part.bytes));
        const whole = new Uint8Array(raw.length);
        for (const part of parts)
          for (let i = 0; i < whole.length; i++) whole[i] = at(whole, i) ^ at(part.bytes, i);
        expect(same(whole, raw)).toBe(true);
        const turned = [...parts].reverse();
        expect(holds(combineComponents(attributes(algorithm), parts, { expectedKcv: key.kcv }), raw)).toBe(
          true,
        );
        expect(holds(combineComponents(attributes(algorithm), turned), raw)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('with one missing, given twice, changed or with the KCV of another never give the key', () => {
    fc.assert(
      fc.property(material, fc.integer({ min: 2, max: 5 }), fc.nat(), ([algorithm, raw], count, n) => {
        const key = importClearKey(attributes(algorithm), raw);
        const parts = splitKey(key, count, permit, { random: seededRandom(n) });
        const combine = (list: Parameters<typeof combineComponents>[1]): string =>
          codeOf(() =>
            combineComponents(attributes(algorithm), list, { expectedKcv: key.kcv, parity: 'adjust' }),
          );
        const which = n % count;
        expect(combine([...parts, at(parts, which)])).toBe('ERR_KEY_COMPONENT');
        expect(['ERR_KEY_COMPONENT', 'ERR_KEY_KCV', 'ERR_KEY_WEAK']).toContain(
          combine(parts.filter((_, i) => i !== which)),
        );
        const changed = at(parts, which).bytes.slice();
        changed[n % changed.length] = at(changed, n % changed.length) ^ 0x10;
        expect(
          combine(parts.map((part, i) => (i === which ? { bytes: changed, kcv: part.kcv } : part))),
        ).toBe('ERR_KEY_COMPONENT');
        const kcv = at(parts, (which + 1) % count).kcv;
        expect(combine(parts.map((part, i) => (i === which ? { bytes: part.bytes, kcv } : part)))).toBe(
          'ERR_KEY_COMPONENT',
        );
      }),
      { numRuns: 60 },
    );
  });

  it('of zeros are taken only where that was said', () => {
    const raw = seededTdesKey(4);
    const zero = { bytes: new Uint8Array(16), kcv: oracle.kcv('00'.repeat(16), 'tdes-zero-block') };
    const other = { bytes: raw, kcv: oracle.kcv(hex(raw), 'tdes-zero-block') };
    expect(codeOf(() => combineComponents(attributes('T'), [zero, other]))).toBe('ERR_KEY_COMPONENT');
    expect(holds(combineComponents(attributes('T'), [zero, other], { zeroComponent: 'allow' }), raw)).toBe(
      true,
    );
  });

  it('but the last are what the random source gives: any of them alone says nothing of the key', () => {
    const one = importClearKey(attributes('A'), seededBytes(1, 16));
    const two = importClearKey(attributes('A'), seededBytes(2, 16));
    const first = splitKey(one, 3, permit, { random: seededRandom(5) });
    const second = splitKey(two, 3, permit, { random: seededRandom(5) });
    for (const i of [0, 1]) expect(same(at(first, i).bytes, at(second, i).bytes)).toBe(true);
    expect(same(at(first, 2).bytes, at(second, 2).bytes)).toBe(false);
  });
});

describe('random keys', () => {
  it('have their length, odd parity where they are TDES, and are sound', () => {
    for (const { algorithm, length } of SHAPES) {
      const seen = new Set<string>();
      for (let seed = 0; seed < 60; seed++) {
        const raw = exportClearKey(
          randomKey(attributes(algorithm), length, { random: seededRandom(seed) }),
          permit,
        );
        expect(raw.length).toBe(length);
        if (algorithm === 'T') expect(hasOddParity(raw)).toBe(true);
        expect(codeOf(() => importClearKey(attributes(algorithm), raw))).toBe('none');
        seen.add(hex(raw));
      }
      expect(seen.size).toBe(60);
    }
  });

  it('are drawn again where a draw is weak or has equal parts, and a stuck source is called so', () => {
    const good = seededTdesKey(30);
    const bad = [
      Uint8Array.of(...good.subarray(0, 8), ...good.subarray(0, 8)),
      ...WEAK_PARTS.slice(0, 6).map((weak) => Uint8Array.of(...unhex(weak), ...good.subarray(8))),
    ];
    expect(holds(randomKey(attributes('T'), 16, { random: callRandom([...bad, good]) }), good)).toBe(true);
    for (const { algorithm, length } of SHAPES)
      expect(codeOf(() => randomKey(attributes(algorithm), length, { random: paddedRandom([], 0) }))).toBe(
        'ERR_INTERNAL',
      );
  });
});

describe('a key', () => {
  it('is made of every usage, algorithm and mode of the standard, and says what it is', () => {
    for (const usage of Object.keys(KEY_USAGES) as KeyUsage[])
      for (const algorithm of KEY_ALGORITHMS)
        for (const mode of MODES_OF_USE) {
          const raw = algorithm === 'T' ? seededTdesKey(1) : seededBytes(1, 16);
          const key = importClearKey({ usage, algorithm, mode, exportability: 'S', keyVersion: '7a' }, raw);
          expect(key.attributes).toEqual({ usage, algorithm, mode, exportability: 'S', keyVersion: '7a' });
          expect(String(key)).toBe(`Key(${usage}${algorithm}${mode} kcv=${kcvOf(algorithm, raw)})`);
        }
  });

  it('that is destroyed holds nothing, whatever it was, and stays so', () => {
    fc.assert(
      fc.property(material, ([algorithm, raw]) => {
        const key = importClearKey(attributes(algorithm), raw);
        const twin = importClearKey(attributes(algorithm), raw);
        expect(key.destroyed).toBe(false);
        key.destroy();
        key.destroy();
        expect(key.destroyed).toBe(true);
        for (const call of [
          () => exportClearKey(key, permit),
          () => splitKey(key, 2, permit),
          () => keyCheckValue(key),
        ])
          expect(codeOf(call)).toBe('ERR_KEY_DESTROYED');
        expect(holds(twin, raw)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('of exportability N does not leave, not even in parts', () => {
    const key = importClearKey({ ...attributes('A'), exportability: 'N' }, seededBytes(1, 16));
    expect(codeOf(() => exportClearKey(key, permit))).toBe('ERR_KEY_EXPORT');
    expect(codeOf(() => splitKey(key, 2, permit))).toBe('ERR_KEY_EXPORT');
  });
});

describe('a capability', () => {
  it('permits its scope from the grant to the second before it expires, and not after it was revoked', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 4_000_000_000 }),
        fc.integer({ min: 1, max: 900 }),
        fc.oneof(fc.integer({ min: -5, max: 1000 }), fc.constantFrom('last', 'first' as const)),
        (start, life, moment) => {
          const later = moment === 'last' ? life - 1 : moment === 'first' ? life : (moment as number);
          let now = start;
          const authority = createCapabilityAuthority({ now: () => now as UnixSeconds });
          const key = importClearKey(attributes('A'), seededBytes(1, 16));
          const granted = authority.grant('export-clear-key', life);
          const other = authority.grant('reveal-pin', life);
          now = start + later;
          expect(codeOf(() => exportClearKey(key, granted))).toBe(
            later >= 0 && later < life ? 'none' : 'ERR_POLICY',
          );
          expect(codeOf(() => exportClearKey(key, other))).toBe('ERR_POLICY');
          granted.revoke();
          expect(codeOf(() => exportClearKey(key, granted))).toBe('ERR_POLICY');
        },
      ),
    );
  });
});
