/**
 * Where what lies in the kernel's memory. The caller knows these places too (src/kernel/memory.ts),
 * writes inputs there, and overwrites what it wrote when a call is over.
 *
 *   0x00000  planes        64 planes of 16 bytes: the blocks that are enciphered
 *   0x00400  saved         64 planes: the first blocks of cards, while their second blocks vary
 *   0x00800  rows          64 vectors of two blocks: what is transposed, and what comes out
 *   0x00C00  blocks        64 vectors of two blocks: what goes in
 *   0x01000  nibbles       128 vectors: the 16 nibbles of each block
 *   0x01800  candidates    20 × 5 planes: digits that may be selected
 *   0x02200  digits        planes of selected digits and of the number that they make
 *   0x02800  first key     16 × 48 masks of 4 bytes, one DES
 *   0x03400  keys          3 × 16 × 48 masks, EDE
 *   0x05800  layouts       four layouts of 384 bytes
 *   0x05E00  table         decimalisation table and what it is subtracted from
 *   0x08000  outputs       three columns of 32 KiB
 *   0x20000  columns       inputs of a chunk
 *   0xC0000  FF1           leads, blocks, and the two halves of each number
 *   0xEF000  AES state     eight planes of 16 bytes
 *   0xF0000  AES keys      fifteen round keys, and the same as planes; they stay until others come or they are wiped
 *   0xF1000  tables        of AES; the only memory that the kernel comes with
 */
export const PLANES: usize = 0x0000;
export const SAVED: usize = 0x0400;
export const ROWS: usize = 0x0800;
export const BLOCKS: usize = 0x0c00;
export const NIBBLES: usize = 0x1000;
export const CANDIDATES: usize = 0x1800;
export const DIGITS: usize = 0x2200;
export const FIRST_KEY: usize = 0x2800;
export const KEYS: usize = 0x3400;
export const LAYOUTS: usize = 0x5800;
export const LAYOUT_BYTES: usize = 384;
export const TABLE: usize = 0x5e00;
export const OUTPUTS: usize = 0x8000;
export const OUTPUT_BYTES: usize = 0x8000;
export const FF1_LEADS: usize = 0xc0000;
export const FF1_BLOCKS: usize = 0xd0000;
export const FF1_CHANGED: usize = 0xe0000;
export const FF1_KEPT: usize = 0xe8000;
export const AES_STATE: usize = 0xef000;
export const AES_KEYS: usize = 0xf0000;
export const AES_PLANES: usize = 0xf0100;
