/** A batch of values from digits, done in the kernel: chunks of columns in, chunks of results out. */

import type { SourceColumn } from '../bytes/digit-column.ts';
import type { DigitJob, OutputColumn } from '../bytes/digit-job.ts';
import { requireDigits } from '../bytes/digit-job.ts';
import type { BlockLayout } from '../bytes/layout.ts';
import { fail } from '../error.ts';
import {
  CHUNK_ROWS,
  COLUMNS,
  ENCODINGS,
  FIRST_KEY,
  FIRST_LAYOUT,
  KEYS,
  LAYOUT_BYTES,
  LAYOUT_PART_BYTES,
  LAYOUT_PARTS,
  LAYOUTS,
  OUTPUT_BYTES,
  OUTPUTS,
  TABLE,
} from './memory.ts';
import type { Kernel } from './slot.ts';

/** A column, and where its chunk lies in the kernel's memory. */
interface Placed {
  readonly column: SourceColumn;
  readonly at: number;
}

/** Digits that a vector holds. */
const VECTOR = 16;

/** Parts that a layout has room for. */
const MOST_PARTS = 5;

/** How the kernel tells the outputs apart. */
const KINDS = { blocks: 0, select: 1, map: 2 } as const;

/**
 * Does the job; what is secret is overwritten in the kernel's memory afterwards.
 *
 * @param masks  of EDE, and of the DES of first blocks where there are any
 */
export function encryptDigitsIn(
  kernel: Kernel,
  job: DigitJob,
  masks: Int32Array,
  firstMasks: Int32Array | undefined,
): void {
  const { output, rows } = job;
  const count = output.kind === 'blocks' ? 8 : output.digits;
  const placed = place(job);
  const last = placed.at(-1) as Placed;
  try {
    kernel.words.set(masks, KEYS / 4);
    if (firstMasks !== undefined) kernel.words.set(firstMasks, FIRST_KEY / 4);
    writeLayouts(kernel, job, placed);
    if (output.kind === 'map') writeTable(kernel, output.dectab, output.minuend, placed);
    const chained = job.first === undefined ? 0 : 1;
    for (let row = 0; row < rows; row += CHUNK_ROWS) {
      const some = Math.min(CHUNK_ROWS, rows - row);
      for (const { column, at } of placed)
        kernel.bytes.set(column.data.subarray(row * column.rowBytes, (row + some) * column.rowBytes), at);
      if (kernel.encryptDigits(some, chained, job.blocks.length, KINDS[output.kind], count) === 0)
        refuse(kernel, placed, row, some);
      for (const [variant, out] of job.out.entries()) takeOutput(kernel, variant, count, some, out, row);
    }
  } finally {
    kernel.bytes.fill(0, 0, OUTPUTS + OUTPUT_BYTES * Math.max(2, job.out.length));
    const used = Math.min(rows, CHUNK_ROWS) * last.column.rowBytes;
    kernel.bytes.fill(0, COLUMNS, last.at + used);
  }
}

/** Each column at a place of its own, a vector apart, since vectors read past the end of a column. */
function place({ columns, output }: DigitJob): Placed[] {
  const all = [...columns];
  if (output.kind === 'map' && output.minuend !== undefined && !all.includes(output.minuend))
    all.push(output.minuend);
  let at = COLUMNS;
  return all.map((column) => {
    const placed = { column, at };
    at += CHUNK_ROWS * column.rowBytes + VECTOR;
    return placed;
  });
}

function placeOf(placed: readonly Placed[], column: SourceColumn): number {
  return (placed.find((one) => one.column === column) as Placed).at;
}

/** Writes the layouts; the first that is evaluated checks the digits of all columns. */
function writeLayouts(kernel: Kernel, job: DigitJob, placed: readonly Placed[]): void {
  const layouts: [number, BlockLayout][] = job.blocks.map((layout, i) => [i, layout]);
  if (job.first !== undefined) layouts.unshift([FIRST_LAYOUT, job.first]);
  for (const [order, [number, layout]] of layouts.entries()) {
    const at = LAYOUTS + LAYOUT_BYTES * number;
    kernel.bytes.set(layout.constant, at);
    let parts = 0;
    for (const { column, at: data } of placed) {
      const isChecked = order === 0 && column.rule !== undefined;
      for (let vector = 0; VECTOR * vector < column.digits; vector++) {
        const picks = picksOf(layout, column, vector);
        if (picks === undefined && !isChecked) continue;
        if (parts === MOST_PARTS) fail('ERR_INTERNAL', 'layout', `at most ${MOST_PARTS} parts`);
        const part = at + LAYOUT_PARTS + LAYOUT_PART_BYTES * parts++;
        const step = column.encoding === 'bcd' ? VECTOR / 2 : VECTOR;
        kernel.words.set([data + step * vector, column.rowBytes, ENCODINGS[column.encoding]], part / 4);
        kernel.bytes.set(picks ?? new Uint8Array(VECTOR).fill(0x80), part + 16);
        // The lowest value of each digit, and how far above it the digit may be.
        const digits = isChecked ? Math.min(VECTOR, column.digits - VECTOR * vector) : 0;
        kernel.bytes.fill(0, part + 32, part + 48);
        kernel.bytes.fill(9, part + 48, part + 48 + digits);
        kernel.bytes.fill(255, part + 48 + digits, part + 64);
        if (isChecked && vector === 0 && column.rule?.leadingZero === false) {
          kernel.bytes[part + 32] = 1;
          kernel.bytes[part + 48] = 8;
        }
      }
    }
    kernel.words[at / 4 + 4] = parts;
  }
}

/** For each nibble the digit of a vector of a column that goes there, 128 where none does; `undefined` where all are none. */
function picksOf(layout: BlockLayout, column: SourceColumn, vector: number): Uint8Array | undefined {
  const picks = new Uint8Array(VECTOR).fill(0x80);
  let isPicked = false;
  for (const part of layout.parts) {
    if (part.column !== column) continue;
    for (let i = 0; i < part.count; i++) {
      const digit = part.from + i - VECTOR * vector;
      if (digit < 0 || digit >= VECTOR) continue;
      // A digit of a column goes to one nibble; what comes twice is two columns to a layout.
      if (picks[part.to + i] !== 0x80) fail('ERR_INTERNAL', 'layout', 'one digit of a column for a nibble');
      picks[part.to + i] = digit;
      isPicked = true;
    }
  }
  return isPicked ? picks : undefined;
}

function writeTable(
  kernel: Kernel,
  dectab: string,
  minuend: SourceColumn | undefined,
  placed: readonly Placed[],
): void {
  for (let i = 0; i < 16; i++) kernel.bytes[TABLE + i] = dectab.charCodeAt(i) - 0x30;
  if (minuend === undefined) return;
  const place = placeOf(placed, minuend);
  kernel.words.set([place, minuend.rowBytes, ENCODINGS[minuend.encoding]], TABLE / 4 + 4);
}

function takeOutput(
  kernel: Kernel,
  variant: number,
  count: number,
  rows: number,
  out: OutputColumn,
  row: number,
): void {
  const at = OUTPUTS + OUTPUT_BYTES * variant;
  const { buffer } = kernel.bytes;
  if (out instanceof Uint8Array) out.set(new Uint8Array(buffer, at, rows * count), row * count);
  else if (out instanceof Uint16Array) out.set(new Uint16Array(buffer, at, rows), row);
  else out.set(new Uint32Array(buffer, at, rows), row);
}

/** Refuses by what lies in the kernel: shared columns may have changed. Rows are counted from the start of the batch. */
function refuse(kernel: Kernel, placed: readonly Placed[], row: number, rows: number): never {
  for (const { column, at } of placed) {
    const data = kernel.bytes.subarray(at, at + rows * column.rowBytes);
    requireDigits([{ ...column, data }], 0, rows, row);
  }
  return fail('ERR_INTERNAL', 'columns', 'a row that is refused');
}
