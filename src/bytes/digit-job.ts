/** A batch of values that are computed from digits: what a family asks of the bulk cipher. */
import { firstWrongRow, refuseRow, type SourceColumn } from './digit-column.ts';
import type { BlockLayout } from './layout.ts';

/** A column of results. */
export type OutputColumn = Uint8Array | Uint16Array | Uint32Array;

/** What becomes of cipher blocks. */
export type DigitOutput =
  /** The blocks, 8 bytes a row. */
  | { readonly kind: 'blocks' }
  /** So many selected decimal digits, 1 to 5, as a number; of 32 bits where there are five. */
  | { readonly kind: 'select'; readonly digits: number }
  /** So many leading nibbles through a decimalisation table, a byte of 0 to 9 each; or a column less these, modulo 10. */
  | {
      readonly kind: 'map';
      readonly digits: number;
      readonly dectab: string;
      readonly minuend?: SourceColumn | undefined;
    };

/** The batch. */
export interface DigitJob {
  readonly rows: number;
  /** Every column that takes part; those that have a rule are checked, digit by digit. */
  readonly columns: readonly SourceColumn[];
  /** What goes through single DES under K1 first, and is then added to each of the blocks. */
  readonly first?: BlockLayout | undefined;
  /** One block, or up to three. */
  readonly blocks: readonly BlockLayout[];
  readonly output: DigitOutput;
  /** A column for each of the blocks. */
  readonly out: readonly OutputColumn[];
}

/** Elements of an output column for a row. */
export function elementsOf(output: DigitOutput): number {
  return output.kind === 'blocks' ? 8 : output.kind === 'select' ? 1 : output.digits;
}

/**
 * Refuses the first of the rows that has something else than digits where digits are asked for.
 *
 * @param first  the number of row 0 where the columns are part of larger ones
 */
export function requireDigits(columns: readonly SourceColumn[], from: number, rows: number, first = 0): void {
  for (const column of columns) {
    const wrong = column.rule === undefined ? -1 : firstWrongRow(column, from, rows);
    if (wrong >= 0) refuseRow(column, first + wrong);
  }
}
