/** What only Node has: the ciphers of its OpenSSL for batches, and worker threads. */

export {
  type AuditChain,
  type AuditFile,
  AuditFileError,
  openAuditFile,
  verifyAuditFile,
} from './audit-file.ts';
export { nodeCiphers } from './ciphers.ts';
export {
  ExportFileError,
  type ExportSummary,
  exportFileSink,
  readExportFile,
  verifyExportFile,
} from './export-file.ts';
export { createWorkerPool, sharedBytes, sharedNumbers, type WorkerPool } from './pool.ts';
