/**
 * Checked text and numbers: branded types that only their parser makes.
 *
 * A brand costs nothing at run time, prints as what it is and travels in JSON; it must be parsed
 * again on the way in. Secrets (keys, clear PINs) are objects, not brands.
 */

declare const brand: unique symbol;

/** `T`, checked; only the parser that is named after it makes one. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Primary account number: 12 to 19 digits. ISO/IEC 7812-1. */
export type Pan = Brand<string, 'Pan'>;
/** Card sequence number: two digits. EMV Book 3, tag 5F34. */
export type Psn = Brand<string, 'Psn'>;
/** Expiry: four digits YYMM, always in this order. */
export type Expiry = Brand<string, 'Expiry'>;
/** Service code: three digits. ISO/IEC 7813. */
export type ServiceCode = Brand<string, 'ServiceCode'>;
/** A card verification value: CVV, CVV2, iCVV or a dynamic CVV2; 1 to 5 digits. */
export type Cvv = Brand<string, 'Cvv'>;
/** An American Express card security code: 5 or 4 digits. */
export type Csc = Brand<string, 'Csc'>;
/** PIN verification key index: one digit. */
export type Pvki = Brand<string, 'Pvki'>;
/** Visa PIN verification value: four digits. */
export type Pvv = Brand<string, 'Pvv'>;
/** IBM 3624 offset: as many digits as the PIN. */
export type PinOffset = Brand<string, 'PinOffset'>;
/** Decimalisation table: 16 digits. */
export type Dectab = Brand<string, 'Dectab'>;
/** A token that stands for a PAN. */
export type PanToken = Brand<string, 'PanToken'>;
/** Key check value: 6 hex digits, 10 where five bytes were asked for. */
export type Kcv = Brand<string, 'Kcv'>;
/** Whole seconds since 1970-01-01T00:00:00Z, without leap seconds. */
export type UnixSeconds = Brand<number, 'UnixSeconds'>;
/** Digits sealed in one TDES block under a client's data key: 16 hex digits. */
export type CodeBlock = Brand<string, 'CodeBlock'>;
/** A sealed envelope in base64. */
export type SealedEnvelope = Brand<string, 'SealedEnvelope'>;
/** A field sealed under a key of the HSM, in base64. */
export type SealedField = Brand<string, 'SealedField'>;
/** HMAC-SHA-256 of a PAN under an index key: 64 hex digits. */
export type PanIndex = Brand<string, 'PanIndex'>;
/** A message authentication code of the HSM: 64 hex digits. */
export type Tag = Brand<string, 'Tag'>;
/** A customer, in the words of the caller's books: 1 to 128 printable ASCII characters without space. */
export type CustomerId = Brand<string, 'CustomerId'>;
/** An account, in the words of the caller's books: 1 to 128 printable ASCII characters without space. */
export type AccountId = Brand<string, 'AccountId'>;
/** A request, which is carried out once: 1 to 128 printable ASCII characters without space. */
export type RequestId = Brand<string, 'RequestId'>;
/** A batch of cards: 1 to 64 printable ASCII characters without space and slash. */
export type BatchId = Brand<string, 'BatchId'>;
/** A product: 1 to 32 letters, digits, dots, hyphens and underscores. */
export type ProductId = Brand<string, 'ProductId'>;
