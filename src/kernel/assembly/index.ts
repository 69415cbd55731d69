/** What the kernel offers. Addresses are said in memory.ts. */
export { prepareAesKeys } from './aes';
export { encryptAesBlocks } from './aes-planes';
export { cryptBlocks } from './blocks';
export { encryptDigits } from './digits';
export { ff1, ff1Blocks, ff1Many, ff1Step, readHalves, writeHalves } from './ff1';
export { luhn, zeroBits } from './luhn';
