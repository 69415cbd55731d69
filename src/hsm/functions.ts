/**
 * What an HSM does for an issuer, as small interfaces. Types only.
 *
 * Keys are named by label and cards by token; clear keys, clear PINs and, but for the two functions that say
 * so, clear PANs stay inside. Everything is a promise, so that a driver of a real HSM fits behind it.
 * Functions that compare a secret come in two steps: `prepare…` refuses whatever can be refused, and what it
 * returns compares; a try is paid in between.
 */
import type { BatchFunctions } from './batch-functions.ts';
import type { CardFunctions } from './card-functions.ts';
import type { EnvelopeFunctions, KeyFunctions, RecordFunctions } from './key-functions.ts';
import type { PinFunctions } from './pin-functions.ts';
import type { TokenFunctions } from './token-functions.ts';

export type { Capability, CapabilityScope } from '../keys/capability.ts';
export type { EncryptedPinBlock } from '../pinblock/format.ts';
export type * from './batch-functions.ts';
export type * from './card-functions.ts';
export type * from './key-functions.ts';
export type * from './pin-functions.ts';
export type * from './reference.ts';
export type * from './token-functions.ts';

/** Everything an issuer asks of an HSM. */
export interface Hsm
  extends CardFunctions,
    PinFunctions,
    TokenFunctions,
    EnvelopeFunctions,
    RecordFunctions,
    KeyFunctions,
    BatchFunctions {}
