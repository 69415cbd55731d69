/** Format-preserving encryption: FF1 on numerals and on text. */
export { FF1_MIN_DOMAIN } from '../mode/ff1.ts';
export { decryptFf1Column, encryptFf1Column } from './columns.ts';
export {
  decryptFf1,
  decryptFf1Text,
  defineFf1Alphabet,
  encryptFf1,
  encryptFf1Text,
  type Ff1Alphabet,
} from './ff1.ts';
