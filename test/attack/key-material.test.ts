/**
 * Keys that are not what they seem: components that cancel, weak and semi-weak keys, single length
 * posing as double or triple, check values that say too much, keys that must not leave.
 *
 * M. Bond, "Attacks on cryptoprocessor transaction sets", CHES 2001; M. Bond, R. Anderson, "API-level
 * attacks on embedded systems", IEEE Computer 2001; NIST SP 800-67 Rev. 2, 3.3; ANSI X9.24-1:2017.
 */
import { describe, expect, it } from 'vitest';
import { aes } from '../../src/aes/block.ts';
import { tdes } from '../../src/des/tdes.ts';
import * as cw from '../../src/index.ts';
import {
  createCapabilityAuthority,
  keyCheckValue,
  parseUnixSeconds,
  randomKey,
  unwrapKeyBlock,
  wrapKeyBlock,
} from '../../src/index.ts';
import * as clearFace from '../../src/keys/clear-face.ts';
import {
  combineComponents,
  exportClearKey,
  importClearKey,
  importClearKeyHex,
  splitKey,
} from '../../src/keys/clear-face.ts';
import { cipherKcv } from '../../src/keys/kcv.ts';
import { tdesFor } from '../../src/keys/key.ts';
import { codeOf } from '../support/arbitraries.ts';

const CVK = { usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'S' } as const;
const DATA = { usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'S' } as const;
const AES = { usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'S' } as const;
const authority = createCapabilityAuthority({ now: () => parseUnixSeconds(0) });
const permit = authority.grant('export-clear-key', 900);

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();
const xor = (...parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts[0] as Uint8Array, (_, i) =>
    parts.reduce((sum, part) => sum ^ (part[i] as number), 0),
  );
/** A component with the KCV that it has. */
const part = (bytes: Uint8Array) => ({ bytes, kcv: String(cipherKcv(tdes(bytes), 'zero-block', 3)) });
const aesPart = (bytes: Uint8Array) => ({ bytes, kcv: String(cipherKcv(aes(bytes), 'cmac-zero-block', 3)) });
const random = (length = 16): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

/** The 4 weak and 12 semi-weak DES keys of SP 800-67 with odd parity. */
const WEAK = [
  ...['0101010101010101', 'FEFEFEFEFEFEFEFE', 'E0E0E0E0F1F1F1F1', '1F1F1F1F0E0E0E0E'],
  ...['011F011F010E010E', '1F011F010E010E01', '01E001E001F101F1', 'E001E001F101F101'],
  ...['01FE01FE01FE01FE', 'FE01FE01FE01FE01', '1FE01FE00EF10EF1', 'E01FE01FF10EF10E'],
  ...['1FFE1FFE0EFE0EFE', 'FE1FFE1FFE0EFE0E', 'E0FEE0FEF1FEF1FE', 'FEE0FEE0FEF1FEF1'],
];
const GOOD = ['0123456789ABCDEF', 'FEDCBA9876543210', '133457799BBCDFF1'] as const;

describe('KM-03, KM-04 components', () => {
  const adjust = { parity: 'adjust' } as const;
  const build = (...parts: readonly { bytes: Uint8Array; kcv: string }[]) =>
    codeOf(() => combineComponents(DATA, parts, adjust));

  it('a component twice is refused, in every place of three', () => {
    const [c, d] = [part(random()), part(random())];
    expect(build(c, c)).toBe('ERR_KEY_COMPONENT');
    for (const list of [
      [c, c, d],
      [c, d, c],
      [d, c, c],
      [c, c, c],
    ])
      expect(build(...list)).toBe('ERR_KEY_COMPONENT');
    expect(build(c, { ...c, bytes: Uint8Array.from(c.bytes) })).toBe('ERR_KEY_COMPONENT');
  });

  it('c, c + x and x, which give zero, are refused in every order', () => {
    const c = random();
    const x = random();
    const parts = [part(c), part(xor(c, x)), part(x)];
    for (const [i, j, k] of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ])
      expect(build(...[i, j, k].map((n) => parts[n as number] as ReturnType<typeof part>))).toBe(
        'ERR_KEY_WEAK',
      );
    const a = random();
    expect(codeOf(() => combineComponents(AES, [aesPart(a), aesPart(xor(a, x)), aesPart(x)]))).toBe(
      'ERR_KEY_WEAK',
    );
  });

  it('components that meet in equal halves or a weak half are refused', () => {
    for (const target of [
      GOOD[0] + GOOD[0],
      ...WEAK.map((weak) => weak + GOOD[1]),
      ...WEAK.map((weak) => GOOD[1] + weak),
    ]) {
      const c = random();
      expect(build(part(c), part(xor(c, bytesOf(target))))).toBe('ERR_KEY_WEAK');
    }
    const c = random();
    expect(build(part(c), part(xor(c, bytesOf(GOOD[0] + GOOD[1]))))).toBe('none');
  });

  it('a zero component is refused unless said, since the other one is then the key', () => {
    const zero = part(new Uint8Array(16));
    const c = part(bytesOf(GOOD[0] + GOOD[1]));
    expect(build(zero, c)).toBe('ERR_KEY_COMPONENT');
    expect(build(c, zero)).toBe('ERR_KEY_COMPONENT');
    expect(codeOf(() => combineComponents(DATA, [c, zero], { ...adjust, zeroComponent: 'allow' }))).toBe(
      'none',
    );
  });

  it('none, one, ten, mixed lengths and a wrong KCV are refused', () => {
    const c = part(random());
    expect(build()).toBe('ERR_KEY_COMPONENT');
    expect(build(c)).toBe('ERR_KEY_COMPONENT');
    expect(build(...Array.from({ length: 10 }, () => part(random())))).toBe('ERR_KEY_COMPONENT');
    expect(build(c, part(random(24)))).toBe('ERR_KEY_COMPONENT');
    expect(build(c, { ...part(random()), kcv: '000000' })).toBe('ERR_KEY_COMPONENT');
    expect(build(c, { ...part(random()), kcv: c.kcv })).toBe('ERR_KEY_COMPONENT');
  });

  it('a related component changes the key and is caught by the expected KCV', () => {
    const [c, d] = [random(), random()];
    const kcv = combineComponents(DATA, [part(c), part(d)], adjust).kcv;
    let caught = 0;
    for (let bit = 0; bit < 128; bit++) {
      // The low bit of a byte is parity and no part of the key.
      if (bit % 8 === 0) continue;
      const delta = new Uint8Array(16);
      delta[bit >> 3] = 1 << (bit & 7);
      if (
        codeOf(() =>
          combineComponents(DATA, [part(xor(c, delta)), part(d)], { ...adjust, expectedKcv: kcv }),
        ) === 'ERR_KEY_KCV'
      )
        caught++;
    }
    expect(caught).toBe(112);
  });

  it('nothing of the library adds a part to a key that exists', () => {
    const names = Object.keys({ ...cw, ...clearFace }).filter((name) =>
      /component|xor|combine|addPart|merge/i.test(name),
    );
    expect(names).toEqual(['combineComponents']);
    expect(codeOf(() => combineComponents(DATA, [randomKey(DATA, 16), part(random())] as never))).toBe(
      'ERR_INPUT',
    );
  });

  it('fewer components than all say nothing: each bit of each is a coin', () => {
    const key = importClearKeyHex(DATA, GOOD[0] + GOOD[1]);
    const ones = [0, 0];
    for (let n = 0; n < 400; n++)
      splitKey(key, 2, permit).forEach(({ bytes }, i) => {
        for (const byte of bytes)
          for (let b = 0; b < 8; b++) ones[i] = (ones[i] as number) + ((byte >> b) & 1);
      });
    for (const count of ones) expect(Math.abs(count - 25_600)).toBeLessThan(6 * Math.sqrt(51_200 / 4));
  });
});

describe('KM-09 single length posing as more, weak and semi-weak parts', () => {
  const flipped = (hex: string, mask: number): Uint8Array =>
    bytesOf(hex).map((byte, i) => byte ^ ((mask >> (i % 8)) & 1));

  it('refuses the 16 weak and semi-weak keys in every part, whatever the parity bits', () => {
    for (const weak of WEAK)
      for (const mask of [0x00, 0xff, 0x55, 0x01, 0x80])
        for (const hex of [
          weak + GOOD[0],
          GOOD[0] + weak,
          weak + GOOD[0] + GOOD[1],
          GOOD[0] + weak + GOOD[1],
          GOOD[0] + GOOD[1] + weak,
        ])
          expect(codeOf(() => importClearKey(DATA, flipped(hex, mask), { parity: 'adjust' }))).toBe(
            'ERR_KEY_WEAK',
          );
  });

  it('refuses every pair of equal parts, with every of the 256 patterns of flipped parity bits', () => {
    const [a, b] = GOOD;
    for (const hex of [a + a, a + a + b, b + a + a, a + b + a, a + a + a])
      for (let mask = 0; mask < 256; mask++) {
        const bytes = bytesOf(hex);
        // Only the last part is flipped, so that the parts differ as bytes and not as keys.
        for (let i = 0; i < 8; i++) {
          const at = bytes.length - 8 + i;
          bytes[at] = (bytes[at] as number) ^ ((mask >> i) & 1);
        }
        expect(codeOf(() => importClearKey(DATA, bytes, { parity: 'adjust' }))).toBe('ERR_KEY_WEAK');
        if (mask === 0) expect(codeOf(() => importClearKey(DATA, bytes))).toBe('ERR_KEY_WEAK');
      }
  });

  it('refuses a key of one part, and half lengths between', () => {
    for (const length of [0, 1, 7, 8, 9, 15, 17, 23, 25, 32, 48])
      expect(codeOf(() => importClearKey(DATA, random(length), { parity: 'adjust' }))).toBe('ERR_KEY_LENGTH');
  });

  it('refuses all-zero keys of every algorithm', () => {
    for (const [attributes, length] of [
      [DATA, 16],
      [DATA, 24],
      [AES, 16],
      [AES, 32],
      [{ usage: 'M7', algorithm: 'H', mode: 'C', exportability: 'E' }, 32],
    ] as const)
      expect(codeOf(() => importClearKey(attributes, new Uint8Array(length), { parity: 'adjust' }))).toBe(
        'ERR_KEY_WEAK',
      );
  });

  it('a stuck random source gives no key and no component', () => {
    for (const value of [0x00, 0x01, 0xfe, 0xff, 0x42]) {
      const stuck = { random: { fill: (out: Uint8Array): void => void out.fill(value) } };
      expect(codeOf(() => randomKey(DATA, 16, stuck))).toBe('ERR_INTERNAL');
    }
    const none = { random: { fill: (): void => undefined } };
    expect(codeOf(() => randomKey(AES, 16, none))).toBe('ERR_INTERNAL');
  });
});

describe('KM-13 parity', () => {
  it('256 patterns of parity: demanded by default, set on request, and the KCV is one', () => {
    const sound = bytesOf(GOOD[0] + GOOD[1]);
    const kcvs = new Set<string>();
    let refused = 0;
    for (let mask = 0; mask < 256; mask++) {
      const bytes = sound.map((byte, i) => byte ^ ((mask >> (i % 8)) & 1));
      if (codeOf(() => importClearKey(DATA, bytes)) === 'ERR_KEY_PARITY') refused++;
      const key = importClearKey(DATA, bytes, { parity: 'adjust' });
      kcvs.add(key.kcv);
      expect(hexOf(exportClearKey(key, permit))).toBe(GOOD[0] + GOOD[1]);
    }
    expect(refused).toBe(255);
    expect(kcvs.size).toBe(1);
  });
});

describe('KM-10 a check value is no oracle', () => {
  const key = randomKey(CVK, 16);

  it.each([4, 5, 6, 7, 8, 16, 0, -1, 2, 1, 3.5, Number.NaN, '3'])('no KCV of %s bytes for TDES', (bytes) => {
    expect(codeOf(() => keyCheckValue(key, { bytes: bytes as 3 }))).toBe('ERR_INPUT');
  });

  it.each([4, 6, 8, 16, 0, 2, '5'])('no KCV of %s bytes for AES', (bytes) => {
    for (const method of ['cmac-zero-block', 'cmac-empty-message', 'zero-block'] as const)
      expect(codeOf(() => keyCheckValue(randomKey(AES, 16), { bytes: bytes as 3, method }))).toBe(
        'ERR_INPUT',
      );
  });

  it('no method of another algorithm, and 5 bytes of CMAC only', () => {
    expect(codeOf(() => keyCheckValue(key, { method: 'cmac-zero-block' }))).toBe('ERR_INPUT');
    expect(codeOf(() => keyCheckValue(key, { method: 'hmac-empty-message' }))).toBe('ERR_INPUT');
    expect(codeOf(() => keyCheckValue(randomKey(AES, 16), { method: 'zero-block', bytes: 5 }))).toBe(
      'ERR_INPUT',
    );
    expect(keyCheckValue(randomKey(AES, 16), { method: 'cmac-zero-block', bytes: 5 })).toMatch(
      /^[0-9A-F]{10}$/,
    );
    expect(keyCheckValue(key)).toMatch(/^[0-9A-F]{6}$/);
  });

  it('an expected KCV longer than the rule allows is refused before it is compared', () => {
    const full = hexOf(
      (() => {
        const block = new Uint8Array(8);
        tdesFor(key, 'generateCvv').encryptBlocks(block, block);
        return block;
      })(),
    );
    const bytes = exportClearKey(key, permit);
    expect(full.slice(0, 6)).toBe(key.kcv);
    for (const length of [4, 8, 10, 12, 16])
      expect(codeOf(() => importClearKey(CVK, bytes, { expectedKcv: full.slice(0, length) }))).toBe(
        'ERR_INPUT',
      );
    expect(codeOf(() => importClearKey(CVK, bytes, { expectedKcv: full.slice(0, 6) }))).toBe('none');
    expect(codeOf(() => importClearKey(CVK, bytes, { expectedKcv: '000000' }))).toBe('ERR_KEY_KCV');
  });

  it('KM-11 two keys of one KCV, found by search, are two keys', () => {
    const seen = new Map<string, Uint8Array>();
    let pair: readonly [Uint8Array, Uint8Array] | undefined;
    while (pair === undefined) {
      const bytes = random();
      const kcv = String(cipherKcv(aes(bytes), 'cmac-zero-block', 3));
      const met = seen.get(kcv);
      if (met !== undefined) pair = [met, bytes];
      seen.set(kcv, bytes);
    }
    const kek = { usage: 'K1', algorithm: 'A', mode: 'B', exportability: 'N' } as const;
    const [a, b] = [importClearKey(kek, pair[0]), importClearKey(kek, pair[1])];
    expect(a.kcv).toBe(b.kcv);
    const envelope = cw.sealEnvelope(a, Uint8Array.of(1), new Uint8Array(0), { algorithm: 'AES-256-GCM' });
    expect(cw.openEnvelope(a, envelope, new Uint8Array(0))).toEqual(Uint8Array.of(1));
    expect(codeOf(() => cw.openEnvelope(b, envelope, new Uint8Array(0)))).toBe('ERR_ENVELOPE_AUTH');
    const pek = { usage: 'P0', algorithm: 'A', mode: 'B', exportability: 'N' } as const;
    const [from, to] = [importClearKey(pek, pair[0]), importClearKey(pek, pair[1])];
    const pan = cw.parsePan('4000001234567899');
    const block = cw.encryptPinBlock(from, cw.parsePin('7391'), pan, 'ISO-4');
    expect(cw.translatePinBlock({ from, to }, block, { pan }, 'ISO-4').block).not.toBe(block.block);
  });
});

describe('KM-12 keys that must not leave', () => {
  const kek = randomKey({ usage: 'K1', algorithm: 'A', mode: 'B', exportability: 'N' }, 32);

  it('a key of exportability N is not exported, split, or wrapped for exchange; stored it may be', () => {
    const store = authority.grant('store-key', 900);
    const loose = randomKey({ ...kek.attributes, exportability: 'E' }, 32);
    for (const attributes of [CVK, DATA, AES]) {
      const key = randomKey({ ...attributes, exportability: 'N' }, 16);
      expect(codeOf(() => exportClearKey(key, permit))).toBe('ERR_KEY_EXPORT');
      expect(codeOf(() => splitKey(key, 2, permit))).toBe('ERR_KEY_EXPORT');
      expect(codeOf(() => wrapKeyBlock(kek, key, 'D'))).toBe('ERR_KEY_EXPORT');
      expect(codeOf(() => wrapKeyBlock(kek, key, 'D', { purpose: 'exchange' }))).toBe('ERR_KEY_EXPORT');
      expect(codeOf(() => wrapKeyBlock(kek, key, 'D', { purpose: 'storage' }))).toBe('ERR_POLICY');
      expect(codeOf(() => wrapKeyBlock(kek, key, 'D', { purpose: 'storage', permit }))).toBe('ERR_POLICY');
      expect(codeOf(() => wrapKeyBlock(loose, key, 'D', { purpose: 'storage', permit: store }))).toBe(
        'ERR_KEY_EXPORT',
      );
      const stored = unwrapKeyBlock(kek, wrapKeyBlock(kek, key, 'D', { purpose: 'storage', permit: store }));
      expect(stored.attributes.exportability).toBe('N');
      expect(codeOf(() => exportClearKey(stored, permit))).toBe('ERR_KEY_EXPORT');
    }
  });

  it('without the capability nothing leaves, and its scope is looked at', () => {
    const key = randomKey(DATA, 16);
    const wrong = createCapabilityAuthority({ now: () => parseUnixSeconds(0) }).grant('reveal-pin', 900);
    for (const given of [undefined, null, true, {}, wrong, structuredClone(permit), { ...permit }]) {
      expect(codeOf(() => exportClearKey(key, given as never))).toBe('ERR_POLICY');
      expect(codeOf(() => splitKey(key, 2, given as never))).toBe('ERR_POLICY');
    }
  });

  it('a destroyed key does nothing any more, and its copy handed out before is not wiped', () => {
    const key = randomKey(DATA, 16);
    const copy = exportClearKey(key, permit);
    const before = hexOf(copy);
    key.destroy();
    key.destroy();
    expect(key.destroyed).toBe(true);
    expect(hexOf(copy)).toBe(before);
    expect(codeOf(() => exportClearKey(key, permit))).toBe('ERR_KEY_DESTROYED');
    expect(codeOf(() => wrapKeyBlock(kek, key, 'D'))).toBe('ERR_KEY_DESTROYED');
    expect(codeOf(() => cw.sealCode(key, '1', 'F-fill'))).toBe('ERR_KEY_DESTROYED');
    expect(codeOf(() => keyCheckValue(key))).toBe('ERR_KEY_DESTROYED');
  });

  it('what came in is copied: a caller who overwrites his bytes changes no key', () => {
    const bytes = bytesOf(GOOD[0] + GOOD[1]);
    const key = importClearKey(DATA, bytes);
    bytes.fill(0);
    expect(hexOf(exportClearKey(key, permit))).toBe(GOOD[0] + GOOD[1]);
    exportClearKey(key, permit).fill(0);
    expect(hexOf(exportClearKey(key, permit))).toBe(GOOD[0] + GOOD[1]);
  });
});

describe('KM-08 the wrapping key is at least as strong', () => {
  const keks = [
    [80, 'B', randomKey({ usage: 'K1', algorithm: 'T', mode: 'B', exportability: 'N' }, 16)],
    [112, 'B', randomKey({ usage: 'K1', algorithm: 'T', mode: 'B', exportability: 'N' }, 24)],
    [128, 'D', randomKey({ usage: 'K1', algorithm: 'A', mode: 'B', exportability: 'N' }, 16)],
    [192, 'D', randomKey({ usage: 'K1', algorithm: 'A', mode: 'B', exportability: 'N' }, 24)],
    [256, 'D', randomKey({ usage: 'K1', algorithm: 'A', mode: 'B', exportability: 'N' }, 32)],
  ] as const;
  const hmac = { usage: 'M7', algorithm: 'H', mode: 'C', exportability: 'E' } as const;
  const keys = [
    [80, randomKey(DATA, 16)],
    [112, randomKey(DATA, 24)],
    [128, randomKey(AES, 16)],
    [192, randomKey(AES, 24)],
    [256, randomKey(AES, 32)],
    [128, randomKey(hmac, 16)],
    [160, randomKey(hmac, 20)],
    [192, randomKey(hmac, 24)],
    [256, randomKey(hmac, 32)],
    [256, randomKey(hmac, 48)],
    [256, randomKey(hmac, 64)],
  ] as const;

  it('the whole lattice', () => {
    for (const [strength, version, kek] of keks)
      for (const [needed, key] of keys) {
        const expected = strength >= needed ? 'none' : 'ERR_KEY_WEAK';
        expect([String(kek), String(key), codeOf(() => wrapKeyBlock(kek, key, version))]).toEqual([
          String(kek),
          String(key),
          expected,
        ]);
      }
  });

  it('a version under the wrong algorithm is refused', () => {
    for (const [, version, kek] of keks)
      expect(codeOf(() => wrapKeyBlock(kek, randomKey(DATA, 16), version === 'B' ? 'D' : 'B'))).toBe(
        'ERR_KEY_ALGORITHM',
      );
  });
});
