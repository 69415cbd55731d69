/**
 * Envelopes: as a padding oracle, moved to another record, with another algorithm or key, cut and
 * extended, and used beyond the block budget.
 *
 * S. Vaudenay, "Security flaws induced by CBC padding", EUROCRYPT 2002; K. Bhargavan, G. Leurent,
 * "On the practical (in-)security of 64-bit block ciphers" (Sweet32), CCS 2016; NIST SP 800-67 Rev. 2.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { lengthPrefixed } from '../../src/bytes/length-prefixed.ts';
import { tdes } from '../../src/des/tdes.ts';
import {
  encryptLegacyField,
  type Key,
  openCode,
  openEnvelope,
  PaymentCryptoError,
  randomKey,
  sealCode,
  sealEnvelope,
  TDES_BLOCK_BUDGET,
  wrapKeyBlock,
} from '../../src/index.ts';
import { chargeBlocks } from '../../src/keys/key.ts';

const kek = (algorithm: 'T' | 'A', bytes: 16 | 24 | 32): Key<'K1'> =>
  randomKey({ usage: 'K1', algorithm, mode: 'B', exportability: 'N' }, bytes);
const KEKS = [
  ['TDES 16', kek('T', 16)],
  ['TDES 24', kek('T', 24)],
  ['AES 16', kek('A', 16)],
  ['AES 32', kek('A', 32)],
] as const;
const ALGORITHMS = ['TDES-CBC-HMAC', 'AES-256-GCM'] as const;
const CASES = KEKS.flatMap(([name, key]) => ALGORITHMS.map((algorithm) => [name, algorithm, key] as const));
const context = lengthPrefixed('tenant', 'card-1', 'pin', 0);
const plaintext = new TextEncoder().encode('947316');

/** What an opening gives: the refusal as one text, or the plaintext. */
function answer(key: Key<'K1'>, envelope: Uint8Array, bound: Uint8Array = context): string {
  try {
    return `opened ${Buffer.from(openEnvelope(key, envelope, bound)).toString('hex')}`;
  } catch (error) {
    if (!(error instanceof PaymentCryptoError)) return `threw ${String(error)}`;
    return `${error.code} ${error.field} ${error.message} ${String(error.cause)} ${Object.keys(error)}`;
  }
}

const REFUSAL = answer(KEKS[3][1], new Uint8Array(0));
const OPENED = `opened ${Buffer.from(plaintext).toString('hex')}`;

afterEach(() => {
  vi.restoreAllMocks();
});

describe('EN-01 all failures look alike', () => {
  it('the one refusal', () => {
    expect(REFUSAL).toMatch(/^ERR_ENVELOPE_AUTH envelope /);
  });

  it.each(CASES)('%s, %s: every bit of every field', (_, algorithm, key) => {
    const envelope = sealEnvelope(key, plaintext, context, { algorithm });
    expect(answer(key, envelope)).toBe(OPENED);
    const answers = new Set<string>();
    for (let bit = 0; bit < 8 * envelope.length; bit++) {
      const changed = Uint8Array.from(envelope);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      answers.add(answer(key, changed));
    }
    expect([...answers]).toEqual([REFUSAL]);
    expect(8 * envelope.length).toBeGreaterThan(1200);
  });

  it.each(CASES)('EN-09 %s, %s: every truncation and some extensions', (_, algorithm, key) => {
    const envelope = sealEnvelope(key, plaintext, context, { algorithm });
    const answers = new Set<string>();
    for (let length = 0; length < envelope.length; length++) {
      answers.add(answer(key, envelope.subarray(0, length)));
      answers.add(answer(key, envelope.slice(envelope.length - length)));
    }
    for (const more of [1, 7, 8, 16, 64, 1000]) {
      const longer = new Uint8Array(envelope.length + more);
      longer.set(envelope);
      answers.add(answer(key, longer));
      const before = new Uint8Array(envelope.length + more);
      before.set(envelope, more);
      answers.add(answer(key, before));
    }
    answers.add(answer(key, new Uint8Array(70_000)));
    answers.add(answer(key, new Uint8Array(1_000_000)));
    expect([...answers]).toEqual([REFUSAL]);
  });

  it('TDES is not called to decipher before the tag holds, whatever was changed', () => {
    const [, key] = KEKS[3];
    const sealed = sealEnvelope(key, plaintext, context, { algorithm: 'TDES-CBC-HMAC' });
    const base = Object.getPrototypeOf(Object.getPrototypeOf(tdes(new Uint8Array(24)))) as {
      decryptBlocks(src: Uint8Array, dst: Uint8Array): void;
      decryptWords(block: Int32Array): void;
    };
    const blocks = vi.spyOn(base, 'decryptBlocks');
    const words = vi.spyOn(base, 'decryptWords');
    const calls = (): number => blocks.mock.calls.length + words.mock.calls.length;
    for (let at = 0; at < sealed.length; at++) {
      const changed = Uint8Array.from(sealed);
      changed[at] = (changed[at] as number) ^ 1;
      answer(key, changed);
    }
    answer(key, sealed, new Uint8Array(0));
    expect(calls()).toBe(0);
    expect(answer(key, sealed)).toBe(OPENED);
    expect(calls()).toBeGreaterThan(0);
  });

  it('the last byte of the block before the padding, in all 256 values: no padding oracle', () => {
    for (const [, key] of KEKS) {
      const sealed = sealEnvelope(key, plaintext, context, { algorithm: 'TDES-CBC-HMAC' });
      // IV before one block of ciphertext before the tag of 32 bytes.
      const at = sealed.length - 32 - 8 - 1;
      const answers = new Map<string, number>();
      for (let value = 0; value < 256; value++) {
        const changed = Uint8Array.from(sealed);
        changed[at] = value;
        const found = answer(key, changed);
        answers.set(found, (answers.get(found) ?? 0) + 1);
      }
      expect(Object.fromEntries(answers)).toEqual({ [REFUSAL]: 255, [OPENED]: 1 });
    }
  });

  it('EN-07 an algorithm byte of another algorithm does not open', () => {
    for (const [, , key] of CASES)
      for (const algorithm of ALGORITHMS) {
        const sealed = sealEnvelope(key, plaintext, context, { algorithm });
        for (let value = 0; value < 256; value++) {
          const changed = Uint8Array.from(sealed);
          changed[1] = value;
          if (value !== sealed[1]) expect(answer(key, changed)).toBe(REFUSAL);
        }
      }
  });

  it('EN-06, EN-10 another KEK, of its kind or of another, does not open', () => {
    for (const [sealer, algorithm, key] of CASES) {
      const sealed = sealEnvelope(key, plaintext, context, { algorithm });
      for (const [opener, other] of KEKS)
        expect([sealer, opener, answer(other, sealed)]).toEqual([
          sealer,
          opener,
          other === key ? OPENED : REFUSAL,
        ]);
      expect(answer(randomKey(key.attributes, key.keyBytes), sealed)).toBe(REFUSAL);
    }
  });

  it('10 000 random envelopes of a right shape: none opens', () => {
    const [, key] = KEKS[3];
    const sealed = sealEnvelope(key, plaintext, context, { algorithm: 'AES-256-GCM' });
    const answers = new Set<string>();
    for (let n = 0; n < 2500; n++) {
      const random = Uint8Array.from(sealed);
      crypto.getRandomValues(random.subarray(5));
      answers.add(answer(key, random));
      // With a key block that is good, and a random rest.
      random.set(sealed.subarray(0, 5 + 144));
      answers.add(answer(key, random));
    }
    expect([...answers]).toEqual([REFUSAL]);
  });
});

describe('EN-03, EN-04 substitution of the context', () => {
  it('an envelope opens in its tenant, card, field and generation, and in no other', () => {
    const [, key] = KEKS[3];
    const places = ['a', 'b'].flatMap((tenant) =>
      ['1', '2'].flatMap((card) =>
        ['pin', 'cvv'].flatMap((field) =>
          [0, 1].map((generation) => lengthPrefixed(tenant, card, field, generation)),
        ),
      ),
    );
    for (const algorithm of ALGORITHMS)
      places.forEach((home, i) => {
        const sealed = sealEnvelope(key, plaintext, home, { algorithm });
        places.forEach((away, j) => {
          expect(answer(key, sealed, away)).toBe(i === j ? OPENED : REFUSAL);
        });
      });
  });

  it('a context of the same characters, cut in another place, is another', () => {
    const [, key] = KEKS[3];
    for (const algorithm of ALGORITHMS) {
      const sealed = sealEnvelope(key, plaintext, lengthPrefixed('ab', 'c'), { algorithm });
      for (const other of [
        lengthPrefixed('a', 'bc'),
        lengthPrefixed('abc'),
        lengthPrefixed('ab', 'c', ''),
        new Uint8Array(0),
      ])
        expect(answer(key, sealed, other)).toBe(REFUSAL);
    }
  });

  it('bytes moved between header, ciphertext and context do not verify', () => {
    const [, key] = KEKS[3];
    for (const algorithm of ALGORITHMS) {
      const sealed = sealEnvelope(key, plaintext, context, { algorithm });
      const cut = sealed.length - (algorithm === 'AES-256-GCM' ? 16 : 32);
      const shorter = new Uint8Array(sealed.length - 8);
      shorter.set(sealed.subarray(0, cut - 8));
      shorter.set(sealed.subarray(cut), cut - 8);
      const moved = new Uint8Array(8 + context.length);
      moved.set(sealed.subarray(cut - 8, cut));
      moved.set(context, 8);
      expect(answer(key, shorter, moved)).toBe(REFUSAL);
    }
  });

  it('the context is copied and only read: it is as it was, and so is the plaintext', () => {
    const [, key] = KEKS[1];
    const clear = Uint8Array.from(plaintext);
    const bound = Uint8Array.from(context);
    const sealed = sealEnvelope(key, clear, bound, { algorithm: 'TDES-CBC-HMAC' });
    openEnvelope(key, sealed, bound);
    expect(clear).toEqual(plaintext);
    expect(bound).toEqual(context);
  });
});

describe('EN-02 no two envelopes are equal', () => {
  it.each(ALGORITHMS)('%s: 2 000 of one plaintext', (algorithm) => {
    const [, key] = KEKS[3];
    const seen = new Set<string>();
    for (let n = 0; n < 2000; n++) {
      const sealed = sealEnvelope(key, plaintext, context, { algorithm });
      // Not even the ciphertext part alone.
      seen.add(Buffer.from(sealed.subarray(5 + 144)).toString('hex'));
    }
    expect(seen.size).toBe(2000);
  });

  it('a source that gives nothing is refused, or at least never the same as none', () => {
    const [, key] = KEKS[3];
    for (const random of [new Uint8Array(32), [], new Float64Array(4), Buffer.alloc(8)])
      expect(() =>
        sealEnvelope(key, plaintext, context, { algorithm: 'AES-256-GCM', random: random as never }),
      ).toThrow(expect.objectContaining({ code: 'ERR_INPUT' }));
  });
});

describe('EN-05 the block budget', () => {
  it('a TDES KEK wraps up to 2^20 blocks and not one more; nothing is booked for a refusal', () => {
    const key = kek('T', 24);
    expect(key.blocksLeft).toBe(TDES_BLOCK_BUDGET);
    sealEnvelope(key, plaintext, context, { algorithm: 'AES-256-GCM' });
    expect(key.blocksLeft).toBe(TDES_BLOCK_BUDGET - 5);
    chargeBlocks(key, TDES_BLOCK_BUDGET - 5 - 9, 'report');
    expect(key.blocksLeft).toBe(9);
    const sealed = sealEnvelope(key, plaintext, context, { algorithm: 'TDES-CBC-HMAC' });
    expect(key.blocksLeft).toBe(4);
    for (let n = 0; n < 3; n++)
      expect(() => sealEnvelope(key, plaintext, context, { algorithm: 'AES-256-GCM' })).toThrow(
        expect.objectContaining({ code: 'ERR_KEY_EXHAUSTED' }),
      );
    expect(key.blocksLeft).toBe(4);
    const inner = randomKey({ usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'E' }, 16);
    wrapKeyBlock(key, inner, 'B');
    expect(key.blocksLeft).toBe(0);
    expect(() => wrapKeyBlock(key, inner, 'B')).toThrow(
      expect.objectContaining({ code: 'ERR_KEY_EXHAUSTED' }),
    );
    // What was sealed still opens: deciphering is not booked.
    expect(answer(key, sealed)).toBe(OPENED);
    expect(key.blocksLeft).toBe(0);
  });

  it('a data key refuses a legacy field beyond it; a code block only reports', () => {
    const key = randomKey({ usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'N' }, 16);
    chargeBlocks(key, TDES_BLOCK_BUDGET - 3, 'report');
    expect(() => encryptLegacyField(key, 'abc', 'track2')).toThrow(
      expect.objectContaining({ code: 'ERR_KEY_EXHAUSTED' }),
    );
    expect(key.blocksLeft).toBe(3);
    encryptLegacyField(key, 'abc', 'pan');
    expect(key.blocksLeft).toBe(1);
    for (let n = 0; n < 3; n++)
      expect(openCode(key, sealCode(key, '123', 'random-fill'), 'random-fill')).toBe('123');
    expect(key.blocksLeft).toBe(0);
  });

  it('an AES KEK has no such limit', () => {
    expect(KEKS[3][1].blocksLeft).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('code blocks have one refusal', () => {
  it('every bit of a block, and 10 000 random ones: the digits of somebody or one code and message', () => {
    const key = randomKey({ usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'N' }, 16);
    const messages = new Set<string>();
    const open = (block: Uint8Array, layout: 'random-fill' | 'F-fill' | 'zero-fill'): void => {
      try {
        expect(openCode(key, block, layout, { digits: 3 })).toMatch(/^[0-9]{3}$/);
      } catch (error) {
        if (!(error instanceof PaymentCryptoError)) throw error;
        messages.add(`${error.code} ${error.message}`);
      }
    };
    for (const layout of ['random-fill', 'F-fill', 'zero-fill'] as const) {
      const block = sealCode(key, '123', layout);
      for (let bit = 0; bit < 64; bit++) {
        const changed = Uint8Array.from(block);
        changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
        open(changed, layout);
      }
      for (let n = 0; n < 3334; n++) open(crypto.getRandomValues(new Uint8Array(8)), layout);
    }
    expect([...messages]).toHaveLength(1);
    expect([...messages][0]).toMatch(/^ERR_CODE_BLOCK /);
  });
});
