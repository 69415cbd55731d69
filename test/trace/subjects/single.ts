/** What varies in single calls, as the documents say, and why. */

/** DES of one block. */
export const DES = { 'des/scalar.ts: makeCrypt': 'S-boxes are tables' } as const;

/** AES of one block, which is a dependency's. */
export const AES = {
  '@noble/ciphers/aes.js: apply0123': 'rounds are tables',
  '@noble/ciphers/aes.js: applySbox': 'so is the S-box',
} as const;

/** A value that is computed from a block, and compared then. */
export const SINGLE = {
  ...DES,
  'bytes/decimalize.ts: selectDigits': 'digits are found one after the other',
  'bytes/decimalize.ts: nibbleAt': 'as often as digits are looked for',
  'bytes/digits.ts: numberText': 'the text of a number comes from a table',
} as const;
