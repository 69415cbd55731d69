/** Why mutants survive, as rules: the first that fits is the reason. */
import type { Survivor } from './report.ts';

interface Rule {
  readonly reason: string;
  fits(survivor: Omit<Survivor, 'reason'>, statement: string): boolean;
}

/** What no rule knows yet; the test of the report refuses it. */
export const NO_REASON = 'not looked at yet';

/** A statement that wipes what is not needed any more. */
const WIPES = /\.fill\(0\)|\bdestroy\(\)|\bwipe\(|\bfinally\b/;

export const RULES: readonly Rule[] = [
  {
    reason: 'what was found, in the words of a refusal; code, argument and what was expected are tested',
    fits: ({ mutator, original }, statement) =>
      mutator === 'StringLiteral' && /\bfail\(/.test(statement) && /^['"`]/.test(original),
  },
  {
    reason:
      'wipes memory that nothing outside can see any more; where something can, test/attack/memory looks',
    fits: ({ mutator }, statement) => mutator === 'BlockStatement' && WIPES.test(statement),
  },
  {
    reason: 'one step of a search that never takes so many; that it ends is tested with a stuck source',
    fits: ({ mutator, original }) => mutator === 'EqualityOperator' && /< MOST_DRAWS/.test(original),
  },
];

/** The reason for one survivor. */
export function reasonFor(survivor: Omit<Survivor, 'reason'>, statement: string): string {
  return RULES.find((rule) => rule.fits(survivor, statement))?.reason ?? NO_REASON;
}
