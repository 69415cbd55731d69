/** Files of issued cards: CSV with a header line, or one JSON object a line (`.jsonl`). */
import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import * as v from 'valibot';
import { writeWhole } from './whole-file.ts';

const digits = (pattern: RegExp) => v.pipe(v.string(), v.regex(pattern));
const block = digits(/^[0-9A-F]{16}$/);

const RowSchema = v.strictObject({
  token: digits(/^[0-9A-Z]{12,19}$/),
  maskedPan: digits(/^[0-9]{6,8}\*+[0-9]{4}$/),
  expiry: digits(/^[0-9]{4}$/),
  serviceCode: digits(/^[0-9]{3}$/),
  pvki: digits(/^[0-9]$/),
  pvv: digits(/^[0-9]{4}$/),
  cvvBlock: block,
  cvv2Block: block,
  icvvBlock: block,
  pinBlock: block,
  pan: v.optional(digits(/^[0-9]{12,19}$/)),
  cvv: v.optional(digits(/^[0-9]{3}$/)),
  cvv2: v.optional(digits(/^[0-9]{3}$/)),
  icvv: v.optional(digits(/^[0-9]{3}$/)),
  pin: v.optional(digits(/^[0-9]{4,12}$/)),
});

/** A card as a file holds it: the token, the masked PAN, the PVV, and code blocks; clear values only if asked for. */
export type CardRow = v.InferOutput<typeof RowSchema>;

/** A file that is not one of cards; the message names line and column, never a value. */
export class CardFileError extends Error {
  override readonly name = 'CardFileError';
}

/** Columns of every file, and those that clear values add. */
export const CARD_COLUMNS = [
  'token',
  'maskedPan',
  'expiry',
  'serviceCode',
  'pvki',
  'pvv',
  'cvvBlock',
  'cvv2Block',
  'icvvBlock',
  'pinBlock',
] as const;
export const CLEAR_COLUMNS = ['pan', 'cvv', 'cvv2', 'icvv', 'pin'] as const;

function isJsonLines(path: string): boolean {
  return path.endsWith('.jsonl');
}

/** The text of a file of that name. */
export function formatCards(
  path: string,
  rows: readonly CardRow[],
  options: { readonly clear: boolean },
): string {
  const columns = options.clear ? [...CARD_COLUMNS, ...CLEAR_COLUMNS] : [...CARD_COLUMNS];
  return isJsonLines(path)
    ? rows.map((row) => `${JSON.stringify(row, columns)}\n`).join('')
    : stringify([...rows], { header: true, columns });
}

/** Writes the whole file or nothing, readable by its owner only. */
export async function writeCardFile(
  path: string,
  rows: readonly CardRow[],
  options: { readonly clear: boolean },
): Promise<void> {
  await writeWhole(path, formatCards(path, rows, options), 0o600);
}

/** The rows of a file, each checked for its shape. */
export async function readCardFile(path: string): Promise<CardRow[]> {
  return parseCards(path, await readFile(path, 'utf8'));
}

/** The rows in the text of a file of that name. */
export function parseCards(path: string, text: string): CardRow[] {
  let records: unknown[];
  try {
    records = isJsonLines(path)
      ? text
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as unknown)
      : (parse(text, { columns: true, skip_empty_lines: true }) as unknown[]);
  } catch {
    throw new CardFileError(`${path} is not a file of cards`);
  }
  return records.map((record, i) => {
    const result = v.safeParse(RowSchema, record);
    if (result.success) return result.output;
    const where = result.issues.map((issue) => v.getDotPath(issue) ?? 'the row');
    throw new CardFileError(`${path}: card ${i + 1}: see ${[...new Set(where)].join(', ')}`);
  });
}
