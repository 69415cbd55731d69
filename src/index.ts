/**
 * cardwright: issuer-side payment cryptography as pure functions.
 *
 * An emulator is not a certified HSM, and JavaScript promises no constant time: read SECURITY.md.
 * Clear keys enter by `cardwright/keys/clear` only, which is not part of this face.
 */

export * from './batch/index.ts';
export type { RandomOptions } from './bytes/random.ts';
export * from './cvv/index.ts';
export * from './dcvv2/index.ts';
export * from './envelope/index.ts';
export { type ErrorCode, PaymentCryptoError } from './error.ts';
export * from './ff1/index.ts';
export * from './keys/index.ts';
export * from './pan/index.ts';
export * from './pin/index.ts';
export * from './pinblock/index.ts';
export type { Clock, RandomSource, RecordPort } from './port.ts';
export * from './token/index.ts';
export * from './tries/index.ts';
