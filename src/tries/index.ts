/** Try counters: the state machine, and records in memory to run it on. */
export type { AttemptOutcome } from './attempt.ts';
export { createMemoryRecords } from './memory.ts';
export {
  createTryCounter,
  forgiveTries,
  isBlocked,
  issuerBlock,
  parseTryCounter,
  renewTries,
  type TryCounter,
  type TryTicket,
  takeTry,
  triesLeft,
  unblock,
} from './tries.ts';
