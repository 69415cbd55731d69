/** Where what lies in the kernel's memory; src/kernel/assembly/memory.ts says what it is. */

export const FIRST_KEY = 0x2800;
export const KEYS = 0x3400;
export const LAYOUTS = 0x5800;
export const LAYOUT_BYTES = 384;
export const LAYOUT_PARTS = 32;
export const LAYOUT_PART_BYTES = 64;
export const TABLE = 0x5e00;
export const OUTPUTS = 0x8000;
export const OUTPUT_BYTES = 0x8000;
export const COLUMNS = 0x20000;

/** Rows of a chunk. Engines compile a function better between two calls of it: many short ones, not one long. */
export const CHUNK_ROWS = 2048;

/** Numbers by which the kernel tells encodings apart. */
export const ENCODINGS = { ascii: 0, bcd: 1, raw: 2 } as const;

/** The layout of first blocks. */
export const FIRST_LAYOUT = 3;

/** FF1: leads of 16 bytes, blocks, and the two halves of each number, 4 bytes each. */
export const FF1_LEADS = 0xc0000;
export const FF1_BLOCKS = 0xd0000;
export const FF1_CHANGED = 0xe0000;
export const FF1_KEPT = 0xe8000;

/** Eight blocks of AES as planes. */
export const AES_STATE = 0xef000;
export const AES_STATE_BYTES = 128;

/** Numbers of a chunk of FF1: their blocks stay in the nearest caches. */
export const FF1_ROWS = 1024;

/** Round keys of AES, as vectors and as planes. */
export const AES_KEYS = 0xf0000;
export const AES_KEYS_BYTES = 0x1000;

/** All of it. */
export const MEMORY_BYTES = 0x100000;
