/**
 * FF1 over a column of decimal numbers of one length: in the kernel where there is one, and one after the other where
 * there is none, or where halves have more than nine digits.
 */
import type { BlockCipher } from '../block-cipher.ts';
import { rowText, type SourceColumn, writeDigit } from '../bytes/digit-column.ts';
import { type Ff1Column, ff1ColumnInKernel } from '../kernel/ff1.ts';
import { kernelIfLoaded } from '../kernel/slot.ts';
import { ff1 } from './ff1.ts';

/** A column to be enciphered or deciphered. */
export interface Ff1ColumnJob {
  readonly rows: number;
  /** Digits of each number. */
  readonly digits: number;
  readonly direction: 'encrypt' | 'decrypt';
  readonly source: Ff1Column['source'];
  /** One tweak for all, or that of each row; the same object for the same tweak is quickest. */
  readonly tweak: Uint8Array | ((row: number) => Uint8Array);
  readonly target: Ff1Column['target'];
}

/** AES for many blocks; see `aes/bulk.ts`. */
interface ManyBlocks extends BlockCipher {
  readonly roundKeys: Uint8Array;
  readonly platform: BlockCipher | undefined;
}

/** Does the job. */
export function cryptFf1Column(cipher: ManyBlocks, job: Ff1ColumnJob): void {
  const { tweak } = job;
  const mode = ff1(cipher, 10);
  const shape = mode.shape(job.digits);
  const kernel = shape.modV < 2 ** 32 ? kernelIfLoaded() : undefined;
  if (kernel === undefined) {
    cryptPortably(mode, job);
    return;
  }
  const forward = job.direction === 'encrypt';
  const leadOf =
    typeof tweak === 'function' ? (row: number) => shape.leads.lead(tweak(row)) : shape.leads.lead(tweak);
  ff1ColumnInKernel(kernel, cipher, cipher.platform, { ...job, halves: shape, forward, leadOf });
}

function cryptPortably(
  mode: ReturnType<typeof ff1>,
  { rows, digits, direction, source, tweak, target }: Ff1ColumnJob,
): void {
  for (let row = 0; row < rows; row++) {
    const text =
      'from' in source
        ? String(source.from + row).padStart(digits, '0')
        : rowText(source.column, row).slice(source.first, source.first + digits);
    const own = typeof tweak === 'function' ? tweak(row) : tweak;
    writeText(target.column, row, target.first, cryptText(mode, text, own, direction));
  }
}

/** Digits of any number; halves of more than fifteen are no numbers that stay exact. */
function cryptText(
  mode: ReturnType<typeof ff1>,
  text: string,
  tweak: Uint8Array,
  direction: 'encrypt' | 'decrypt',
): string {
  return text.length <= 30
    ? mode.cryptDigits(text, tweak, direction)
    : mode[direction](Array.from(text, Number), tweak).join('');
}

/** Writes digits from digit `first` of a row on. */
export function writeText(column: SourceColumn, row: number, first: number, text: string): void {
  for (let i = 0; i < text.length; i++) writeDigit(column, row, first + i, text.charCodeAt(i) - 0x30);
}
