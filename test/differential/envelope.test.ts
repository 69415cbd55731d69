/** Sealed envelopes and issued codes against the oracle. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UnixSeconds } from '../../src/brand.ts';
import { issueDynamicCode, verifyIssuedCode } from '../../src/dcvv2/issued.ts';
import { openEnvelope, sealEnvelope } from '../../src/envelope/envelope.ts';
import { importClearKey } from '../../src/keys/clear.ts';
import type { Key } from '../../src/keys/key.ts';
import { aesKeyBytes, bytes, codeOf, hex, same, tdesKeyBytes, unhex } from '../support/arbitraries.ts';
import * as oracle from '../support/oracle/envelope.ts';
import { issuedCodeTag } from '../support/oracle/issued.ts';

const RUNS = { numRuns: 60 };

const keks = fc.oneof(
  tdesKeyBytes(16).map((raw) => ['T', raw] as const),
  tdesKeyBytes(24).map((raw) => ['T', raw] as const),
  aesKeyBytes().map((raw) => ['A', raw] as const),
);
const envelopes = fc.record({
  kek: keks,
  plaintext: bytes(0, 120),
  context: bytes(0, 40),
  secret: bytes(32).map(hex),
  random: bytes(14).map(hex),
  iv: bytes(12).map(hex),
});

const kekOf = (algorithm: 'T' | 'A', raw: Uint8Array): Key<'K1'> =>
  importClearKey({ usage: 'K1', algorithm, mode: 'B', exportability: 'N' }, raw);

describe.each(['TDES-CBC-HMAC', 'AES-256-GCM'] as const)('envelopes, %s', (algorithm) => {
  it('of the oracle are opened by ours, in their context only', () => {
    fc.assert(
      fc.property(envelopes, ({ kek: [kind, raw], plaintext, context, secret, random, iv }) => {
        const sealed = unhex(
          oracle.sealEnvelope(hex(raw), kind, algorithm, hex(plaintext), hex(context), {
            secret,
            keyBlockPadding: random.slice(0, kind === 'T' ? 12 : 28),
            iv: algorithm === 'TDES-CBC-HMAC' ? iv.slice(0, 16) : iv,
          }),
        );
        const kek = kekOf(kind, raw);
        expect(same(openEnvelope(kek, sealed, context), plaintext)).toBe(true);
        const other = Uint8Array.of(...context, 0);
        expect(codeOf(() => openEnvelope(kek, sealed, other))).toBe('ERR_ENVELOPE_AUTH');
      }),
      RUNS,
    );
  });

  it('of ours are opened by the oracle, and are what it makes of the same random bytes', () => {
    fc.assert(
      fc.property(envelopes, ({ kek: [kind, raw], plaintext, context }) => {
        const sealed = hex(sealEnvelope(kekOf(kind, raw), plaintext, context, { algorithm }));
        const opened = oracle.openEnvelope(hex(raw), kind, sealed, hex(context));
        expect(opened.algorithm).toBe(algorithm);
        expect(opened.plaintext === hex(plaintext)).toBe(true);
        const again = oracle.sealEnvelope(
          hex(raw),
          kind,
          algorithm,
          hex(plaintext),
          hex(context),
          opened.random,
        );
        expect(again === sealed).toBe(true);
        expect(() => oracle.openEnvelope(hex(raw), kind, sealed, `${hex(context)}00`)).toThrow();
      }),
      RUNS,
    );
  });
});

describe('issued codes', () => {
  const name = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((character) => String.fromCharCode(character)),
    minLength: 1,
    maxLength: 128,
  });
  const cases = fc.record({
    raw: fc.constantFrom(16, 20, 24, 32, 48, 64).chain((length) => bytes(length)),
    subject: fc.record({
      tenant: name,
      card: name,
      generation: fc.oneof(fc.nat(), fc.constantFrom(0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER)),
    }),
    digits: fc.constantFrom(3 as const, 4 as const),
    number: fc.nat({ max: 9999 }),
    nonce: bytes(16).map(hex),
    at: fc.integer({ min: 0, max: 4_102_444_800 }).map((seconds) => seconds as UnixSeconds),
  });
  const keyOf = (raw: Uint8Array): Key<'M7'> =>
    importClearKey({ usage: 'M7', algorithm: 'H', mode: 'C', exportability: 'N' }, raw);
  const later = (at: UnixSeconds, seconds: number): UnixSeconds => (at + seconds) as UnixSeconds;

  it('of the oracle are verified by ours, and no other code is', () => {
    fc.assert(
      fc.property(cases, ({ raw, subject, digits, number, nonce, at }) => {
        fc.pre(raw.some((byte) => byte !== 0));
        const textOf = (n: number): string => String(n % 10 ** digits).padStart(digits, '0');
        const code = textOf(number);
        const tag = issuedCodeTag(hex(raw), { ...subject, nonce, code });
        const issued = { tag, nonce, generation: subject.generation, expires: later(at, 60) };
        const key = keyOf(raw);
        expect(verifyIssuedCode(key, subject, issued, { candidate: code, at })).toBe(true);
        expect(verifyIssuedCode(key, subject, issued, { candidate: textOf(number + 1), at })).toBe(false);
      }),
      RUNS,
    );
  });

  it('of ours have the tag of the oracle', () => {
    fc.assert(
      fc.property(cases, ({ raw, subject, digits, number, at }) => {
        fc.pre(raw.some((byte) => byte !== 0));
        const staticCvv2 = String(number % 10 ** digits).padStart(digits, '0');
        const terms = { digits, at, lifetimeSeconds: 600, staticCvv2 };
        const { code, issued } = issueDynamicCode(keyOf(raw), subject, terms);
        expect(code).toMatch(digits === 3 ? /^\d{3}$/ : /^\d{4}$/);
        expect(issued.nonce).toMatch(/^[0-9A-F]{32}$/);
        expect(issued.generation).toBe(subject.generation);
        expect(issued.tag === issuedCodeTag(hex(raw), { ...subject, nonce: issued.nonce, code })).toBe(true);
      }),
      RUNS,
    );
  });
});
