/** PAN tokens by format-preserving encryption. */
export type { PanToken } from '../brand.ts';
export { detokenizePanColumn, tokenizePanColumn } from './columns.ts';
export {
  type AlphanumericProfile,
  defineTokenProfile,
  type NumericProfile,
  type TokenCheckDigit,
  type TokenProfile,
} from './profile.ts';
export { detokenizePan, tokenizePan } from './tokenize.ts';
