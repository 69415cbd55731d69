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
