/**
 * The one error class of the library and its stable codes.
 *
 * A message names the argument, what was expected and what kind of thing came (a type or a length);
 * it never holds a digit or a byte of the value. A wrong PIN or code is an answer, not an error.
 */

/** Every code the library throws. Adding one is a minor release, changing a meaning a major one. */
export type ErrorCode =
  /** Wrong type, length or alphabet; anything that has no code of its own. */
  | 'ERR_INPUT'
  /** A PAN that is not 12 to 19 digits, starts with 0 or has a wrong check digit. */
  | 'ERR_PAN'
  /** A PIN that is not 4 to 12 digits, or of a length the method does not take. */
  | 'ERR_PIN'
  /** An expiry that is not four digits YYMM with a month from 01 to 12. */
  | 'ERR_EXPIRY'
  /** A service code that is not three digits, or one that the function refuses. */
  | 'ERR_SERVICE_CODE'
  /** An index outside its range: PVKI and the like. */
  | 'ERR_INDEX'
  /** A decimalisation table that is not 16 digits or fails the spread rule. */
  | 'ERR_DECTAB'
  /** A PIN that the PIN policy refuses. */
  | 'ERR_PIN_WEAK'
  /** A PIN block that does not decode. One code for every cause. */
  | 'ERR_PIN_BLOCK'
  /** An unknown PIN block format, or one that does not fit the key or the operation. */
  | 'ERR_PIN_BLOCK_FORMAT'
  /** A PIN block translation that is never permitted. */
  | 'ERR_PIN_BLOCK_TRANSLATION'
  /** A key of a length that its algorithm or the operation does not take. */
  | 'ERR_KEY_LENGTH'
  /** A TDES key whose bytes are not all of odd parity. */
  | 'ERR_KEY_PARITY'
  /** A weak or semi-weak DES key, equal TDES halves, an all-zero key, a wrapping key too weak. */
  | 'ERR_KEY_WEAK'
  /** Key components that are too few, equal, of mixed lengths or fail their KCV. */
  | 'ERR_KEY_COMPONENT'
  /** A key whose usage does not permit the operation. */
  | 'ERR_KEY_USAGE'
  /** A key whose algorithm does not permit the operation. */
  | 'ERR_KEY_ALGORITHM'
  /** A key whose mode of use does not permit the operation. */
  | 'ERR_KEY_MODE'
  /** A key that may not leave. */
  | 'ERR_KEY_EXPORT'
  /** `destroy()` was called on the key. */
  | 'ERR_KEY_DESTROYED'
  /** The block budget of the key is spent. */
  | 'ERR_KEY_EXHAUSTED'
  /** A key whose KCV is not the expected one. */
  | 'ERR_KEY_KCV'
  /** A key block that is malformed before authentication. */
  | 'ERR_KEY_BLOCK'
  /** A key block that does not authenticate, or is wrong inside. One code for every cause. */
  | 'ERR_KEY_BLOCK_AUTH'
  /** An envelope that does not open. One code for every cause. */
  | 'ERR_ENVELOPE_AUTH'
  /** A code block that does not open under the layout. One code for every cause. */
  | 'ERR_CODE_BLOCK'
  /** A format-preserving domain below 1 000 000. */
  | 'ERR_DOMAIN_TOO_SMALL'
  /** A PAN range without a free number within the permitted attempts. */
  | 'ERR_PAN_SPACE'
  /** A token that is not one of the profile. */
  | 'ERR_TOKEN'
  /** A time that is not whole seconds, or before the scheme's T0. */
  | 'ERR_CLOCK'
  /** A capability that is missing, expired, forged or of another scope; a policy that says no. */
  | 'ERR_POLICY'
  /** An identifier that the port does not know. */
  | 'ERR_NOT_FOUND'
  /** Too many concurrent changes of one record. */
  | 'ERR_CONFLICT'
  /** No verdict was reached: the port failed. */
  | 'ERR_STORE_UNAVAILABLE'
  /** A record that a port returned is damaged. */
  | 'ERR_STORE_CORRUPT'
  /** A record of a store that is older than its anchor says: the store was put back. */
  | 'ERR_STORE_ROLLBACK'
  /** A store of a schema version that this library does not know. */
  | 'ERR_STORE_SCHEMA'
  /** An identifier that is taken. */
  | 'ERR_EXISTS'
  /** A request or batch identifier that came before, with other parameters. */
  | 'ERR_REQUEST_MISMATCH'
  /** A key that is retired: it opens and verifies, and makes nothing new. */
  | 'ERR_KEY_RETIRED'
  /** An account that does not exist, or is not the customer's. */
  | 'ERR_ACCOUNT'
  /** A card whose state does not permit the operation. */
  | 'ERR_CARD_STATE'
  /** A PIN that the card's method cannot give back. */
  | 'ERR_PIN_NOT_RECOVERABLE'
  /** A new PIN that is refused: its block, its length, a weak one, the one there is. One code for every cause. */
  | 'ERR_PIN_REFUSED'
  /** The audit hook failed: what was asked for is withheld. */
  | 'ERR_AUDIT'
  /** The sink of a batch failed: its chunk was not issued. */
  | 'ERR_EXPORT'
  /** Part of a standard that the library keeps out of: a key block of version E to be made, a key component. */
  | 'ERR_UNSUPPORTED'
  /** A broken invariant of the library itself; please report it. */
  | 'ERR_INTERNAL';

/**
 * What every function of the library throws for input it refuses.
 *
 * Switch on `code`; `field` names the argument. The message is text for people and may change.
 */
export class PaymentCryptoError extends Error {
  override readonly name = 'PaymentCryptoError';
  readonly code: ErrorCode;
  readonly field: string;

  constructor(code: ErrorCode, field: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.field = field;
  }
}

/**
 * Throws: `"field" expected <shape>, got <kind>`; `got` is a type, a length or a rule, never a value.
 */
export function fail(code: ErrorCode, field: string, expected: string, got?: string): never {
  const tail = got === undefined ? '' : `, got ${got}`;
  throw new PaymentCryptoError(code, field, `"${field}" expected ${expected}${tail}`);
}

/** The brand of a typed array, by the getter of its prototype: it never throws and cannot be forged. */
const typedArrayTag: (value: unknown) => string | undefined = /* @__PURE__ */ (() => {
  const prototype: object = Object.getPrototypeOf(Uint8Array.prototype);
  const getter = Object.getOwnPropertyDescriptor(prototype, Symbol.toStringTag)?.get as () =>
    | string
    | undefined;
  return (value) => getter.call(value);
})();

/** Whether a value is a Uint8Array, a Buffer among them; proxies and look-alikes are not. */
export function isUint8Array(value: unknown): value is Uint8Array {
  return typedArrayTag(value) === 'Uint8Array';
}

/** Whether a value is a Uint16Array; proxies and look-alikes are not. */
export function isUint16Array(value: unknown): value is Uint16Array {
  return typedArrayTag(value) === 'Uint16Array';
}

/** The kind of a value in words that cannot leak it: its type, and its length where it has one. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return `length=${value.length}`;
  if (isUint8Array(value)) return `length=${value.length}`;
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return 'a number that is not a whole number';
  return typeof value;
}
