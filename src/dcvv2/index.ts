/** Dynamic CVV2s: schemes over time, issued codes, and the budget they share with the static one. */
export type { UnixSeconds } from '../brand.ts';
export type { HashName } from '../mode/hmac.ts';
export {
  type CardCodeChecks,
  type CardCodeState,
  createCardCodeState,
  disableDynamicCvv2,
  enableDynamicCvv2,
  holdIssuedCode,
  type SchemeFloor,
  verifyCardCode,
} from './card-code.ts';
export {
  type DynamicCvv2Check,
  type DynamicCvv2Result,
  type DynamicCvv2Window,
  generateDynamicCvv2,
  verifyDynamicCvv2,
} from './dcvv2.ts';
export { type IssuedCode, type IssuedCodeSubject, issueDynamicCode, verifyIssuedCode } from './issued.ts';
export {
  type CustomDefinition,
  type CvvTimeDefinition,
  type CvvTimeDirectDefinition,
  type DynamicCvv2,
  type DynamicCvv2Card,
  defineDynamicCvv2,
  type TotpDefinition,
} from './scheme.ts';
export { parseUnixSeconds } from './step.ts';
