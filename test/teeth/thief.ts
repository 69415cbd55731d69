/** What the attacks of several guards need: keys that are the same in every run, and guessing in order. */
import { createHash } from 'node:crypto';
import type { Pan } from '../../src/brand.ts';
import { importClearKey } from '../../src/keys/clear.ts';
import type { Key } from '../../src/keys/key.ts';
import type { KeyAttributes, KeyUsage, ModeOfUse } from '../../src/keys/usage.ts';
import { parsePan } from '../../src/pan/pan.ts';
import type { Cut } from './guard.ts';

function keyOf<const U extends KeyUsage>(name: string, attributes: KeyAttributes<U>): Key<U> {
  const bytes = createHash('sha512').update(name).digest().subarray(0, 16);
  return importClearKey(attributes, Uint8Array.from(bytes), { parity: 'adjust' });
}

/** A double-length TDES key of a name: the same in every run and in every build. */
export function tdesKey<const U extends KeyUsage>(
  name: string,
  usage: U,
  mode: ModeOfUse,
  exportability: 'E' | 'N' = 'N',
): Key<U> {
  return keyOf(name, { usage, algorithm: 'T', mode, exportability });
}

/** The same for AES. */
export function aesKey<const U extends KeyUsage>(name: string, usage: U, mode: ModeOfUse): Key<U> {
  return keyOf(name, { usage, algorithm: 'A', mode, exportability: 'N' });
}

/** A card of somebody else, and one of the thief's. Their numbers differ in the last digits only. */
export const VICTIM: Pan = parsePan('4000001234567899');
export const THIEF: Pan = parsePan('4000001234567907', { checkDigit: 'any' });

/**
 * The PIN of the victim's card: early among all, so that a search over them, which a guard stops at its first
 * question, is over soon where nothing stops it.
 */
export const PIN = '0271';

/** The first value of so many digits, in order, that is answered with yes; after a thousand the thief gives up. */
export function guess(digits: number, ask: (value: string) => boolean): string | undefined {
  for (let n = 0; n < Math.min(10 ** digits, 1000); n++) {
    const value = String(n).padStart(digits, '0');
    if (ask(value)) return value;
  }
  return undefined;
}

/** Whether it is refused, rather than answered. */
export function isRefused(ask: () => unknown): boolean {
  try {
    ask();
    return false;
  } catch {
    return true;
  }
}

/** No more tries than the limit: one is not taken beyond it, and a counter that is beyond it is refused. */
export const BUDGET: readonly Cut[] = [
  { file: 'tries/tries.ts', passage: 'if (isBlocked(checked)) return undefined;', instead: '' },
  { file: 'tries/tries.ts', passage: 'taken - cleared <= limit &&', instead: '' },
];
