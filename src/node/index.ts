/** What only Node has: the ciphers of its OpenSSL for batches, and worker threads. */
export { nodeCiphers } from './ciphers.ts';
export { createWorkerPool, sharedBytes, sharedNumbers, type WorkerPool } from './pool.ts';
