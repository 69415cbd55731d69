/** Why mutants survive, as rules: the first that fits is the reason. */
import type { Survivor } from './report.ts';

interface Rule {
  readonly reason: string;
  fits(survivor: Omit<Survivor, 'reason'>, statement: string): boolean;
}

/** What no rule knows yet; the test of the report refuses it. */
export const NO_REASON = 'not looked at yet';

export const RULES: readonly Rule[] = [
  {
    reason: 'what was found, in the words of a refusal; code, argument and what was expected are tested',
    fits: ({ mutator, original }, statement) =>
      mutator === 'StringLiteral' && /\bfail\(/.test(statement) && /^['"`]/.test(original),
  },
];

/** The reason for one survivor. */
export function reasonFor(survivor: Omit<Survivor, 'reason'>, statement: string): string {
  return RULES.find((rule) => rule.fits(survivor, statement))?.reason ?? NO_REASON;
}
