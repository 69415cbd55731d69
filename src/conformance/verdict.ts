/** What a case comes to, and how an operation says so. */
import { bytesToHex } from '../bytes/hex.ts';
import { PaymentCryptoError } from '../error.ts';
import type { VectorCase } from './vector-file.ts';

/** `refused` is a case that asks for a refusal and got it. */
export type Verdict = 'passed' | 'refused' | 'failed' | 'unsupported';

/** Runs one case: returns when it holds, throws one of the two below when not. */
export type Operation = (vector: VectorCase) => 'passed' | 'refused';

/** The operations of a family, by the `op` of its cases. */
export type Operations = { readonly [op: string]: Operation };

/** A value that came out otherwise. The message names the field, never a value. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

/** A format or algorithm that this library does not have. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported';
}

/** Both are the same text or number. */
export function same(
  field: string,
  actual: string | number | boolean,
  published: string | number | boolean,
): void {
  if (actual !== published) throw new Mismatch(`"${field}" differs from the published value`);
}

/** The bytes begin with the published hex, which may be truncated. */
export function beginsWith(field: string, actual: Uint8Array, published: string): void {
  if (published.length === 0 || !bytesToHex(actual).startsWith(published.toUpperCase()))
    throw new Mismatch(`"${field}" differs from the published value`);
}

/** The bytes are the published hex. */
export function sameBytes(field: string, actual: Uint8Array, published: Uint8Array): void {
  same(field, bytesToHex(actual), bytesToHex(published));
}

/** The action throws an error of the library with a code; anything else is a defect, not a refusal. */
export function refuses(action: () => unknown): 'refused' {
  try {
    action();
  } catch (error) {
    if (
      error instanceof PaymentCryptoError &&
      error.code !== 'ERR_UNSUPPORTED' &&
      error.code !== 'ERR_INTERNAL'
    )
      return 'refused';
    throw error;
  }
  throw new Mismatch('accepted, but must be refused');
}
