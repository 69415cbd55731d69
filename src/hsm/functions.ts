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
import type { TimeCodeFunctions } from './time-code-functions.ts';
import type { TokenFunctions } from './token-functions.ts';

export type { Capability, CapabilityScope } from '../keys/capability.ts';
export type { EncryptedPinBlock } from '../pinblock/format.ts';
export type * from './batch-functions.ts';
export type * from './card-functions.ts';
export type * from './key-functions.ts';
export type * from './pin-functions.ts';
export type * from './reference.ts';
export type * from './time-code-functions.ts';
export type * from './token-functions.ts';

/**
 * Everything an issuer asks of an HSM. What every function throws, beside what it names itself:
 *
 * @throws ERR_INPUT  a request that is not what it should be
 * @throws ERR_NOT_FOUND | ERR_KEY_DESTROYED  no key has the label, or the one that had it was destroyed
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_LENGTH | ERR_KEY_RETIRED  the key may not do it
 * @throws ERR_TOKEN  not a token of its domain
 * @throws ERR_STORE_UNAVAILABLE | ERR_STORE_CORRUPT  the key store failed, or returned no key of the label
 * @throws ERR_AUDIT  the audit hook failed: what was asked for is withheld
 */
export interface Hsm
  extends CardFunctions,
    TimeCodeFunctions,
    PinFunctions,
    TokenFunctions,
    EnvelopeFunctions,
    RecordFunctions,
    KeyFunctions,
    BatchFunctions {}
