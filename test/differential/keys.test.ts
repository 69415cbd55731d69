/** Key blocks, envelopes, PAN sequences, tokens and dynamic CVV2s against the oracle. */

import { createCipheriv, createDecipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Expiry, Pan, Psn, UnixSeconds } from '../../src/brand.ts';
import { cvvTimeCode } from '../../src/dcvv2/cvv-time.ts';
import { generateDynamicCvv2 } from '../../src/dcvv2/dcvv2.ts';
import { hotp } from '../../src/dcvv2/hotp.ts';
import { defineDynamicCvv2 } from '../../src/dcvv2/scheme.ts';
import { tdes } from '../../src/des/tdes.ts';
import { type EnvelopeAlgorithm, openEnvelope, sealEnvelope } from '../../src/envelope/envelope.ts';
import { createCapabilityAuthority } from '../../src/keys/capability.ts';
import { exportClearKey, importClearKey } from '../../src/keys/clear.ts';
import { parseKeyBlockHeader, unwrapKeyBlock, wrapKeyBlock } from '../../src/keys/key-block.ts';
import { KEY_USAGES, type KeyUsage, MODES_OF_USE } from '../../src/keys/usage.ts';
import { HASH_NAMES, type HashName } from '../../src/mode/hmac.ts';
import { definePanRange } from '../../src/pan/range.ts';
import { panFromSequence } from '../../src/pan/sequence.ts';
import { defineTokenProfile } from '../../src/token/profile.ts';
import { detokenizePan, tokenizePan } from '../../src/token/tokenize.ts';
import {
  aesKeyBytes,
  bytes,
  codeOf,
  dataKeyOf,
  expiries,
  hex,
  hmacKeyOf,
  kekOf,
  keyOf,
  PAN_LENGTHS,
  pans,
  psns,
  same,
  seededBytes,
  seededTdesKey,
  tdesKeyBytes,
  times,
  unhex,
} from '../support/arbitraries.ts';
import * as cipher from '../support/oracle/cipher.ts';
import * as dcvv2 from '../support/oracle/dcvv2.ts';
import * as oracle from '../support/oracle/keyblock.ts';
import { panOfSequence, sequenceOfPan } from '../support/oracle/sequence.ts';
import * as token from '../support/oracle/token.ts';

const permit = createCapabilityAuthority({ now: () => 0 as UnixSeconds }).grant('export-clear-key', 900);

/** The versions that a KBPK may read, and those that it may make. */
const READ = { T: ['A', 'B', 'C'], A: ['D', 'E'] } as const;
const MADE = { T: ['A', 'B', 'C'], A: ['D'] } as const;

/** A KBPK and a key that it may wrap, with what the header says. */
const wrappings = fc
  .constantFrom(
    ['T', 16, 'T', 16],
    ['T', 24, 'T', 16],
    ['T', 24, 'T', 24],
    ['A', 16, 'T', 24],
    ['A', 16, 'A', 16],
    ['A', 24, 'A', 24],
    ['A', 32, 'A', 32],
    ['A', 32, 'H', 64],
    ['A', 32, 'H', 20],
  ) // algorithm and bytes of the KBPK, then of the key
  .chain(([kind, kbpkBytes, algorithm, keyBytes]) =>
    fc.record({
      kind: fc.constant(kind as 'T' | 'A'),
      kbpk: kind === 'T' ? tdesKeyBytes(kbpkBytes as 16 | 24) : aesKeyBytes(kbpkBytes as 16),
      algorithm: fc.constant(algorithm as 'T' | 'A' | 'H'),
      raw:
        algorithm === 'T'
          ? tdesKeyBytes(keyBytes as 16 | 24)
          : bytes(keyBytes as number).filter((some) => some.some((byte) => byte !== 0)),
      usage: fc.constantFrom(...(Object.keys(KEY_USAGES) as KeyUsage[])),
      mode: fc.constantFrom(...MODES_OF_USE),
      reads: fc.constantFrom(...READ[kind as 'T' | 'A']),
      makes: fc.constantFrom(...MADE[kind as 'T' | 'A']),
    }),
  )
  .filter(({ kbpk, raw }) => !same(kbpk, raw)); // no key goes under itself
const optional = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom('KS', 'CT', 'TS', '10'),
    text: fc.string({ unit: fc.constantFrom(...'0123456789ABCDEF -~'), maxLength: 60 }),
  }),
  { selector: ({ id }) => id, maxLength: 3 },
);

describe('key blocks', () => {
  it('of ours are opened by the oracle', () => {
    fc.assert(
      fc.property(
        wrappings,
        optional,
        ({ kind, kbpk, algorithm, raw, usage, mode, makes }, optionalBlocks) => {
          const key = keyOf(usage, algorithm, mode, raw);
          const text = wrapKeyBlock(kekOf(kind, kbpk), key, makes, {
            optionalBlocks,
            legacyVersion: 'allow',
          });
          const opened = oracle.unwrapKeyBlock(hex(kbpk), text);
          expect(opened.key === hex(raw)).toBe(true);
          expect(opened.header).toMatchObject({
            versionId: makes,
            keyUsage: usage,
            algorithm,
            modeOfUse: mode,
            exportability: 'E',
          });
          const given = opened.header.optionalBlocks.filter(([id]) => id !== 'PB');
          expect(given).toEqual(optionalBlocks.map(({ id, text: data }) => [id, data]));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('of the oracle are opened by ours, whatever padding they have', () => {
    fc.assert(
      fc.property(
        wrappings,
        optional,
        fc.nat({ max: 3 }),
        ({ kind, kbpk, algorithm, raw, usage, mode, reads }, blocks, more) => {
          const size = reads === 'E' ? 1 : kind === 'T' ? 8 : 16;
          const paddingBytes = ((size - ((2 + raw.length) % size)) % size) + more * size;
          const header = oracle.makeKeyBlockHeader({
            versionId: reads,
            keyUsage: usage,
            algorithm,
            modeOfUse: mode,
            keyVersion: '12',
            exportability: 'S',
            optionalBlocks: blocks.map(({ id, text }) => [id, text] as const),
            keyBytes: raw.length,
            paddingBytes,
          });
          const text = oracle.wrapKeyBlock(hex(kbpk), header, hex(raw), hex(seededBytes(more, paddingBytes)));
          const kek = reads === 'E' && more > 0 ? keyOf('K4', 'A', 'D', kbpk) : kekOf(kind, kbpk);
          const key = unwrapKeyBlock(kek, text);
          expect(parseKeyBlockHeader(text).optionalBlocks).toEqual(blocks);
          expect(key.attributes).toEqual({ usage, algorithm, mode, exportability: 'S', keyVersion: '12' });
          expect(same(exportClearKey(key, permit), raw)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each([
    ['A', 'T', 8],
    ['B', 'T', 8],
    ['C', 'T', 8],
    ['D', 'A', 16],
    ['E', 'A', 1],
  ] as const)(
    'of version %s hold keys that fit, or fail as if they were not authentic',
    (versionId, kind, unit) => {
      const raw = kind === 'T' ? seededTdesKey(1) : seededBytes(1, 16);
      const kbpk = kekOf(kind, raw);
      const block = (algorithm: string, key: string): string => {
        const padding = (unit - ((2 + key.length / 2) % unit)) % unit;
        const header = oracle.makeKeyBlockHeader({
          versionId,
          keyUsage: 'D0',
          algorithm,
          modeOfUse: 'B',
          keyVersion: '00',
          exportability: 'E',
          optionalBlocks: [],
          keyBytes: key.length / 2,
          paddingBytes: padding,
        });
        return oracle.wrapKeyBlock(hex(raw), header, key, '00'.repeat(padding));
      };
      const sound = hex(seededTdesKey(2));
      expect(codeOf(() => unwrapKeyBlock(kbpk, block('T', sound)))).toBe('none');
      // Parity is set, as keys from elsewhere come without it.
      const even = hex(unhex(sound).map((byte) => byte ^ 1));
      expect(same(exportClearKey(unwrapKeyBlock(kbpk, block('T', even)), permit), unhex(sound))).toBe(true);
      const stronger = [
        ['A', sound],
        ['H', sound],
        ['T', hex(seededTdesKey(3, 24))],
      ] as const;
      for (const [algorithm, key] of [
        ['T', sound.slice(0, 16)],
        ['T', sound.slice(0, 16) + sound.slice(0, 16)],
        ['T', `0101010101010101${sound.slice(16)}`],
        ['T', `${sound}00`],
        ['A', hex(seededBytes(4, 24))],
        ...(kind === 'T' ? stronger : []),
      ] as const)
        expect(codeOf(() => unwrapKeyBlock(kbpk, block(algorithm, key)))).toBe('ERR_KEY_BLOCK_AUTH');
    },
  );
});

describe('envelopes', () => {
  const cases = fc.tuple(
    fc.oneof(
      tdesKeyBytes(16).map((raw) => ['T', raw] as const),
      tdesKeyBytes(24).map((raw) => ['T', raw] as const),
      aesKeyBytes().map((raw) => ['A', raw] as const),
    ),
    fc.constantFrom<EnvelopeAlgorithm>('TDES-CBC-HMAC', 'AES-256-GCM'),
    bytes(0, 60),
    bytes(0, 30),
  );
  const lp = (...parts: Uint8Array[]): Buffer =>
    Buffer.concat(parts.flatMap((part) => [Buffer.from([part.length >> 8, part.length & 255]), part]));
  const derive = (secret: string, label: string, length: number): string =>
    cipher.hkdf('SHA256', secret, '', cipher.asciiToHex(label), length);

  it('of ours are opened step by step with node:crypto and the oracle', () => {
    fc.assert(
      fc.property(cases, ([[kind, raw], algorithm, plaintext, context]) => {
        const kek = kekOf(kind, raw);
        const envelope = Buffer.from(sealEnvelope(kek, plaintext, context, { algorithm }));
        expect(envelope[0]).toBe(1);
        expect(envelope[1]).toBe(algorithm === 'TDES-CBC-HMAC' ? 1 : 2);
        expect(hex(envelope.subarray(2, 5))).toBe(kek.kcv);
        const headerBytes = 5 + (kind === 'T' ? 112 : 144);
        const block = oracle.unwrapKeyBlock(hex(raw), envelope.subarray(5, headerBytes).toString('latin1'));
        expect(block.key.length).toBe(64);
        expect(block.header).toMatchObject({
          keyUsage: 'D0',
          algorithm: 'H',
          modeOfUse: 'X',
          exportability: 'N',
        });
        if (algorithm === 'TDES-CBC-HMAC') {
          const [before, tag] = [envelope.subarray(0, -32), envelope.subarray(-32)];
          const mac = cipher.hmac('SHA256', derive(block.key, 'mac', 32), hex(lp(before, context)));
          expect(hex(tag)).toBe(mac);
          const key = cipher.oddParity(derive(block.key, 'enc', 24));
          const iv = hex(before.subarray(headerBytes, headerBytes + 8));
          const padded = cipher.tdesCbc(key, iv, hex(before.subarray(headerBytes + 8)), 'decrypt');
          expect(padded).toBe(`${hex(plaintext)}80`.padEnd(padded.length, '0'));
        } else {
          const nonce = envelope.subarray(headerBytes, headerBytes + 12);
          const node = createDecipheriv('aes-256-gcm', unhex(derive(block.key, 'enc', 32)), nonce);
          node.setAAD(lp(envelope.subarray(0, headerBytes + 12), context));
          node.setAuthTag(envelope.subarray(-16));
          const clear = Buffer.concat([node.update(envelope.subarray(headerBytes + 12, -16)), node.final()]);
          expect(same(clear, plaintext)).toBe(true);
        }
      }),
      { numRuns: 120 },
    );
  });

  it('made by the oracle and node:crypto are opened by ours', () => {
    fc.assert(
      fc.property(cases, bytes(32), ([[kind, raw], algorithm, plaintext, context], secretBytes) => {
        const kek = kekOf(kind, raw);
        const secret = hex(secretBytes);
        const paddingBytes = kind === 'T' ? 6 : 14;
        const blockHeader = oracle.makeKeyBlockHeader({
          versionId: kind === 'T' ? 'B' : 'D',
          keyUsage: 'D0',
          algorithm: 'H',
          modeOfUse: 'X',
          keyVersion: '00',
          exportability: 'N',
          optionalBlocks: [],
          keyBytes: 32,
          paddingBytes,
        });
        const keyBlock = oracle.wrapKeyBlock(hex(raw), blockHeader, secret, '5A'.repeat(paddingBytes));
        const header = Buffer.concat([
          Buffer.from([1, algorithm === 'TDES-CBC-HMAC' ? 1 : 2]),
          Buffer.from(kek.kcv, 'hex'),
          Buffer.from(keyBlock, 'latin1'),
        ]);
        let envelope: Buffer;
        if (algorithm === 'TDES-CBC-HMAC') {
          const iv = seededBytes(1, 8);
          const padded = `${hex(plaintext)}80`;
          const whole = padded.padEnd(Math.ceil(padded.length / 16) * 16, '0');
          const body = cipher.tdesCbc(cipher.oddParity(derive(secret, 'enc', 24)), hex(iv), whole, 'encrypt');
          const before = Buffer.concat([header, iv, unhex(body)]);
          const tag = cipher.hmac('SHA256', derive(secret, 'mac', 32), hex(lp(before, context)));
          envelope = Buffer.concat([before, unhex(tag)]);
        } else {
          const nonce = seededBytes(1, 12);
          const node = createCipheriv('aes-256-gcm', unhex(derive(secret, 'enc', 32)), nonce);
          node.setAAD(lp(Buffer.concat([header, nonce]), context));
          envelope = Buffer.concat([header, nonce, node.update(plaintext), node.final(), node.getAuthTag()]);
        }
        expect(same(openEnvelope(kek, Uint8Array.from(envelope), context), plaintext)).toBe(true);
      }),
      { numRuns: 120 },
    );
  });
});

describe('PAN sequences and tokens', () => {
  it('a PAN of a sequence is that of the oracle, which finds its number again', () => {
    fc.assert(
      fc.property(
        aesKeyBytes(),
        fc.constantFrom('400000', '99999999', '10000000', '555555'),
        fc.constantFrom(...PAN_LENGTHS),
        fc.nat({ max: 10 ** 12 }),
        (raw, iin, length, some) => {
          const accountDigits = length - iin.length - 1;
          fc.pre(accountDigits >= 6);
          const n = some % 10 ** accountDigits;
          const pan = panFromSequence(dataKeyOf('A', raw), definePanRange({ iin, length }), n) as Pan;
          expect(pan).toBe(panOfSequence(hex(raw), iin, length, n));
          expect(sequenceOfPan(hex(raw), iin, length, pan)).toBe(BigInt(n));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('an alphanumeric token is that of the oracle, both ways', () => {
    const profile = defineTokenProfile({ kind: 'alphanumeric' });
    fc.assert(
      fc.property(aesKeyBytes(), fc.integer({ min: 14, max: 19 }).chain(pans), (raw, pan) => {
        const key = dataKeyOf('A', raw);
        const ours = tokenizePan(key, pan, profile, 'tenant-1');
        expect(ours).toBe(token.alphanumericToken(hex(raw), 'tenant-1', pan));
        expect(token.alphanumericPan(hex(raw), 'tenant-1', ours)).toBe(pan);
      }),
      { numRuns: 150 },
    );
  });

  it('a numeric token is that of the oracle, both ways, for every profile', () => {
    const shapes = fc.record({
      keepFirst: fc.constantFrom(0 as const, 6 as const, 8 as const),
      keepLast: fc.constantFrom(0 as const, 4 as const),
      luhn: fc.constantFrom('invalid' as const, 'valid' as const, 'any' as const),
      k: fc.integer({ min: 1, max: 9 }),
    });
    let compared = 0;
    fc.assert(
      fc.property(aesKeyBytes(), pans(), shapes, (raw, pan, { keepFirst, keepLast: last, luhn, k }) => {
        const keepLast = luhn === 'any' ? last : 0;
        if (pan.length - keepFirst - (luhn === 'any' ? keepLast : 1) < 6) return;
        const common = {
          kind: 'numeric',
          panLengths: PAN_LENGTHS.filter((n) => n === pan.length),
          keepFirst,
          keepLast,
        } as const;
        const profile =
          luhn === 'invalid'
            ? defineTokenProfile({ ...common, luhn, checkDigitOffset: k })
            : defineTokenProfile({ ...common, luhn, panLike: true });
        const theirs = luhn === 'invalid' ? { keepFirst, keepLast, luhn, k } : { keepFirst, keepLast, luhn };
        const ours = tokenizePan(dataKeyOf('A', raw), pan, profile, 'T!~');
        expect(ours).toBe(token.numericToken(hex(raw), 'T!~', theirs, pan));
        expect(token.numericPan(hex(raw), 'T!~', theirs, ours)).toBe(pan);
        expect(detokenizePan(dataKeyOf('A', raw), ours, profile, 'T!~')).toBe(pan);
        compared++;
      }),
      { numRuns: 300 },
    );
    expect(compared).toBeGreaterThan(100);
  });

  it('what is no token of ours is none of the oracle either, and the other way', () => {
    const profile = defineTokenProfile({ kind: 'alphanumeric' });
    const raw = seededBytes(9, 16);
    const candidates = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'0123456789ABCXYZ'), minLength: 19, maxLength: 19 }),
      fc
        .string({ unit: fc.constantFrom(...'0123456789ABCDEFGHIJ'), minLength: 4, maxLength: 4 })
        .map((middle) => `00000400000${middle}1236`),
    );
    fc.assert(
      fc.property(candidates, (text) => {
        let expected = 'ERR_TOKEN';
        try {
          token.alphanumericPan(hex(raw), 't', text);
          expected = 'none';
        } catch {}
        expect(codeOf(() => detokenizePan(dataKeyOf('A', raw), text, profile, 't'))).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });
});

describe('dynamic CVV2', () => {
  const oracleHash = (hash: HashName): 'SHA1' | 'SHA256' | 'SHA512' => hash.replace('-', '') as 'SHA1';
  const terms = fc.record({
    hash: fc.constantFrom<HashName>(...HASH_NAMES),
    digits: fc.constantFrom(3 as const, 4 as const),
    t0: fc.constantFrom(0, 59, 1_000_000_000),
    periodSeconds: fc.constantFrom(265, 300, 1200, 86_400),
  });
  const whose = fc.record({ pan: pans(), psn: psns, expiry: expiries });

  it('HOTP is that of the oracle, for counters up to 2^53', () => {
    const counters = fc.oneof(
      fc.nat(),
      fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
      fc.constantFrom(0, 255, 256, 2 ** 32, 2 ** 53 - 1),
    );
    fc.assert(
      fc.property(
        fc.constantFrom<HashName>(...HASH_NAMES),
        bytes(1, 80),
        counters,
        fc.integer({ min: 1, max: 9 }),
        (hash, key, counter, n) => {
          const ours = hotp(hash, key, counter, n);
          const theirs = dcvv2.hotp(oracleHash(hash), hex(key), counter, n);
          expect([ours.code, ours.truncated, hex(ours.hmac)]).toEqual([
            theirs.code,
            theirs.truncated,
            theirs.hmac,
          ]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('totp is that of the oracle, under a derived key and under a provisioned one', () => {
    fc.assert(
      fc.property(terms, whose, times, bytes(32), ({ hash, digits, t0, periodSeconds }, card, time, raw) => {
        fc.pre(time >= t0 && raw.some((byte) => byte !== 0));
        const common = { profile: 'totp', hash, digits, t0, periodSeconds } as const;
        const cardKey = dcvv2.totpCardKey(hex(raw), card.pan, card.psn, card.expiry);
        const expected = dcvv2.totp(oracleHash(hash), cardKey, time, t0, periodSeconds, digits);
        const derived = defineDynamicCvv2({ ...common, masterKey: hmacKeyOf(raw, 'X') });
        expect(generateDynamicCvv2(derived, card, time)).toBe(expected);
        const provisioned = defineDynamicCvv2({ ...common, masterKey: 'provisioned' });
        expect(generateDynamicCvv2(provisioned, { ...card, cardKey: hmacKeyOf(unhex(cardKey)) }, time)).toBe(
          expected,
        );
      }),
      { numRuns: 200 },
    );
  });

  it('cvv-time is that of the oracle, under a derived key and used directly', () => {
    fc.assert(
      fc.property(terms, whose, times, tdesKeyBytes(16), ({ digits, t0, periodSeconds }, card, time, raw) => {
        fc.pre(time >= t0);
        const step = dcvv2.timeStep(time, t0, periodSeconds);
        const masterCvk = importClearKey({ usage: 'C0', algorithm: 'T', mode: 'X', exportability: 'N' }, raw);
        const scheme = defineDynamicCvv2({ profile: 'cvv-time', masterCvk, digits, t0, periodSeconds });
        const cardKey = dcvv2.cvvTimeCardKey(hex(raw), card.pan, card.psn, card.expiry);
        expect(generateDynamicCvv2(scheme, card, time)).toBe(dcvv2.cvvTime(cardKey, card.pan, step, digits));
        expect(cvvTimeCode(tdes(raw), card.pan, step, digits)).toBe(
          dcvv2.cvvTime(hex(raw), card.pan, step, digits),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('of the seeds: the agreed values under one card, so that both implementations stay where they are', () => {
    const card = { pan: '4000001234567899' as Pan, psn: '01' as Psn, expiry: '2912' as Expiry };
    const raw = unhex('0123456789ABCDEFFEDCBA9876543210');
    const step = dcvv2.timeStep(1_795_132_800, 0, 1200);
    expect(dcvv2.cvvTime(hex(raw), card.pan, step, 3)).toBe('908');
    expect(cvvTimeCode(tdes(raw), card.pan, step, 3)).toBe('908');
  });
});
