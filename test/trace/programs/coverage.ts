/** Takes the traces of the subjects of a build, whose path is given, by counts of blocks; writes what came of them. */
import { pathToFileURL } from 'node:url';
import { Coverage } from '../coverage.ts';
import { traced } from '../measure.ts';
import type { Subject } from '../subject.ts';

/** Calls whose counts are taken together where a call is no plain comparison: what varies does not vary alike. */
const CALLS = 10;

const { href } = pathToFileURL(process.argv[2] ?? '');
const coverage = new Coverage(href);
const {
  PURE,
  COMPARISONS,
  LEAKING,
}: {
  readonly PURE: readonly Subject[];
  readonly COMPARISONS: readonly Subject[];
  readonly LEAKING: readonly Subject[];
} = await import(href);
coverage.learn();

const subjects = [];
for (const subject of PURE)
  if (subject.perOutcome === undefined)
    subjects.push(await traced(subject, coverage, COMPARISONS.includes(subject) ? 1 : CALLS));
const leaking = [];
for (const subject of LEAKING) leaking.push(await traced(subject, coverage, CALLS));
process.stdout.write(JSON.stringify({ subjects, leaking }));
