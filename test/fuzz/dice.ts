/** Choices that follow from a seed, and what they are made among. */
import { seededRandom } from '../support/arbitraries.ts';

/** A source of choices. */
export interface Dice {
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number;
}

/** The choices of a seed. */
export const diceOf = (seed: number): Dice => seededRandom(seed);

/** One of a list that is not empty. */
export function pick<T>(list: ArrayLike<T>, dice: Dice): T {
  return list[dice.below(list.length)] as T;
}

/** Whether something happens that does once in `times`. */
export function oneIn(times: number, dice: Dice): boolean {
  return dice.below(times) === 0;
}

/** A whole number of 31 bits out of texts and numbers (FNV-1a): the same wherever it is computed. */
export function seedOf(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of parts.join(' ')) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) & 0x7fffffff;
}
