/**
 * The same by another method: how often V8 runs each block of the source as it is, counted by V8 itself. Of what
 * needs neither an HSM nor a sealed form.
 */
import { describe, expect, it } from 'vitest';
import { tellFigures } from '../support/figures.ts';
import { countedSubjects } from './builds.ts';

/** What stops early shows in counts of blocks; what only reads elsewhere does not. */
const SEEN_BY_COUNTS = ['a comparison that stops early', 'a list that is searched'];

const { subjects, leaking } = await countedSubjects();

describe('JS-12, JS-13 counts of blocks', () => {
  for (const { name, secrets, traces } of subjects)
    it(`are the same for all secrets: ${name}`, () => {
      expect(traces).toBe(1);
      tellFigures('trace', `${name}, by counts of blocks`, { secrets, traces });
    });

  it.each(SEEN_BY_COUNTS)('tell secrets apart, as they should: %s', (name) => {
    expect(leaking.find((found) => found.name === name)?.traces ?? 0).toBeGreaterThan(5);
  });
});
