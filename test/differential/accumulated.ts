/**
 * One hash over the outputs of many cases: two implementations that agree on it agree on every case. Constants of
 * runs in which they did are in accumulated.json.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Draw } from '../support/draw.ts';
import { CARD_VALUES } from './families/card-values.ts';
import { CIPHERS } from './families/ciphers.ts';
import { COLUMNS } from './families/columns.ts';
import { DYNAMIC } from './families/dynamic.ts';
import type { Family, Side } from './families/family.ts';
import { KEYS } from './families/keys.ts';
import { PINS } from './families/pins.ts';
import { TOKENS } from './families/tokens.ts';

export const FAMILIES: readonly Family[] = [
  ...CARD_VALUES,
  ...DYNAMIC,
  ...PINS,
  ...CIPHERS,
  ...KEYS,
  ...TOKENS,
  ...COLUMNS,
];

/** Hashes by how many cases they are over. */
export type Hashes = { readonly [cases: string]: string };

/** What accumulated.json holds: hashes that both sides came to. */
export interface Agreed {
  readonly about: string;
  /** The families that were not run to ten million cases. */
  readonly belowTenMillion: readonly string[];
  readonly families: { readonly [name: string]: { readonly other: string; readonly hashes: Hashes } };
}

export const AGREED_FILE: URL = new URL('accumulated.json', import.meta.url);

/** The hashes that are written down. */
export function readAgreed(file: URL | string): Agreed {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Characters that are hashed at once. */
const PIECE = 65_536;

/**
 * The hashes of a side after each of these numbers of cases, which ascend.
 *
 * @param told  is called from time to time with the number of cases done
 */
export function accumulate(
  family: Pick<Family, 'name' | 'lines'>,
  side: Side,
  counts: readonly number[],
  told: (done: number) => void = () => undefined,
): Hashes {
  const hash = createHash('sha256');
  const hashes: Record<string, string> = {};
  let [done, next, piece] = [0, 0, ''];
  for (const line of family.lines(side, new Draw(family.name))) {
    piece += `${line}\n`;
    done++;
    const wanted = done === counts[next];
    if (!wanted && piece.length < PIECE) continue;
    hash.update(piece);
    piece = '';
    told(done);
    if (!wanted) continue;
    hashes[done] = hash.copy().digest('hex');
    if (++next === counts.length) break;
  }
  return hashes;
}
