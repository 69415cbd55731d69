/** Takes the traces of the subjects of a build, whose path is given, by counts of blocks; writes what came of them. */
import { pathToFileURL } from 'node:url';
import { Coverage } from '../coverage.ts';
import { traced } from '../measure.ts';
import type { Subject } from '../subject.ts';

/**
 * Calls whose counts are taken together: what varies by chance would have to come out the same fifty times. Taking
 * counts costs more than most calls, so that only the comparisons that all others use are counted call by call.
 */
const CALLS = 20;
const EACH = ['equalBytes: both', 'equalText: both'];

const { href } = pathToFileURL(process.argv[2] ?? '');
const coverage = new Coverage(href);
const { PURE, LEAKING }: { readonly PURE: readonly Subject[]; readonly LEAKING: readonly Subject[] } =
  await import(href);
coverage.learn();

const subjects = [];
for (const subject of PURE)
  if (subject.perOutcome === undefined)
    subjects.push(await traced(subject, coverage, EACH.includes(subject.name) ? 1 : CALLS));
const leaking = [];
for (const subject of LEAKING) leaking.push(await traced(subject, coverage, CALLS));
process.stdout.write(JSON.stringify({ subjects, leaking }));
