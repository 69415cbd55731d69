/**
 * Whether what runs depends on a secret: every branch that is taken and every index that is used, written down by an
 * instrumented build. Comparisons, and what leads to them, over a thousand secrets each: equal ones, ones that differ
 * in the first place, in the last, in all, in one, from one on.
 */
import { describe, expect, it } from 'vitest';
import { tellFigures } from '../support/figures.ts';
import { recordedSubjects } from './builds.ts';
import { traced } from './measure.ts';

const { SUBJECTS, LEAKING, tracer } = await recordedSubjects();

describe('JS-12, JS-13 branches and indexes', () => {
  for (const subject of SUBJECTS)
    it(`are the same for all secrets: ${subject.name}`, async () => {
      const found = await traced(subject, tracer);
      expect(found.outcomes).toEqual(subject.outcomes);
      expect(found.varying).toEqual(Object.keys(subject.varying ?? {}).sort());
      expect(found.traces).toBe(1);
      tellFigures('trace', subject.name, {
        secrets: found.secrets,
        traces: found.traces,
        functionsLeftOut: found.varying.length,
      });
    });

  for (const subject of LEAKING)
    it(`tell secrets apart, as they should: ${subject.name}`, async () => {
      const found = await traced(subject, tracer);
      expect(found.outcomes).toEqual(subject.outcomes);
      expect(found.traces).toBeGreaterThan(15);
      tellFigures('trace', subject.name, { secrets: found.secrets, traces: found.traces });
    });
});
