/** What the kernel offers. Addresses are said in memory.ts. */
export { cryptBlocks } from './blocks';
export { encryptDigits, luhn } from './digits';
