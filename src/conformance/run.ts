/**
 * Runs vector files: each case by its `op`, whatever file it stands in.
 *
 * Published values use keys and numbers that the public functions refuse on purpose (single-length
 * keys, equal halves, PANs that fail Luhn, small domains): the operations compute on the building
 * blocks below those guards.
 */
import { PaymentCryptoError } from '../error.ts';
import { cvv } from './cvv.ts';
import { desTdes } from './des-tdes.ts';
import { ff1 } from './ff1.ts';
import { ibm3624 } from './ibm3624.ts';
import { kcvComponents } from './kcv-components.ts';
import { luhn } from './luhn.ts';
import { mac } from './mac.ts';
import { otp } from './otp.ts';
import { own } from './own.ts';
import { pinblock } from './pinblock.ts';
import { pvv } from './pvv.ts';
import { tdesMessages } from './tdes-messages.ts';
import { tr31 } from './tr31.ts';
import { VectorCase, type VectorFile, VectorFormatError } from './vector-file.ts';
import { Mismatch, type Operation, Unsupported, type Verdict } from './verdict.ts';

const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  [cvv, desTdes, ff1, ibm3624, kcvComponents, luhn, mac, otp, own, pinblock, pvv, tdesMessages, tr31].flatMap(
    (family) => Object.entries(family),
  ),
);

/** The result of one case; `reason` says why it failed or is unsupported, without a value. */
export interface CaseResult {
  readonly id: string;
  readonly op: string;
  readonly verdict: Verdict;
  readonly reason?: string;
}

/** The results of one file, in the order of its cases. */
export interface FamilyResult {
  readonly algorithm: string;
  readonly results: readonly CaseResult[];
}

/** Whether there is an operation of that name. */
export function supportsOperation(op: string): boolean {
  return OPERATIONS.has(op);
}

/** Runs one case. */
export function runCase(vector: VectorCase): CaseResult {
  const { id, op } = vector;
  const operation = OPERATIONS.get(op);
  if (operation === undefined) return { id, op, verdict: 'unsupported', reason: `operation ${op}` };
  try {
    return { id, op, verdict: operation(vector) };
  } catch (error) {
    if (error instanceof Unsupported) return { id, op, verdict: 'unsupported', reason: error.message };
    if (error instanceof Mismatch || error instanceof VectorFormatError)
      return { id, op, verdict: 'failed', reason: error.message };
    if (error instanceof PaymentCryptoError)
      return { id, op, verdict: 'failed', reason: `refused with ${error.code}: ${error.message}` };
    return { id, op, verdict: 'failed', reason: 'an error without a code: please report it' };
  }
}

/** Runs all cases of a file. */
export function runFile(file: VectorFile): FamilyResult {
  return {
    algorithm: file.algorithm,
    results: file.cases.map((fields, place) => runCase(new VectorCase(fields, place))),
  };
}
