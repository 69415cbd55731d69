/** Luhn sums of a column of numbers: in the kernel, or in plain numbers where there is none. */
import { digitAt, refuseRow, rowsOf, type SourceColumn } from '../bytes/digit-column.ts';
import { requireDigits } from '../bytes/digit-job.ts';
import { kernelNow } from './kernel.ts';
import { CHUNK_ROWS, COLUMNS, ENCODINGS, LAYOUTS, OUTPUT_BYTES, OUTPUTS } from './memory.ts';
import type { Kernel } from './slot.ts';

/** What is asked for. */
export type LuhnResult = 'sum' | 'check-digit' | 'valid';

/** From how many rows on a call of the kernel pays. */
const KERNEL_FROM = 32;

/** Digits that a vector holds. */
const VECTOR = 16;

/**
 * What follows from the digits of each row, every second one doubled and cast out by nines, counted from the right. Where
 * a row is refused `out` is zeros.
 *
 * @param result  `sum`: modulo 10, a byte a row · `check-digit`: of numbers without one, what is missing to the next
 *                ten, a byte a row · `valid`: a bitmap, bit 0 of byte 0 first, of those whose sum is a multiple of ten
 * @throws the code of the column's rule, naming the row that is not all digits
 */
export function luhnSums(column: SourceColumn, result: LuhnResult, out: Uint8Array): void {
  const rows = rowsOf(column);
  const kernel = rows < KERNEL_FROM ? undefined : kernelNow();
  try {
    if (kernel === undefined) sumPortably(column, result, out);
    else sumIn(kernel, column, result, out);
  } catch (error) {
    out.fill(0);
    throw error;
  }
}

/**
 * Refuses a column of which a row is not all digits: sums look at every digit, and with the kernel that is the
 * quickest look there is.
 */
export function requireDigitsOf(column: SourceColumn): void {
  luhnSums(column, 'sum', new Uint8Array(rowsOf(column)));
}

function sumIn(kernel: Kernel, column: SourceColumn, result: LuhnResult, out: Uint8Array): void {
  const { digits, rowBytes } = column;
  const rows = rowsOf(column);
  const missing = result === 'check-digit' ? 1 : 0;
  const parts = Math.ceil(digits / VECTOR);
  // For each sixteen digits two vectors: which there are, and which of them are doubled.
  for (let i = 0; i < VECTOR * parts; i++) {
    const at = LAYOUTS + 2 * (i - (i % VECTOR)) + (i % VECTOR);
    const isDoubled = ((digits - i) & 1) === missing;
    kernel.bytes[at] = i < digits ? 255 : 0;
    kernel.bytes[at + VECTOR] = isDoubled ? 255 : 0;
  }
  try {
    sumChunks(kernel, column, result, parts, out);
  } finally {
    const used = Math.min(rows, CHUNK);
    kernel.bytes.fill(0, LAYOUTS, LAYOUTS + 2 * VECTOR * parts);
    kernel.bytes.fill(0, OUTPUTS, OUTPUTS + used + VECTOR);
    kernel.bytes.fill(0, OUTPUTS + OUTPUT_BYTES, OUTPUTS + OUTPUT_BYTES + used);
    kernel.bytes.fill(0, COLUMNS, COLUMNS + (used + 4) * rowBytes);
  }
}

/** Rows of a chunk. */
const CHUNK = 4 * CHUNK_ROWS;

function sumChunks(
  kernel: Kernel,
  column: SourceColumn,
  result: LuhnResult,
  parts: number,
  out: Uint8Array,
): void {
  const { data, encoding, rowBytes } = column;
  const missing = result === 'check-digit' ? 1 : 0;
  const rows = rowsOf(column);
  for (let row = 0; row < rows; row += CHUNK) {
    const some = Math.min(CHUNK, rows - row);
    const end = COLUMNS + some * rowBytes;
    kernel.bytes.set(data.subarray(row * rowBytes, (row + some) * rowBytes), COLUMNS);
    // The kernel looks at up to three rows more.
    kernel.bytes.fill(encoding === 'ascii' ? 0x30 : 0, end, end + 4 * rowBytes);
    const good = kernel.luhn(COLUMNS, rowBytes, ENCODINGS[encoding], some, LAYOUTS, parts, missing);
    if (good === 0 || hasLeadingZero(column, row, some)) {
      requireDigits([{ ...column, data: kernel.bytes.subarray(COLUMNS, end) }], 0, some, row);
      refuseRow(column, row);
    }
    if (result === 'valid') {
      kernel.zeroBits(some);
      // Bits beyond the last row are none.
      const last = OUTPUTS + OUTPUT_BYTES + (some >> 3);
      kernel.bytes[last] = (kernel.bytes[last] as number) & ((1 << (some & 7)) - 1);
      const bits = kernel.bytes.subarray(OUTPUTS + OUTPUT_BYTES, last + Number((some & 7) !== 0));
      out.set(bits, row >> 3);
    } else {
      out.set(kernel.bytes.subarray(OUTPUTS, OUTPUTS + some), row);
    }
  }
}

/** Whether a row has a first digit 0 that may not be. */
function hasLeadingZero(column: SourceColumn, from: number, rows: number): boolean {
  if (column.rule?.leadingZero !== false) return false;
  for (let row = from; row < from + rows; row++) if (digitAt(column, row, 0) === 0) return true;
  return false;
}

function sumPortably(column: SourceColumn, result: LuhnResult, out: Uint8Array): void {
  const rows = rowsOf(column);
  requireDigits([column], 0, rows);
  if (result === 'valid') out.fill(0);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    let isDoubled = result === 'check-digit';
    for (let i = column.digits - 1; i >= 0; i--) {
      const digit = digitAt(column, row, i);
      sum += isDoubled ? (digit > 4 ? 2 * digit - 9 : 2 * digit) : digit;
      isDoubled = !isDoubled;
    }
    const rest = sum % 10;
    if (result === 'valid') out[row >> 3] = (out[row >> 3] as number) | (Number(rest === 0) << (row & 7));
    else out[row] = result === 'sum' ? rest : (10 - rest) % 10;
  }
}
