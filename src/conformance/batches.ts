/**
 * The engines of batches on the published values: each value that single calls give is computed once more in every
 * row of a batch, by the kernel, and by the plain TypeScript that takes its place where there is none.
 */
import { bulkAes } from '../aes/bulk.ts';
import type { BlockCipher } from '../block-cipher.ts';
import { rowBytesOf, type SourceColumn } from '../bytes/digit-column.ts';
import type { DigitOutput } from '../bytes/digit-job.ts';
import { type BlockLayout, concatenated, wholeOf } from '../bytes/layout.ts';
import { bulkTdes } from '../des/bulk.ts';
import { kernelNow } from '../kernel/kernel.ts';
import { luhnSums } from '../kernel/luhn.ts';
import { switchKernel } from '../kernel/slot.ts';
import { Mismatch, same, sameBytes } from './verdict.ts';

/** Rows of a batch: more than any engine takes side by side without its passes being full. */
const ROWS = 33;

/** Runs a check with the kernel, where there is one, and without. */
export function onEveryEngine(check: () => void): void {
  kernelNow();
  check();
  try {
    switchKernel(false);
    check();
  } finally {
    switchKernel(true);
  }
}

/** The text in every row of a column. */
function columnOf(digits: string): SourceColumn {
  const data = Uint8Array.from(digits.repeat(ROWS), (digit) => digit.charCodeAt(0));
  return { data, digits: digits.length, encoding: 'ascii', rowBytes: rowBytesOf(digits.length, 'ascii') };
}

/** What the digits of one or two blocks give by a job of the bulk cipher, in every row. */
function runJob<O extends Uint8Array | Uint16Array | Uint32Array>(
  key: Uint8Array,
  digits: string,
  isChained: boolean,
  output: DigitOutput,
  out: O,
): O {
  const column = columnOf(digits);
  const blocks = concatenated([wholeOf(column)], isChained ? 2 : 1);
  bulkTdes(key).encryptDigits({
    rows: ROWS,
    columns: [column],
    first: isChained ? blocks[0] : undefined,
    blocks: [blocks.at(-1) as BlockLayout],
    output,
    out: [out],
  });
  return out;
}

/** Digits selected of the block, or of the second of two chained ones: CVV and PVV. */
export function sameSelection(name: string, key: Uint8Array, digits: string, published: string): void {
  const { length } = published;
  onEveryEngine(() => {
    const out = length > 4 ? new Uint32Array(ROWS) : new Uint16Array(ROWS);
    const output = { kind: 'select', digits: length } as const;
    for (const value of runJob(key, digits, digits.length > 16, output, out))
      same(`${name} in a batch`, String(value).padStart(length, '0'), published);
  });
}

/** Digits mapped of the block of validation data: natural PINs. Hex digits in the data are for single calls. */
export function sameMapping(key: Uint8Array, data: string, dectab: string, published: string): void {
  if (!/^[0-9]{16}$/.test(data)) return;
  const digits = published.length;
  onEveryEngine(() => {
    const output = { kind: 'map', digits, dectab } as const;
    const out = runJob(key, data, false, output, new Uint8Array(ROWS * digits));
    for (let row = 0; row < ROWS; row++)
      same('naturalPin in a batch', out.subarray(row * digits, (row + 1) * digits).join(''), published);
  });
}

/** Blocks of a message, over and over. */
export function sameBlocks(
  cipher: 'TDES' | 'AES',
  key: Uint8Array,
  plaintext: Uint8Array,
  ciphertext: Uint8Array,
): void {
  onEveryEngine(() => {
    const bulk: BlockCipher = cipher === 'TDES' ? bulkTdes(key) : bulkAes(key);
    const { length } = plaintext;
    const data = new Uint8Array(ROWS * length);
    for (let row = 0; row < ROWS; row++) data.set(plaintext, row * length);
    bulk.encryptBlocks(data, data);
    for (let row = 0; row < ROWS; row++)
      sameBytes('ciphertext in a batch', data.subarray(row * length, (row + 1) * length), ciphertext);
    bulk.decryptBlocks(data, data);
    for (let row = 0; row < ROWS; row++)
      sameBytes('plaintext in a batch', data.subarray(row * length, (row + 1) * length), plaintext);
  });
}

/** Luhn over a column; a number that a column does not hold is for single calls. */
export function sameLuhn(number: string, result: 'valid' | 'check-digit', published: string): void {
  if (!/^[0-9]{1,32}$/.test(number)) return;
  onEveryEngine(() => {
    const out = new Uint8Array(ROWS);
    luhnSums(columnOf(number), result, out);
    for (let row = 0; row < ROWS; row++) {
      const value = result === 'valid' ? (((out[row >> 3] as number) >> (row & 7)) & 1) === 1 : out[row];
      if (String(value) !== published) throw new Mismatch(`"${result}" in a batch is another`);
    }
  });
}
