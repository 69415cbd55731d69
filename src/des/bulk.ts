/**
 * TDES for many blocks at a time: the kernel where there is one, the portable bitslice where there is
 * none, and the scalar cipher for few blocks. All three give the same bytes.
 *
 * Building block, with the contract of `tdes.ts`, and one thing more: blocks that are put together from
 * columns of digits, and digits made of cipher blocks, which need not leave the kernel in between.
 */
import type { BlockCipher, TdesCipher } from '../block-cipher.ts';
import type { DigitJob } from '../bytes/digit-job.ts';
import { encryptDigitsIn } from '../kernel/digits.ts';
import { kernelNow } from '../kernel/kernel.ts';
import { CHUNK_ROWS, COLUMNS, KEYS, OUTPUTS } from '../kernel/memory.ts';
import type { Kernel } from '../kernel/slot.ts';
import { bitslicedBlocks } from './bitslice.ts';
import { encryptDigitsPortably } from './digits.ts';
import { DES_MASKS, keyMasks } from './masks.ts';
import { expandTdes, type Schedules, scalarDes, scalarTdes, type TdesSchedules } from './tdes.ts';

/** From how many blocks on a pass of the kernel costs less than scalar blocks; measured. */
export const KERNEL_FROM = 8;

/** The same of a pass of the portable bitslice. */
export const BITSLICE_FROM = 16;

/** TDES for many blocks. */
export interface BulkTdes extends TdesCipher {
  /**
   * The values of all rows, written chunk by chunk. Where a row is refused the outputs are zeros.
   *
   * @throws the code of a column of which a row is not all digits, naming the row
   */
  encryptDigits(job: DigitJob): void;
}

/** Key masks in the two forms in which they are used fastest: by the portable bitslice, and by the kernel. */
interface Masks {
  readonly numbers: number[];
  readonly words: Int32Array;
}

/** One DES, or the three of EDE. */
class BulkDes implements BlockCipher {
  readonly blockBytes = 8;
  readonly lanes = 128;
  readonly #scalar: BlockCipher;
  readonly #schedules: Schedules;
  readonly #masks: Map<readonly number[], Masks> = new Map();

  constructor(scalar: BlockCipher, schedules: Schedules) {
    this.#scalar = scalar;
    this.#schedules = schedules;
  }

  /** Key masks for encryption. */
  forwardMasks(): Masks {
    return this.#masksOf(this.#schedules.forward);
  }

  #masksOf(schedule: readonly number[]): Masks {
    let masks = this.#masks.get(schedule);
    if (masks === undefined) {
      const numbers = keyMasks(schedule);
      masks = { numbers, words: Int32Array.from(numbers) };
      this.#masks.set(schedule, masks);
    }
    return masks;
  }

  encryptWords(block: Int32Array): void {
    this.#scalar.encryptWords(block);
  }

  decryptWords(block: Int32Array): void {
    this.#scalar.decryptWords(block);
  }

  encryptBlocks(src: Uint8Array, dst: Uint8Array): void {
    if (src.length < 8 * KERNEL_FROM || !cryptMany(src, dst, this.forwardMasks()))
      this.#scalar.encryptBlocks(src, dst);
  }

  decryptBlocks(src: Uint8Array, dst: Uint8Array): void {
    if (src.length < 8 * KERNEL_FROM || !cryptMany(src, dst, this.#masksOf(this.#schedules.backward)))
      this.#scalar.decryptBlocks(src, dst);
  }

  wipe(): void {
    this.#scalar.wipe();
    for (const { numbers, words } of this.#masks.values()) {
      numbers.fill(0);
      words.fill(0);
    }
  }
}

/** Blocks through the kernel or the bitslice; false where there is no kernel, and too few for the bitslice. */
function cryptMany(src: Uint8Array, dst: Uint8Array, masks: Masks): boolean {
  const kernel = kernelNow();
  if (kernel !== undefined) cryptIn(kernel, src, dst, masks.words);
  else if (src.length >= 8 * BITSLICE_FROM) bitslicedBlocks(src, dst, masks.numbers);
  else return false;
  return true;
}

function cryptIn(kernel: Kernel, src: Uint8Array, dst: Uint8Array, masks: Int32Array): void {
  const chunkBytes = 8 * CHUNK_ROWS;
  const used = Math.min(src.length, chunkBytes);
  try {
    kernel.words.set(masks, KEYS / 4);
    for (let at = 0; at < src.length; at += chunkBytes) {
      const chunk = src.subarray(at, at + chunkBytes);
      kernel.bytes.set(chunk, COLUMNS);
      kernel.cryptBlocks(COLUMNS, OUTPUTS, chunk.length >>> 3, masks.length / DES_MASKS);
      dst.set(kernel.bytes.subarray(OUTPUTS, OUTPUTS + chunk.length), at);
    }
  } finally {
    kernel.bytes.fill(0, 0, OUTPUTS + used);
    kernel.bytes.fill(0, COLUMNS, COLUMNS + used);
  }
}

class BulkEde extends BulkDes implements BulkTdes {
  readonly #halves: readonly [BulkDes, BulkDes];

  constructor(schedules: TdesSchedules) {
    super(scalarTdes(schedules), schedules);
    const [k1, k2] = schedules.halves;
    this.#halves = [new BulkDes(scalarDes(k1), k1), new BulkDes(scalarDes(k2), k2)];
  }

  half(which: 1 | 2): BlockCipher {
    return this.#halves[which - 1] as BulkDes;
  }

  override wipe(): void {
    super.wipe();
    for (const half of this.#halves) half.wipe();
  }

  encryptDigits(job: DigitJob): void {
    if (job.rows === 0) return;
    // The kernel writes numbers of 16 bits: five digits are selected here.
    const isWide = job.output.kind === 'select' && job.output.digits > 4;
    const kernel = isWide || job.rows < KERNEL_FROM ? undefined : kernelNow();
    try {
      if (kernel === undefined) encryptDigitsPortably(this, job);
      else
        encryptDigitsIn(
          kernel,
          job,
          this.forwardMasks().words,
          job.first === undefined ? undefined : this.#halves[0].forwardMasks().words,
        );
    } catch (error) {
      for (const out of job.out) out.fill(0);
      throw error;
    }
  }
}

/** TDES for many blocks under 16 or 24 bytes, as `tdes`. */
export function bulkTdes(key: Uint8Array): BulkTdes {
  return new BulkEde(expandTdes(key));
}
