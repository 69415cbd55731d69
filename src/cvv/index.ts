/** Card verification values: CVV, CVV2, iCVV, and the CSC of American Express. */
export type { Csc, Cvv } from '../brand.ts';
export type { CardColumns, PanelColumns } from './card-columns.ts';
export {
  type Cvv2ColumnsOptions,
  type CvvColumnsOptions,
  type CvvSetColumns,
  generateCvv2Columns,
  generateCvvColumns,
  generateCvvSetColumns,
  generateIcvvColumns,
  verifyCvv2Columns,
  verifyCvvColumns,
  verifyIcvvColumns,
} from './columns.ts';
export { type CscOptions, generateCsc, verifyCsc } from './csc.ts';
export {
  type Cvv2Data,
  type Cvv2Options,
  type CvvDigits,
  type CvvOptions,
  type ExpiryOrder,
  generateCvv,
  generateCvv2,
  generateIcvv,
} from './cvv.ts';
export {
  generateCvv2Many,
  generateCvvMany,
  generateIcvvMany,
  verifyCvv2Many,
  verifyCvvMany,
  verifyIcvvMany,
} from './many.ts';
export { verifyCvv, verifyCvv2, verifyIcvv } from './verify.ts';
