/**
 * Tables of AES, sixteen bytes each, as they are explained in tools/kernel/aes-tables.ts.
 *
 * Made by tools/kernel/generate.ts: change that, not this.
 */
export const LOW: usize = memory.data<u8>([0, 16, 245, 229, 49, 33, 196, 212, 17, 1, 228, 244, 32, 48, 213, 197], 16);
export const HIGH: usize = memory.data<u8>([0, 156, 254, 98, 220, 64, 34, 190, 226, 126, 28, 128, 62, 162, 192, 92], 16);
export const INVERSE: usize = memory.data<u8>([128, 1, 8, 13, 15, 6, 5, 14, 2, 12, 11, 10, 9, 3, 7, 4], 16);
export const A_OVER: usize = memory.data<u8>([128, 12, 13, 11, 5, 4, 6, 9, 14, 7, 15, 3, 1, 2, 8, 10], 16);
export const S_IO: usize = memory.data<u8>([0, 144, 220, 226, 191, 243, 62, 47, 93, 114, 17, 129, 76, 205, 99, 174], 16);
export const S_JO: usize = memory.data<u8>([0, 71, 91, 201, 79, 83, 146, 8, 134, 142, 154, 221, 28, 193, 20, 213], 16);
export const TWICE_IO: usize = memory.data<u8>([0, 191, 226, 104, 169, 244, 138, 22, 193, 215, 156, 35, 93, 126, 75, 53], 16);
export const TWICE_JO: usize = memory.data<u8>([0, 176, 4, 8, 135, 51, 12, 55, 143, 184, 59, 139, 180, 63, 131, 188], 16);
export const LAST_IO: usize = memory.data<u8>([0, 177, 64, 128, 121, 136, 192, 200, 249, 49, 8, 185, 241, 72, 57, 113], 16);
export const LAST_JO: usize = memory.data<u8>([0, 211, 115, 174, 148, 52, 221, 71, 58, 125, 154, 73, 160, 233, 231, 14], 16);
export const ROWS: usize = memory.data<u8>([0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11], 16);
export const ROWS_1: usize = memory.data<u8>([5, 10, 15, 0, 9, 14, 3, 4, 13, 2, 7, 8, 1, 6, 11, 12], 16);
export const ROWS_2: usize = memory.data<u8>([10, 15, 0, 5, 14, 3, 4, 9, 2, 7, 8, 13, 6, 11, 12, 1], 16);
export const ROWS_3: usize = memory.data<u8>([15, 0, 5, 10, 3, 4, 9, 14, 7, 8, 13, 2, 11, 12, 1, 6], 16);
export const TURN_2: usize = memory.data<u8>([2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13], 16);
