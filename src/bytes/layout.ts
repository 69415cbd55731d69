/**
 * Blocks of sixteen nibbles, put together from columns of digits.
 *
 * A layout says for each nibble of a block which digit of which column it is, if any; what its parts
 * and its constant give for a nibble is joined by exclusive or. The second block of a CVV, for one, of a PAN of 19
 * digits, where the expiry is the same for all cards:
 *
 *   PAN, digits 16 to 18   16 17 18  .  .  .  .  .  .  .  .  .  .  .  .  .
 *   service code            .  .  .  .  .  .  .  0  1  2  .  .  .  .  .  .
 *   constant                0  0  0  2  8  1  2  0  0  0  0  0  0  0  0  0
 *
 * The kernel reads layouts as vectors (src/kernel/assembly/layout.ts); here they are interpreted.
 */
import type { SourceColumn } from './digit-column.ts';

/** Digits `from` to `from + count - 1` of a column, at nibbles `to` and on. */
export interface LayoutPart {
  readonly column: SourceColumn;
  readonly from: number;
  readonly count: number;
  readonly to: number;
}

/** A block. */
export interface BlockLayout {
  /** Sixteen nibbles. */
  readonly constant: Uint8Array;
  readonly parts: readonly LayoutPart[];
}

/** Something that stands in a row of digits: digits of a column, or hex digits that are the same in all rows. */
export type LayoutField =
  | { readonly column: SourceColumn; readonly from: number; readonly count: number }
  | string;

/** All digits of a column. */
export function wholeOf(column: SourceColumn): LayoutField {
  return { column, from: 0, count: column.digits };
}

/** `blocks` blocks of the fields, one after the other, filled up with zeros. */
export function concatenated(fields: readonly LayoutField[], blocks: number): BlockLayout[] {
  const constants = Array.from({ length: blocks }, () => new Uint8Array(16));
  const parts: LayoutPart[][] = constants.map(() => []);
  let at = 0;
  for (const field of fields) {
    const count = typeof field === 'string' ? field.length : field.count;
    for (let i = 0; i < count; ) {
      const block = (at + i) >> 4;
      const to = (at + i) & 15;
      const some = Math.min(count - i, 16 - to);
      if (typeof field !== 'string')
        (parts[block] as LayoutPart[]).push({ column: field.column, from: field.from + i, count: some, to });
      else
        for (let k = 0; k < some; k++)
          (constants[block] as Uint8Array)[to + k] = Number.parseInt(field[i + k] as string, 16);
      i += some;
    }
    at += count;
  }
  return constants.map((constant, block) => ({ constant, parts: parts[block] as LayoutPart[] }));
}

/** Two blocks joined by exclusive or. */
export function joined(a: BlockLayout, b: BlockLayout): BlockLayout {
  return {
    constant: a.constant.map((nibble, i) => nibble ^ (b.constant[i] as number)),
    parts: [...a.parts, ...b.parts],
  };
}

/** The blocks of rows `row` to `row + rows - 1`, 8 bytes each, whatever their digits are. */
export function layOut(layout: BlockLayout, row: number, rows: number, out: Uint8Array): void {
  const nibbles = new Uint8Array(16 * rows);
  for (let i = 0; i < nibbles.length; i += 16) nibbles.set(layout.constant, i);
  for (const part of layout.parts) addPart(part, row, rows, nibbles);
  for (let i = 0; i < 8 * rows; i++)
    out[i] = ((nibbles[2 * i] as number) << 4) | (nibbles[2 * i + 1] as number);
  nibbles.fill(0);
}

function addPart(
  { column, from, count, to }: LayoutPart,
  row: number,
  rows: number,
  nibbles: Uint8Array,
): void {
  const { data, encoding, rowBytes } = column;
  for (let i = 0; i < rows; i++) {
    const start = (row + i) * rowBytes;
    const target = 16 * i + to;
    for (let k = 0; k < count; k++) {
      const digit = from + k;
      const byte = data[encoding === 'bcd' ? start + (digit >> 1) : start + digit] as number;
      const nibble = encoding === 'bcd' && (digit & 1) === 0 ? byte >>> 4 : byte & 15;
      nibbles[target + k] = (nibbles[target + k] as number) ^ nibble;
    }
  }
}
