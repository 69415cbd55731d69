/** PIN blocks of ISO 9564-1: clear, enciphered, translated, verified. */
export { type ColumnFormat, encryptPinBlockColumn } from './columns.ts';
export { decryptPinBlock, type EncryptPinBlockOptions, encryptPinBlock } from './encrypt.ts';
export {
  decodePinBlock,
  type EncryptedPinBlock,
  encodePinBlock,
  type PinBlockFormat,
  parseEncryptedPinBlock,
} from './format.ts';
export {
  PIN_BLOCK_TRANSLATIONS,
  type TranslationRule,
  type TranslationSubject,
  translatePinBlock,
} from './translate.ts';
export { type TranslatedColumns, translatePinBlockColumn } from './translate-column.ts';
export {
  type PinReference,
  type PinVerificationKeys,
  prepareVerifyPinBlock,
  verifyPinBlock,
} from './verify.ts';
