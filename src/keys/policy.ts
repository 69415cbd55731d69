/**
 * The policy table: which keys each operation takes. Data only.
 *
 * An operation is permitted when one of its rows has the usage, the algorithm, the mode of use and
 * the length of the key. `keys/key.ts` enforces it on every call; the signatures of the functions
 * carry the usage, so that a wrong key does not compile either.
 */
import { frozen } from '../input.ts';
import type { KeyAlgorithm, KeyUsage, ModeOfUse } from './usage.ts';

/** One permitted combination. */
export interface PolicyRow {
  readonly usage: KeyUsage;
  readonly algorithm: KeyAlgorithm;
  readonly modes: readonly ModeOfUse[];
  readonly keyBytes: readonly number[];
}

const GENERATE = ['C', 'G', 'N'] as const;
const VERIFY = ['C', 'V', 'N'] as const;
const ENCRYPT = ['B', 'E', 'N'] as const;
const DECRYPT = ['B', 'D', 'N'] as const;
const DERIVE = ['X'] as const;
const TDES_PAIR = [16] as const;
const TDES = [16, 24] as const;
const AES = [16, 24, 32] as const;
const HMAC = [16, 20, 24, 32, 48, 64] as const;

type Row<U extends KeyUsage, A extends KeyAlgorithm> = PolicyRow & {
  readonly usage: U;
  readonly algorithm: A;
};

/** Operation → the keys it takes. */
export const POLICY: {
  readonly generateCvv: readonly [Row<'C0', 'T'>];
  readonly verifyCvv: readonly [Row<'C0', 'T'>];
  readonly generateCsc: readonly [Row<'C0', 'T'>];
  readonly verifyCsc: readonly [Row<'C0', 'T'>];
  readonly deriveCvvTimeKey: readonly [Row<'C0', 'T'>];
  readonly deriveTotpKey: readonly [Row<'M7', 'H'>];
  readonly generateTotp: readonly [Row<'M7', 'H'>];
  readonly verifyTotp: readonly [Row<'M7', 'H'>];
  readonly issueDynamicCode: readonly [Row<'M7', 'H'>];
  readonly verifyDynamicCode: readonly [Row<'M7', 'H'>];
  readonly generatePvv: readonly [Row<'V2', 'T'>];
  readonly verifyPvv: readonly [Row<'V2', 'T'>];
  readonly generatePinOffset: readonly [Row<'V1', 'T'>];
  readonly verifyPinOffset: readonly [Row<'V1', 'T'>];
  readonly encryptPinBlock: readonly [Row<'P0', 'T'>, Row<'P0', 'A'>];
  readonly decryptPinBlock: readonly [Row<'P0', 'T'>, Row<'P0', 'A'>];
  readonly panFromSequence: readonly [Row<'D0', 'A'>];
  readonly tokenizePan: readonly [Row<'D0', 'A'>];
  readonly detokenizePan: readonly [Row<'D0', 'A'>];
  readonly encryptFf1: readonly [Row<'D0', 'A'>];
  readonly decryptFf1: readonly [Row<'D0', 'A'>];
  readonly sealCode: readonly [Row<'D0', 'T'>];
  readonly openCode: readonly [Row<'D0', 'T'>];
  readonly encryptLegacyField: readonly [Row<'D0', 'T'>];
  readonly decryptLegacyField: readonly [Row<'D0', 'T'>];
  readonly sealEnvelope: readonly [Row<'K1', 'T'>, Row<'K1', 'A'>];
  readonly openEnvelope: readonly [Row<'K1', 'T'>, Row<'K1', 'A'>];
  readonly wrapKeyBlock: readonly [Row<'K1', 'T'>, Row<'K1', 'A'>];
  readonly unwrapKeyBlock: readonly [Row<'K1', 'T'>, Row<'K1', 'A'>, Row<'K4', 'A'>];
  readonly indexPan: readonly [Row<'M7', 'H'>];
  readonly tagPin: readonly [Row<'M7', 'H'>];
  readonly verifyPinTag: readonly [Row<'M7', 'H'>];
  readonly tagRecord: readonly [Row<'M7', 'H'>];
  readonly verifyRecordTag: readonly [Row<'M7', 'H'>];
  readonly sealField: readonly [Row<'D3', 'A'>];
  readonly openField: readonly [Row<'D3', 'A'>];
} = /* @__PURE__ */ frozen({
  generateCvv: [{ usage: 'C0', algorithm: 'T', modes: GENERATE, keyBytes: TDES_PAIR }],
  verifyCvv: [{ usage: 'C0', algorithm: 'T', modes: VERIFY, keyBytes: TDES_PAIR }],
  generateCsc: [{ usage: 'C0', algorithm: 'T', modes: GENERATE, keyBytes: TDES_PAIR }],
  verifyCsc: [{ usage: 'C0', algorithm: 'T', modes: VERIFY, keyBytes: TDES_PAIR }],
  deriveCvvTimeKey: [{ usage: 'C0', algorithm: 'T', modes: DERIVE, keyBytes: TDES_PAIR }],
  deriveTotpKey: [{ usage: 'M7', algorithm: 'H', modes: DERIVE, keyBytes: HMAC }],
  generateTotp: [{ usage: 'M7', algorithm: 'H', modes: GENERATE, keyBytes: HMAC }],
  verifyTotp: [{ usage: 'M7', algorithm: 'H', modes: VERIFY, keyBytes: HMAC }],
  issueDynamicCode: [{ usage: 'M7', algorithm: 'H', modes: GENERATE, keyBytes: HMAC }],
  verifyDynamicCode: [{ usage: 'M7', algorithm: 'H', modes: VERIFY, keyBytes: HMAC }],
  generatePvv: [{ usage: 'V2', algorithm: 'T', modes: GENERATE, keyBytes: TDES_PAIR }],
  verifyPvv: [{ usage: 'V2', algorithm: 'T', modes: VERIFY, keyBytes: TDES_PAIR }],
  generatePinOffset: [{ usage: 'V1', algorithm: 'T', modes: GENERATE, keyBytes: TDES }],
  verifyPinOffset: [{ usage: 'V1', algorithm: 'T', modes: VERIFY, keyBytes: TDES }],
  encryptPinBlock: [
    { usage: 'P0', algorithm: 'T', modes: ENCRYPT, keyBytes: TDES },
    { usage: 'P0', algorithm: 'A', modes: ENCRYPT, keyBytes: AES },
  ],
  decryptPinBlock: [
    { usage: 'P0', algorithm: 'T', modes: DECRYPT, keyBytes: TDES },
    { usage: 'P0', algorithm: 'A', modes: DECRYPT, keyBytes: AES },
  ],
  panFromSequence: [{ usage: 'D0', algorithm: 'A', modes: ENCRYPT, keyBytes: AES }],
  tokenizePan: [{ usage: 'D0', algorithm: 'A', modes: ENCRYPT, keyBytes: AES }],
  detokenizePan: [{ usage: 'D0', algorithm: 'A', modes: DECRYPT, keyBytes: AES }],
  encryptFf1: [{ usage: 'D0', algorithm: 'A', modes: ENCRYPT, keyBytes: AES }],
  decryptFf1: [{ usage: 'D0', algorithm: 'A', modes: DECRYPT, keyBytes: AES }],
  sealCode: [{ usage: 'D0', algorithm: 'T', modes: ENCRYPT, keyBytes: TDES }],
  openCode: [{ usage: 'D0', algorithm: 'T', modes: DECRYPT, keyBytes: TDES }],
  encryptLegacyField: [{ usage: 'D0', algorithm: 'T', modes: ENCRYPT, keyBytes: TDES }],
  decryptLegacyField: [{ usage: 'D0', algorithm: 'T', modes: DECRYPT, keyBytes: TDES }],
  sealEnvelope: [
    { usage: 'K1', algorithm: 'T', modes: ENCRYPT, keyBytes: TDES },
    { usage: 'K1', algorithm: 'A', modes: ENCRYPT, keyBytes: AES },
  ],
  openEnvelope: [
    { usage: 'K1', algorithm: 'T', modes: DECRYPT, keyBytes: TDES },
    { usage: 'K1', algorithm: 'A', modes: DECRYPT, keyBytes: AES },
  ],
  wrapKeyBlock: [
    { usage: 'K1', algorithm: 'T', modes: ENCRYPT, keyBytes: TDES },
    { usage: 'K1', algorithm: 'A', modes: ENCRYPT, keyBytes: AES },
  ],
  unwrapKeyBlock: [
    { usage: 'K1', algorithm: 'T', modes: DECRYPT, keyBytes: TDES },
    { usage: 'K1', algorithm: 'A', modes: DECRYPT, keyBytes: AES },
    { usage: 'K4', algorithm: 'A', modes: DECRYPT, keyBytes: AES },
  ],
  indexPan: [{ usage: 'M7', algorithm: 'H', modes: GENERATE, keyBytes: HMAC }],
  tagPin: [{ usage: 'M7', algorithm: 'H', modes: GENERATE, keyBytes: HMAC }],
  verifyPinTag: [{ usage: 'M7', algorithm: 'H', modes: VERIFY, keyBytes: HMAC }],
  tagRecord: [{ usage: 'M7', algorithm: 'H', modes: GENERATE, keyBytes: HMAC }],
  verifyRecordTag: [{ usage: 'M7', algorithm: 'H', modes: VERIFY, keyBytes: HMAC }],
  sealField: [{ usage: 'D3', algorithm: 'A', modes: ENCRYPT, keyBytes: AES }],
  openField: [{ usage: 'D3', algorithm: 'A', modes: DECRYPT, keyBytes: AES }],
});

/** A name of the table. */
export type Operation = keyof typeof POLICY;

/** The names of the table. */
export const OPERATIONS: readonly Operation[] = Object.keys(POLICY) as Operation[];

/** The usage of the keys that an operation takes. */
export type UsageFor<O extends Operation> = (typeof POLICY)[O][number]['usage'];

/** The usages whose TDES keys encrypt callers' data or other keys, and so have a block budget. */
export const BUDGETED_USAGES: readonly KeyUsage[] = /* @__PURE__ */ frozen(['D0', 'K0', 'K1', 'P0']);

/** Blocks of 64 bits that one TDES key may encrypt: 2^20 (SP 800-67 Rev. 2, clause 3.3). */
export const TDES_BLOCK_BUDGET: number = 2 ** 20;

/** What of a key the table looks at. */
export interface PolicySubject {
  readonly usage: KeyUsage;
  readonly algorithm: KeyAlgorithm;
  readonly mode: ModeOfUse;
  readonly keyBytes: number;
}

/**
 * Why the table refuses the key for the operation, as the first test it fails, or `undefined`.
 */
export function policyRefusal(
  operation: Operation,
  key: PolicySubject,
): 'ERR_KEY_USAGE' | 'ERR_KEY_ALGORITHM' | 'ERR_KEY_MODE' | 'ERR_KEY_LENGTH' | undefined {
  let rows: readonly PolicyRow[] = POLICY[operation];
  rows = rows.filter((row) => row.usage === key.usage);
  if (rows.length === 0) return 'ERR_KEY_USAGE';
  rows = rows.filter((row) => row.algorithm === key.algorithm);
  if (rows.length === 0) return 'ERR_KEY_ALGORITHM';
  rows = rows.filter((row) => row.modes.includes(key.mode));
  if (rows.length === 0) return 'ERR_KEY_MODE';
  return rows.some((row) => row.keyBytes.includes(key.keyBytes)) ? undefined : 'ERR_KEY_LENGTH';
}
