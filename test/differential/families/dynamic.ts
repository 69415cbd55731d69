/** Dynamic CVV2s: schemes of each kind, and issued codes. */
import type { UnixSeconds } from '../../../src/brand.ts';
import { generateDynamicCvv2 } from '../../../src/dcvv2/dcvv2.ts';
import { issueDynamicCode } from '../../../src/dcvv2/issued.ts';
import { type DynamicCvv2, defineDynamicCvv2 } from '../../../src/dcvv2/scheme.ts';
import { HASH_NAMES } from '../../../src/mode/hmac.ts';
import { cvkOf, hex, hmacKeyOf, keyOf, paddedRandom } from '../../support/arbitraries.ts';
import type { Draw } from '../../support/draw.ts';
import { cvvTime, cvvTimeCardKey, hotp, timeStep, totp, totpCardKey } from '../../support/oracle/dcvv2.ts';
import { issuedCodeTag } from '../../support/oracle/issued.ts';
import { type Family, family } from './family.ts';

const OTHER = 'oracle/dcvv2';

/** What schemes of all kinds have. */
const termsOf = (draw: Draw) => ({
  digits: draw.of([3, 4] as const),
  t0: draw.of([0, 59, 1_000_000_000]),
  periodSeconds: draw.of([265, 300, 1200, 86_400]),
});
const caseOf = (draw: Draw) => ({
  card: { pan: draw.pan(), psn: draw.psn(), expiry: draw.expiry() },
  time: draw.between(1_000_000_000, 4_102_444_800) as UnixSeconds,
});
type Case = ReturnType<typeof caseOf>;

const codes =
  (scheme: DynamicCvv2) =>
  ({ card, time }: Case): string =>
    generateDynamicCvv2(scheme, card, time);
const oracleHash = (hash: string): 'SHA256' => hash.replace('-', '') as 'SHA256';

/** A code and the bytes that make the library draw it. */
const issuedCase = (draw: Draw) => {
  const digits = draw.of([3, 4] as const);
  const code = draw.digits(digits);
  const other = String((Number(code) + 1) % 10 ** digits).padStart(digits, '0');
  const nonce = draw.bytes(16);
  const drawn = [...code].map((digit) => Number(digit) + 10 * draw.below(25));
  const subject = { tenant: 'tenant-1', card: draw.hex(12), generation: draw.below(2 ** 53) };
  return { digits, code, staticCvv2: other, nonce, script: [...nonce, ...drawn], subject };
};

export const DYNAMIC: readonly Family[] = [
  family({
    name: 'dcvv2-totp',
    other: OTHER,
    tested: { library: 1000, other: 5000 },
    shared: (draw) => ({ ...termsOf(draw), hash: draw.of(HASH_NAMES), raw: draw.bytes(32) }),
    next: caseOf,
    library: ({ raw, ...terms }) =>
      codes(defineDynamicCvv2({ profile: 'totp', ...terms, masterKey: hmacKeyOf(raw, 'X') })),
    oracle:
      ({ raw, hash, t0, periodSeconds, digits }) =>
      ({ card, time }) => {
        const key = totpCardKey(hex(raw), card.pan, card.psn, card.expiry);
        return totp(oracleHash(hash), key, time, t0, periodSeconds, digits);
      },
  }),
  family({
    name: 'dcvv2-totp-provisioned',
    other: OTHER,
    tested: { library: 5000 },
    shared: (draw) => ({
      ...termsOf(draw),
      hash: draw.of(HASH_NAMES),
      raw: draw.bytes(draw.of([20, 32, 64])),
    }),
    next: caseOf,
    library: ({ raw, ...terms }) => {
      const scheme = defineDynamicCvv2({ profile: 'totp', ...terms, masterKey: 'provisioned' });
      const cardKey = hmacKeyOf(raw);
      return ({ card, time }) => generateDynamicCvv2(scheme, { ...card, cardKey }, time);
    },
    oracle:
      ({ raw, hash, t0, periodSeconds, digits }) =>
      ({ time }) =>
        hotp(oracleHash(hash), hex(raw), timeStep(time, t0, periodSeconds), digits).code,
  }),
  family({
    name: 'dcvv2-cvv-time',
    other: OTHER,
    tested: { library: 2500, other: 2500 },
    shared: (draw) => ({ ...termsOf(draw), raw: draw.tdesKey(16) }),
    next: caseOf,
    library: ({ raw, ...terms }) =>
      codes(defineDynamicCvv2({ profile: 'cvv-time', ...terms, masterCvk: keyOf('C0', 'T', 'X', raw) })),
    oracle:
      ({ raw, t0, periodSeconds, digits }) =>
      ({ card, time }) => {
        const key = cvvTimeCardKey(hex(raw), card.pan, card.psn, card.expiry);
        return cvvTime(key, card.pan, timeStep(time, t0, periodSeconds), digits);
      },
  }),
  family({
    name: 'dcvv2-cvv-time-direct',
    other: OTHER,
    tested: { other: 2500 },
    shared: (draw) => ({ ...termsOf(draw), raw: draw.tdesKey(16), apart: draw.tdesKey(16) }),
    next: caseOf,
    library: ({ raw, apart, ...terms }) => {
      const keys = { cvk: cvkOf(raw), staticCvk: cvkOf(apart) };
      return codes(defineDynamicCvv2({ profile: 'cvv-time', ...terms, ...keys, reissue: 'new-pan-only' }));
    },
    oracle:
      ({ raw, t0, periodSeconds, digits }) =>
      ({ card, time }) =>
        cvvTime(hex(raw), card.pan, timeStep(time, t0, periodSeconds), digits),
  }),
  family({
    name: 'dcvv2-custom',
    other: `${OTHER}, for the step`,
    shared: termsOf,
    next: caseOf,
    library: ({ digits, ...terms }) =>
      codes(
        defineDynamicCvv2({
          profile: 'custom',
          name: 'the last digits of the step',
          generate: (_, step) => String(step % 10 ** digits).padStart(digits, '0'),
          digits,
          ...terms,
        }),
      ),
    oracle:
      ({ digits, t0, periodSeconds }) =>
      ({ time }) =>
        String(timeStep(time, t0, periodSeconds))
          .padStart(digits, '0')
          .slice(-digits),
  }),
  family({
    name: 'dcvv2-issued',
    other: 'oracle/issued',
    tested: { library: 2500, other: 5000 },
    shared: (draw) => draw.bytes(draw.of([16, 20, 32, 64])),
    next: issuedCase,
    library: (raw) => {
      const key = hmacKeyOf(raw);
      return ({ subject, digits, staticCvv2, script }) => {
        const terms = { digits, at: 0 as UnixSeconds, lifetimeSeconds: 600, staticCvv2 };
        const { code, issued } = issueDynamicCode(key, subject, terms, { random: paddedRandom(script) });
        return `${code} ${issued.nonce} ${issued.tag}`;
      };
    },
    oracle:
      (raw) =>
      ({ subject, code, nonce }) => {
        const tag = issuedCodeTag(hex(raw), { ...subject, nonce: hex(nonce), code });
        return `${code} ${hex(nonce)} ${tag}`;
      },
  }),
];
