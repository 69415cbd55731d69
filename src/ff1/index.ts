/** Format-preserving encryption: FF1 on numerals and on text. */
export {
  decryptFf1,
  decryptFf1Text,
  defineFf1Alphabet,
  encryptFf1,
  encryptFf1Text,
  FF1_MIN_DOMAIN,
  type Ff1Alphabet,
} from './ff1.ts';
