/** A batch of values from digits in plain numbers: what the kernel does, for where there is none. */
import type { TdesCipher } from '../block-cipher.ts';
import { mapDigits, selectDigits } from '../bytes/decimalize.ts';
import { digitAt } from '../bytes/digit-column.ts';
import { type DigitJob, elementsOf, type OutputColumn, requireDigits } from '../bytes/digit-job.ts';
import { layOut } from '../bytes/layout.ts';
import { readWord } from '../bytes/words.ts';
import { xorInto } from '../bytes/xor.ts';

/** Rows of a chunk: their blocks stay in the nearest cache. */
const CHUNK_ROWS = 1024;

/** Does the job with a cipher's blocks. */
export function encryptDigitsPortably(cipher: TdesCipher, job: DigitJob): void {
  const most = Math.min(job.rows, CHUNK_ROWS);
  const firsts = new Uint8Array(8 * most);
  const blocks = new Uint8Array(8 * most);
  for (let row = 0; row < job.rows; row += most) {
    const rows = Math.min(most, job.rows - row);
    requireDigits(job.columns, row, rows);
    const first = firsts.subarray(0, 8 * rows);
    const run = blocks.subarray(0, 8 * rows);
    if (job.first !== undefined) {
      layOut(job.first, row, rows, first);
      cipher.half(1).encryptBlocks(first, first);
    }
    for (const [variant, layout] of job.blocks.entries()) {
      layOut(layout, row, rows, run);
      if (job.first !== undefined) xorInto(run, first);
      cipher.encryptBlocks(run, run);
      writeOutput(job, job.out[variant] as OutputColumn, run, row);
    }
  }
  firsts.fill(0);
  blocks.fill(0);
}

function writeOutput({ output }: DigitJob, out: OutputColumn, blocks: Uint8Array, row: number): void {
  if (output.kind === 'blocks') {
    out.set(blocks, 8 * row);
    return;
  }
  const { digits } = output;
  for (let i = 0; i < blocks.length >>> 3; i++) {
    const high = readWord(blocks, 8 * i);
    const low = readWord(blocks, 8 * i + 4);
    const at = (row + i) * elementsOf(output);
    if (output.kind === 'select') {
      out[at] = selectDigits(high, low, digits);
      continue;
    }
    const mapped = mapDigits(high, low, output.dectab, digits);
    for (let k = 0; k < digits; k++) {
      const digit = mapped.charCodeAt(k) - 0x30;
      const { minuend } = output;
      out[at + k] = minuend === undefined ? digit : (digitAt(minuend, row + i, k) - digit + 10) % 10;
    }
  }
}
