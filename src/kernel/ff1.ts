/** FF1 for halves below 2^32 in the kernel: one number, or a column. */
import type { BlockCipher } from '../block-cipher.ts';
import { type SourceColumn, writeDigit } from '../bytes/digit-column.ts';
import {
  AES_STATE,
  AES_STATE_BYTES,
  COLUMNS,
  ENCODINGS,
  FF1_BLOCKS,
  FF1_CHANGED,
  FF1_KEPT,
  FF1_LEADS,
  FF1_ROWS,
} from './memory.ts';
import { type Kernel, useAesKeys, withLockedKernel } from './slot.ts';

/** How numerals split into halves: the moduli of A and B, and the bytes of a half in a block, 1 to 4. */
export interface Halves {
  readonly u: number;
  readonly v: number;
  readonly b: number;
  readonly modU: number;
  readonly modV: number;
}

/** Rounds of FF1. */
const ROUNDS = 10;

/**
 * The halves A and B of one number after ten rounds.
 *
 * @param cipher  AES that shows its round keys
 * @param lead    four words, big-endian
 */
export function ff1InKernel(
  kernel: Kernel,
  cipher: BlockCipher,
  { b, modU, modV }: Halves,
  lead: Int32Array,
  left: number,
  right: number,
  forward: boolean,
): [number, number] {
  const rounds = useAesKeys(kernel, cipher, cipher.roundKeys as Uint8Array);
  const { words } = kernel;
  for (let i = 0; i < 4; i++) words[FF1_LEADS / 4 + i] = turned(lead[i] as number);
  words[FF1_CHANGED / 4] = forward ? left : right;
  words[FF1_KEPT / 4] = forward ? right : left;
  kernel.ff1(modU, modV, b, forward ? 1 : 0, rounds);
  const changed = (words[FF1_CHANGED / 4] as number) >>> 0;
  const kept = (words[FF1_KEPT / 4] as number) >>> 0;
  words[FF1_CHANGED / 4] = words[FF1_KEPT / 4] = 0;
  words.fill(0, FF1_LEADS / 4, FF1_LEADS / 4 + 4);
  return forward ? [changed, kept] : [kept, changed];
}

/** The bytes of a word in the other order. */
function turned(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

/** A column to be enciphered or deciphered, `u + v` decimal digits a row. */
export interface Ff1Column {
  readonly rows: number;
  readonly halves: Halves;
  readonly forward: boolean;
  /** Digits of a column from digit `first` on, of which it is known that they are digits; or numbers that count up from `from`. */
  readonly source: { readonly column: SourceColumn; readonly first: number } | { readonly from: number };
  /** One lead for all, or the lead of each row: four words, big-endian. */
  readonly leadOf: Int32Array | ((row: number) => Int32Array);
  /** Where the result goes: from digit `first` on. */
  readonly target: { readonly column: SourceColumn; readonly first: number };
}

/**
 * FF1 of a column, chunk by chunk.
 *
 * @param cipher    AES that shows its round keys
 * @param platform  AES that is elsewhere, where one was handed in
 */
export function ff1ColumnInKernel(
  kernel: Kernel,
  cipher: BlockCipher,
  platform: BlockCipher | undefined,
  job: Ff1Column,
): void {
  const { leadOf } = job;
  const leadStep = typeof leadOf === 'function' ? 16 : 0;
  const forward = job.forward ? 1 : 0;
  const { modU, modV, b } = job.halves;
  try {
    if (typeof leadOf !== 'function') writeLead(kernel, FF1_LEADS, leadOf);
    for (let row = 0; row < job.rows; row += FF1_ROWS) {
      const rows = Math.min(FF1_ROWS, job.rows - row);
      if (typeof leadOf === 'function')
        for (let i = 0; i < rows; i++) writeLead(kernel, FF1_LEADS + 16 * i, leadOf(row + i));
      readChunk(kernel, job, row, rows);
      if (platform === undefined) {
        const aesRounds = useAesKeys(kernel, cipher, cipher.roundKeys as Uint8Array);
        kernel.ff1Many(rows, modU, modV, b, forward, aesRounds, leadStep);
      } else {
        withLockedKernel(() => roundsWith(kernel, platform, job, rows, leadStep));
      }
      writeChunk(kernel, job, row, rows);
    }
  } finally {
    // Runs of eight are looked at.
    const used = Math.min(job.rows, FF1_ROWS) + 8;
    for (const [start, bytes] of [
      [FF1_LEADS, 16],
      [FF1_BLOCKS, 16],
      [FF1_CHANGED, 4],
      [FF1_KEPT, 4],
    ] as const)
      kernel.bytes.fill(0, start, start + bytes * used);
    kernel.bytes.fill(0, AES_STATE, AES_STATE + AES_STATE_BYTES);
  }
}

/** The ten rounds with an AES that is elsewhere. */
function roundsWith(
  kernel: Kernel,
  platform: BlockCipher,
  { forward, halves }: Ff1Column,
  rows: number,
  leadStep: number,
): void {
  // A copy: whoever is handed the kernel's memory could read all of it.
  const blocks = new Uint8Array(16 * rows);
  for (let step = 0; step < ROUNDS; step++) {
    const i = forward ? step : ROUNDS - 1 - step;
    const isEven = (step & 1) === 0;
    kernel.ff1Blocks(rows, i, isEven ? FF1_KEPT : FF1_CHANGED, halves.b, leadStep);
    blocks.set(kernel.bytes.subarray(FF1_BLOCKS, FF1_BLOCKS + 16 * rows));
    platform.encryptBlocks(blocks, blocks);
    kernel.bytes.set(blocks, FF1_BLOCKS);
    const modulus = (i & 1) === 0 ? halves.modU : halves.modV;
    kernel.ff1Step(rows, isEven ? FF1_CHANGED : FF1_KEPT, modulus, forward ? 1 : 0);
  }
  blocks.fill(0);
}

function writeLead(kernel: Kernel, at: number, lead: Int32Array): void {
  for (let i = 0; i < 4; i++) kernel.words[at / 4 + i] = turned(lead[i] as number);
}

/** Where the halves A and B lie: the one that changes first is A in one direction, and B in the other. */
function placesOf(forward: boolean): readonly [number, number] {
  return forward ? [FF1_CHANGED, FF1_KEPT] : [FF1_KEPT, FF1_CHANGED];
}

function readChunk(kernel: Kernel, { source, halves, forward }: Ff1Column, row: number, rows: number): void {
  const [a, b] = placesOf(forward);
  if ('from' in source) {
    for (let i = 0; i < rows; i++) {
      const number = source.from + row + i;
      const high = Math.floor(number / halves.modV);
      kernel.words[a / 4 + i] = high;
      kernel.words[b / 4 + i] = number - high * halves.modV;
    }
    return;
  }
  const { column, first } = source;
  const { rowBytes, encoding, data } = column;
  kernel.bytes.set(data.subarray(row * rowBytes, (row + rows) * rowBytes), COLUMNS);
  kernel.readHalves(rows, COLUMNS, rowBytes, ENCODINGS[encoding], first, halves.u, halves.v, a, b);
  kernel.bytes.fill(0, COLUMNS, COLUMNS + rows * rowBytes);
}

function writeChunk(kernel: Kernel, { target, halves, forward }: Ff1Column, row: number, rows: number): void {
  const [a, b] = placesOf(forward);
  const { u, v } = halves;
  const { column, first } = target;
  const { rowBytes } = column;
  const { bytes } = kernel;
  if (column.encoding === 'ascii') {
    // The rows as they are, with the digits written into them.
    const chunk = column.data.subarray(row * rowBytes, (row + rows) * rowBytes);
    bytes.set(chunk, COLUMNS);
    kernel.writeHalves(rows, COLUMNS, rowBytes, first, u, v, a, b);
    chunk.set(bytes.subarray(COLUMNS, COLUMNS + rows * rowBytes));
    bytes.fill(0, COLUMNS, COLUMNS + rows * rowBytes);
    return;
  }
  const digits = u + v;
  kernel.writeHalves(rows, COLUMNS, digits, 0, u, v, a, b);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < digits; k++)
      writeDigit(column, row + i, first + k, (bytes[COLUMNS + i * digits + k] as number) - 0x30);
  bytes.fill(0, COLUMNS, COLUMNS + rows * digits);
}
