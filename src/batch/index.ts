/** What spans several families: columns as such, whole cards by the batch, and the kernel that makes both fast. */
export type { DigitColumn, DigitEncoding } from '../bytes/digit-column.ts';
export { digitColumn, digitTexts, numberTexts } from '../bytes/text-column.ts';
export { kernelBinary, loadKernel } from '../kernel/kernel.ts';
export type { BackendOptions } from '../keys/bulk.ts';
export type { CipherBackend, PlatformCipher } from '../port.ts';
export type { CardBatch } from './card-batch.ts';
export {
  type IssuedColumns,
  type IssueOptions,
  issueChunks,
  issueColumns,
} from './issue.ts';
