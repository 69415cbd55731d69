/** The caller's columns that results are written to, and the bitmaps that answers are written to. */
import { fail, isUint8Array, isUint16Array, kindOf } from '../error.ts';
import { requireMemory } from '../input.ts';
import type { OutputColumn } from './digit-job.ts';

/** A Uint8Array of so many bytes to write to. */
export function requireOutBytes(out: unknown, field: string, bytes: number): Uint8Array {
  if (!isUint8Array(out) || out.length !== bytes)
    fail('ERR_INPUT', field, `a Uint8Array of ${bytes} bytes`, kindOf(out));
  return requireMemory(out, field);
}

/** A Uint16Array of so many numbers to write to. */
export function requireOutNumbers(out: unknown, field: string, rows: number): Uint16Array {
  if (!isUint16Array(out) || out.length !== rows)
    fail('ERR_INPUT', field, `a Uint16Array of ${rows} numbers`, kindOf(out));
  return out;
}

/**
 * Refuses memory to write to that is also read, or written to by another name: a chunk that was written would be read
 * again as input.
 */
export function requireApart(
  out: ArrayBufferView<ArrayBufferLike>,
  others: readonly ArrayBufferView<ArrayBufferLike>[],
  field: string,
): void {
  for (const other of others) {
    const isOverlapping =
      out.buffer === other.buffer &&
      out.byteOffset < other.byteOffset + other.byteLength &&
      other.byteOffset < out.byteOffset + out.byteLength;
    if (isOverlapping) fail('ERR_INPUT', field, 'memory of its own', 'memory of another argument');
  }
}

/** Runs what refuses rows; what was to be written is zeros then. */
export function zeroedOnRefusal(outs: readonly OutputColumn[], run: () => void, zero = 0): void {
  try {
    run();
  } catch (error) {
    for (const out of outs) out.fill(zero);
    throw error;
  }
}

/** Bytes of a bitmap of so many rows. */
export function bitmapBytes(rows: number): number {
  return (rows + 7) >> 3;
}

/**
 * Writes a bitmap: bit `row & 7` of byte `row >> 3`, 0 the lowest, is whether the two numbers of the row are
 * equal. Every row takes the same steps.
 */
export function writeEqual(
  bitmap: Uint8Array,
  values: Uint16Array | Uint8Array,
  candidates: Uint16Array | Uint8Array,
): void {
  const rows = values.length;
  for (let start = 0; start < rows; start += 8) {
    let byte = 0;
    for (let i = Math.min(rows, start + 8) - 1; i >= start; i--) {
      const difference = (values[i] as number) ^ (candidates[i] as number);
      byte = (byte << 1) | ((difference - 1) >>> 31);
    }
    bitmap[start >> 3] = byte;
  }
}
