/** Luhn sums of a column of numbers: in the kernel, or in plain numbers where there is none. */
import { digitAt, refuseRow, rowsOf, type SourceColumn } from '../bytes/digit-column.ts';
import { requireDigits } from '../bytes/digit-job.ts';
import { kernelNow } from './kernel.ts';
import { CHUNK_ROWS, COLUMNS, ENCODINGS, LAYOUTS, OUTPUTS } from './memory.ts';
import type { Kernel } from './slot.ts';

/** What is asked for. */
export type LuhnResult = 'sum' | 'check-digit';

/** From how many rows on a call of the kernel pays. */
const KERNEL_FROM = 32;

/** Digits that a vector holds. */
const VECTOR = 16;

/**
 * The sums of the digits of each row modulo 10, every second digit doubled and cast out by nines, counted from the
 * right; or, of numbers without check digit, what is missing to the next ten. A byte a row. Where a row is refused `out` is zeros.
 *
 * @param result  `sum` of numbers with their check digit · `check-digit` of numbers without one
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

function sumIn(kernel: Kernel, column: SourceColumn, result: LuhnResult, out: Uint8Array): void {
  const { data, digits, encoding, rowBytes } = column;
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
  const chunk = CHUNK_ROWS * LUHN_CHUNKS;
  for (let row = 0; row < rows; row += chunk) {
    const some = Math.min(chunk, rows - row);
    const end = COLUMNS + some * rowBytes;
    kernel.bytes.set(data.subarray(row * rowBytes, (row + some) * rowBytes), COLUMNS);
    // The kernel looks at up to three rows more.
    kernel.bytes.fill(encoding === 'ascii' ? 0x30 : 0, end, end + 4 * rowBytes);
    if (kernel.luhn(COLUMNS, rowBytes, ENCODINGS[encoding], some, LAYOUTS, parts, missing) === 0) {
      const copy = new Uint8Array((row + some) * rowBytes);
      copy.set(kernel.bytes.subarray(COLUMNS, COLUMNS + some * rowBytes), row * rowBytes);
      requireDigits([{ ...column, data: copy }], row, some);
      refuseRow(column, row);
    }
    out.set(kernel.bytes.subarray(OUTPUTS, OUTPUTS + some), row);
  }
  kernel.bytes.fill(0, COLUMNS, COLUMNS + Math.min(rows, chunk) * rowBytes);
}

/** Chunks of other jobs that make one of this. */
const LUHN_CHUNKS = 4;

function sumPortably(column: SourceColumn, result: LuhnResult, out: Uint8Array): void {
  const rows = rowsOf(column);
  requireDigits([column], 0, rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    let isDoubled = result === 'check-digit';
    for (let i = column.digits - 1; i >= 0; i--) {
      const digit = digitAt(column, row, i);
      sum += isDoubled ? (digit > 4 ? 2 * digit - 9 : 2 * digit) : digit;
      isDoubled = !isDoubled;
    }
    out[row] = result === 'sum' ? sum % 10 : (10 - (sum % 10)) % 10;
  }
}
