import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Expiry } from '../../src/brand.ts';
import { generateCvv2 } from '../../src/cvv/cvv.ts';
import { type CodeBlockLayout, openCode, sealCode } from '../../src/envelope/code-block.ts';
import {
  ENVELOPE_MAX_BYTES,
  type EnvelopeAlgorithm,
  openEnvelope,
  sealEnvelope,
} from '../../src/envelope/envelope.ts';
import {
  decryptLegacyField,
  encryptLegacyField,
  LEGACY_FIELD_BYTES,
  type LegacyField,
} from '../../src/envelope/legacy-field.ts';
import { chargeBlocks, type Key } from '../../src/keys/key.ts';
import { wrapKeyBlock } from '../../src/keys/key-block.ts';
import { TDES_BLOCK_BUDGET } from '../../src/keys/policy.ts';
import { encryptPinBlock } from '../../src/pinblock/encrypt.ts';
import {
  at,
  bytes,
  codeOf,
  cvkOf,
  dataKeyOf,
  digits,
  forbiddenRandom,
  hex,
  kekOf,
  paddedRandom,
  panFrom,
  pekOf,
  pinOf,
  range,
  same,
  seededBytes,
  seededRandom,
  seededTdesKey,
  tdesKeyBytes,
} from '../support/arbitraries.ts';

const ALGORITHMS: readonly EnvelopeAlgorithm[] = ['TDES-CBC-HMAC', 'AES-256-GCM'];
const KEKS = [
  { name: 'TDES, 2 keys', kek: kekOf('T', seededTdesKey(1)) },
  { name: 'TDES, 3 keys', kek: kekOf('T', seededTdesKey(2, 24)) },
  { name: 'AES-128', kek: kekOf('A', seededBytes(3, 16)) },
  { name: 'AES-192', kek: kekOf('A', seededBytes(4, 24)) },
  { name: 'AES-256', kek: kekOf('A', seededBytes(5, 32)) },
];
const CASES = KEKS.flatMap(({ name, kek }) => ALGORITHMS.map((algorithm) => ({ name, kek, algorithm })));
const CONTEXT = seededBytes(9, 20);

const flip = (raw: Uint8Array, bit: number): Uint8Array => {
  const out = Uint8Array.from(raw);
  out[bit >>> 3] = at(out, bit >>> 3) ^ (0x80 >>> (bit & 7));
  return out;
};
const opens = (kek: Key<'K1'>, envelope: Uint8Array, context: Uint8Array): string =>
  codeOf(() => openEnvelope(kek, envelope, context));

describe.each(CASES)('an envelope, $algorithm under $name', ({ kek, algorithm }) => {
  it('opens to what was sealed, for every size and context', () => {
    fc.assert(
      fc.property(bytes(0, 200), bytes(0, 60), (plaintext, context) => {
        const before = hex(plaintext) + hex(context);
        const envelope = sealEnvelope(kek, plaintext, context, { algorithm });
        expect(hex(plaintext) + hex(context)).toBe(before);
        expect(same(openEnvelope(kek, envelope, context), plaintext)).toBe(true);
      }),
      { numRuns: 40 },
    );
    for (const length of range(0, 33)) {
      const plaintext = seededBytes(length, length);
      const envelope = sealEnvelope(kek, plaintext, CONTEXT, { algorithm });
      expect(same(openEnvelope(kek, envelope, CONTEXT), plaintext)).toBe(true);
      const overhead = envelope.length - length;
      expect(overhead).toBeGreaterThanOrEqual(145);
      expect(overhead).toBeLessThanOrEqual(200);
    }
  });

  it('opens at the greatest size, and a byte more is refused', () => {
    const most = seededBytes(1, ENVELOPE_MAX_BYTES);
    const envelope = sealEnvelope(kek, most, most, { algorithm });
    expect(same(openEnvelope(kek, envelope, most), most)).toBe(true);
    expect(opens(kek, envelope, most.subarray(1))).toBe('ERR_ENVELOPE_AUTH');
    const more = new Uint8Array(ENVELOPE_MAX_BYTES + 1);
    expect(codeOf(() => sealEnvelope(kek, more, CONTEXT, { algorithm }))).toBe('ERR_INPUT');
    expect(codeOf(() => sealEnvelope(kek, CONTEXT, more, { algorithm }))).toBe('ERR_INPUT');
  });

  it('is opened by its own KEK and context only', () => {
    const envelope = sealEnvelope(kek, seededBytes(2, 16), CONTEXT, { algorithm });
    for (const { kek: other } of KEKS)
      expect(opens(other, envelope, CONTEXT)).toBe(other === kek ? 'none' : 'ERR_ENVELOPE_AUTH');
    for (let bit = 0; bit < 8 * CONTEXT.length; bit++)
      expect(opens(kek, envelope, flip(CONTEXT, bit))).toBe('ERR_ENVELOPE_AUTH');
    for (const context of [
      new Uint8Array(0),
      CONTEXT.subarray(1),
      CONTEXT.subarray(0, -1),
      Uint8Array.of(...CONTEXT, 0),
    ])
      expect(opens(kek, envelope, context)).toBe('ERR_ENVELOPE_AUTH');
  });

  it('is another each time, and one random source gives one envelope', () => {
    const plaintext = seededBytes(3, 40);
    const seal = (seed: number): string =>
      hex(sealEnvelope(kek, plaintext, CONTEXT, { algorithm, random: seededRandom(seed) }));
    expect(seal(1)).toBe(seal(1));
    const headers = new Set(range(1, 30).map((seed) => seal(seed).slice(10, 200)));
    expect(headers.size).toBe(30);
    expect(
      codeOf(() => sealEnvelope(kek, plaintext, CONTEXT, { algorithm, random: forbiddenRandom })),
    ).toMatch(/spent|drawn/);
  });

  it('refuses every cut, every extension, and noise of its length', () => {
    const envelope = sealEnvelope(kek, seededBytes(4, 16), CONTEXT, { algorithm });
    for (let length = 0; length < envelope.length; length++)
      expect(opens(kek, envelope.subarray(0, length), CONTEXT)).toBe('ERR_ENVELOPE_AUTH');
    for (const length of [1, 7, 8, 9, 16, 64]) {
      const longer = new Uint8Array(envelope.length + length);
      longer.set(envelope);
      expect(opens(kek, longer, CONTEXT)).toBe('ERR_ENVELOPE_AUTH');
      longer.fill(0);
      longer.set(envelope, length);
      expect(opens(kek, longer, CONTEXT)).toBe('ERR_ENVELOPE_AUTH');
    }
    for (let seed = 0; seed < 20; seed++) {
      const noise = seededBytes(seed, envelope.length);
      expect(opens(kek, noise, CONTEXT)).toBe('ERR_ENVELOPE_AUTH');
      noise.set(envelope.subarray(0, 2));
      expect(opens(kek, noise, CONTEXT)).toBe('ERR_ENVELOPE_AUTH');
    }
  });

  it('refuses parts of two envelopes put together, at every place', () => {
    const one = sealEnvelope(kek, seededBytes(5, 16), CONTEXT, { algorithm });
    const two = sealEnvelope(kek, seededBytes(6, 16), CONTEXT, { algorithm });
    for (let cut = 1; cut < one.length; cut += 3) {
      const mixed = Uint8Array.from([...one.subarray(0, cut), ...two.subarray(cut)]);
      if (same(mixed, one) || same(mixed, two)) continue;
      expect(opens(kek, mixed, CONTEXT)).toBe('ERR_ENVELOPE_AUTH');
    }
  });
});

describe('any flipped bit anywhere', () => {
  it.each(CASES.filter(({ name }) => name === 'TDES, 3 keys' || name === 'AES-256'))(
    'of $algorithm under $name closes the envelope',
    ({ kek, algorithm }) => {
      const envelope = sealEnvelope(kek, seededBytes(7, 9), CONTEXT, { algorithm, random: seededRandom(7) });
      const open: number[] = [];
      for (let bit = 0; bit < 8 * envelope.length; bit++)
        if (opens(kek, flip(envelope, bit), CONTEXT) !== 'ERR_ENVELOPE_AUTH') open.push(bit);
      expect(open).toEqual([]);
    },
  );

  it('of a letter of the key block, its case too, closes the envelope', () => {
    const { kek } = at(KEKS, 4);
    const envelope = sealEnvelope(kek, seededBytes(8, 9), CONTEXT, { algorithm: 'AES-256-GCM' });
    for (let place = 5; place < 5 + 144; place++) {
      const changed = Uint8Array.from(envelope);
      changed[place] = at(envelope, place) ^ 0x20;
      expect(opens(kek, changed, CONTEXT)).toBe('ERR_ENVELOPE_AUTH');
    }
  });
});

describe('code blocks', () => {
  const keys = fc.oneof(tdesKeyBytes(16), tdesKeyBytes(24)).map((raw) => dataKeyOf('T', raw));
  const layouts = ['random-fill', 'F-fill', 'zero-fill'] as const;

  it('open to what was sealed, for every layout and number of digits', () => {
    fc.assert(
      fc.property(keys, digits(1, 12), fc.constantFrom<CodeBlockLayout>(...layouts), (key, text, layout) => {
        const block = sealCode(key, text, layout);
        expect(block.length).toBe(8);
        expect(openCode(key, block, layout, { digits: text.length })).toBe(text);
        if (layout !== 'zero-fill') expect(openCode(key, block, layout)).toBe(text);
        else expect(codeOf(() => openCode(key, block, layout))).toBe('ERR_INPUT');
      }),
      { numRuns: 300 },
    );
  });

  it('say how many digits there are: another number does not open', () => {
    fc.assert(
      fc.property(keys, digits(1, 12), fc.integer({ min: 1, max: 12 }), (key, text, count) => {
        fc.pre(count !== text.length);
        for (const layout of ['random-fill', 'F-fill'] as const) {
          const block = sealCode(key, text, layout);
          expect(codeOf(() => openCode(key, block, layout, { digits: count }))).toBe('ERR_CODE_BLOCK');
        }
        // Zeros behind the value are part of a longer one: the layout cannot tell.
        const zeros = sealCode(key, text, 'zero-fill');
        const code = codeOf(() => openCode(key, zeros, 'zero-fill', { digits: count }));
        expect(code).toBe(count > text.length || /^0+$/.test(text.slice(count)) ? 'none' : 'ERR_CODE_BLOCK');
      }),
    );
  });

  it('are fixed for F-fill and zero-fill, and drawn from the source for random-fill, from nowhere else', () => {
    const key = dataKeyOf('T', seededTdesKey(3));
    for (const layout of ['F-fill', 'zero-fill'] as const) {
      expect(codeOf(() => sealCode(key, '123', layout, { random: forbiddenRandom }))).toBe('none');
      expect(same(sealCode(key, '123', layout), sealCode(key, '123', layout))).toBe(true);
    }
    const fixed = (fill: number): string =>
      hex(sealCode(key, '123', 'random-fill', { random: paddedRandom([], fill) }));
    expect(fixed(0)).toBe(fixed(16));
    expect(new Set(range(0, 15).map(fixed)).size).toBe(16);
    const random = seededRandom(4);
    expect(new Set(range(1, 500).map(() => hex(sealCode(key, '123', 'random-fill', { random })))).size).toBe(
      500,
    );
  });

  it('of another layout, another key or with a changed bit do not give the value', () => {
    const key = dataKeyOf('T', seededTdesKey(5));
    const other = dataKeyOf('T', seededTdesKey(6));
    for (const layout of layouts) {
      const block = sealCode(key, '902461', layout, { random: seededRandom(8) });
      for (const wrong of layouts)
        if (wrong !== layout)
          expect(codeOf(() => openCode(key, block, wrong, { digits: 6 }))).toBe('ERR_CODE_BLOCK');
      expect(codeOf(() => openCode(other, block, layout, { digits: 6 }))).toBe('ERR_CODE_BLOCK');
      for (let bit = 0; bit < 64; bit++) {
        const code = codeOf(() =>
          expect(openCode(key, flip(block, bit), layout, { digits: 6 })).not.toBe('902461'),
        );
        expect(['none', 'ERR_CODE_BLOCK']).toContain(code);
      }
    }
  });
});

describe('legacy fields', () => {
  const fields = Object.keys(LEGACY_FIELD_BYTES) as LegacyField[];
  const printable = range(0x20, 0x7e).map((code) => String.fromCharCode(code));

  it('come back, for every field and text that fits, and have the size of the field', () => {
    fc.assert(
      fc.property(
        tdesKeyBytes(24),
        fc.constantFrom(...fields).chain((field) =>
          fc.tuple(
            fc.constant(field),
            fc
              .string({ unit: fc.constantFrom(...printable), maxLength: LEGACY_FIELD_BYTES[field] })
              .map((text) => text.trimEnd()),
          ),
        ),
        (raw, [field, text]) => {
          const key = dataKeyOf('T', raw);
          const sealed = encryptLegacyField(key, text, field);
          expect(sealed.length).toBe(LEGACY_FIELD_BYTES[field]);
          expect(decryptLegacyField(key, sealed, field)).toBe(text);
        },
      ),
    );
    const key = dataKeyOf('T', seededTdesKey(7));
    for (const field of fields) {
      const full = 'X'.repeat(LEGACY_FIELD_BYTES[field]);
      expect(decryptLegacyField(key, encryptLegacyField(key, full, field), field)).toBe(full);
      expect(codeOf(() => encryptLegacyField(key, `${full}X`, field))).toBe('ERR_INPUT');
      expect(codeOf(() => encryptLegacyField(key, 'X ', field))).toBe('ERR_INPUT');
    }
  });

  it('of another key are refused, as what comes out is no text', () => {
    const key = dataKeyOf('T', seededTdesKey(8));
    const other = dataKeyOf('T', seededTdesKey(9));
    for (const field of fields) {
      const sealed = encryptLegacyField(key, 'A1', field);
      expect(codeOf(() => decryptLegacyField(other, sealed, field))).toBe('ERR_CODE_BLOCK');
    }
  });
});

describe('block budgets', () => {
  it('of a data key count every block of a field, refuse what is not covered, and book nothing for it', () => {
    const key = dataKeyOf('T', seededTdesKey(10));
    expect(key.blocksLeft).toBe(2 ** 20);
    const fields = Math.floor(2 ** 20 / 11);
    for (let n = 0; n < fields; n++) encryptLegacyField(key, '', 'embossing');
    expect(key.blocksLeft).toBe(2 ** 20 - 11 * fields);
    expect(key.blocksLeft).toBe(1);
    for (const field of ['pan', 'track1', 'track2', 'embossing'] as const) {
      expect(codeOf(() => encryptLegacyField(key, '', field))).toBe('ERR_KEY_EXHAUSTED');
      expect(key.blocksLeft).toBe(1);
    }
    // A code key counts and reports; it goes on at 0.
    for (const left of [0, 0, 0]) {
      expect(codeOf(() => sealCode(key, '123', 'F-fill'))).toBe('none');
      expect(key.blocksLeft).toBe(left);
    }
    expect(codeOf(() => decryptLegacyField(key, new Uint8Array(16), 'pan'))).not.toBe('ERR_KEY_EXHAUSTED');
    expect(codeOf(() => encryptLegacyField(key, '', 'pan'))).toBe('ERR_KEY_EXHAUSTED');
  });

  it.each([
    { length: 16, blocks: 5 },
    { length: 24, blocks: 5 },
  ] as const)(
    'of a TDES KEK of $length bytes count $blocks blocks for an envelope and 4 for a key block',
    ({ length, blocks }) => {
      const kek = kekOf('T', seededTdesKey(11, length));
      const key = cvkOf(seededTdesKey(12));
      const seal = (): unknown => sealEnvelope(kek, CONTEXT, CONTEXT, { algorithm: 'AES-256-GCM' });
      seal();
      expect(kek.blocksLeft).toBe(TDES_BLOCK_BUDGET - blocks);
      wrapKeyBlock(kek, key, 'B');
      expect(kek.blocksLeft).toBe(TDES_BLOCK_BUDGET - blocks - 4);
      chargeBlocks(kek, kek.blocksLeft - 2 * blocks, 'enforce');
      expect([codeOf(seal), codeOf(seal)]).toEqual(['none', 'none']);
      expect(kek.blocksLeft).toBe(0);
      expect([codeOf(seal), codeOf(() => wrapKeyBlock(kek, key, 'B'))]).toEqual([
        'ERR_KEY_EXHAUSTED',
        'ERR_KEY_EXHAUSTED',
      ]);
    },
  );

  it('open what was sealed before they were spent', () => {
    const kek = kekOf('T', seededTdesKey(13, 24));
    const envelope = sealEnvelope(kek, CONTEXT, CONTEXT, { algorithm: 'TDES-CBC-HMAC' });
    chargeBlocks(kek, kek.blocksLeft, 'enforce');
    expect(same(openEnvelope(kek, envelope, CONTEXT), CONTEXT)).toBe(true);
    expect(kek.blocksLeft).toBe(0);
  });

  it('exist for TDES keys that encrypt data or keys, and count PIN blocks without refusing', () => {
    const pek = pekOf('T', seededTdesKey(14));
    const pan = panFrom('400000123456789');
    encryptPinBlock(pek, pinOf('1234'), pan, 'ISO-0');
    expect(pek.blocksLeft).toBe(2 ** 20 - 1);
    chargeBlocks(pek, 2 ** 20, 'report');
    expect(pek.blocksLeft).toBe(0);
    expect(codeOf(() => encryptPinBlock(pek, pinOf('1234'), pan, 'ISO-0'))).toBe('none');
    const cvk = cvkOf(seededTdesKey(15));
    generateCvv2(cvk, { pan, expiry: '2912' as Expiry });
    const kek = kekOf('A', seededBytes(16, 16));
    sealEnvelope(kek, CONTEXT, CONTEXT, { algorithm: 'AES-256-GCM' });
    for (const key of [cvk, kek, dataKeyOf('A', seededBytes(17, 16))])
      expect(key.blocksLeft).toBe(Number.POSITIVE_INFINITY);
  });
});
