/** The cases of a target: its seeds under a few changes each, all of them following from a number. */
import fc from 'fast-check';
import { diceOf, seedOf } from './dice.ts';
import { type Finding, type Input, judge, type Target } from './target.ts';

/** Cases that are generated from one seed. */
export const CHUNK = 500;

/** Most changes of a case. */
const MOST_CHANGES = 6;

/** A seed of the target, then changes: shrinking takes changes away, and comes to the first seeds. */
export function casesOf(target: Target): fc.Arbitrary<Input> {
  const places = fc.nat({ max: target.seeds.length - 1 });
  const changes = fc.array(fc.nat(), { maxLength: MOST_CHANGES, size: 'max' });
  return fc
    .tuple(places, changes)
    .map(([place, seeds]) =>
      seeds.reduce((input, seed) => target.change(input, diceOf(seed)), target.seeds[place] as Input),
    );
}

/** Where a case is found again: the seed of its chunk, and its path in it as fast-check counts. */
export interface Place {
  readonly seed: number;
  readonly path: string;
}

/** A finding, where it first came, and how often. */
export interface Found extends Finding, Place {
  readonly times: number;
}

/** What came of some cases. */
export interface Tally {
  readonly cases: number;
  readonly accepted: number;
  readonly refused: number;
  readonly findings: readonly Found[];
}

export const NOTHING: Tally = { cases: 0, accepted: 0, refused: 0, findings: [] };

/** Two tallies as one; findings of one kind are one. */
export function together(one: Tally, other: Tally): Tally {
  const findings = new Map<string, Found>();
  for (const found of [...one.findings, ...other.findings]) {
    const name = `${found.kind} ${found.what}`;
    const known = findings.get(name);
    findings.set(name, known === undefined ? found : { ...known, times: known.times + found.times });
  }
  return {
    cases: one.cases + other.cases,
    accepted: one.accepted + other.accepted,
    refused: one.refused + other.refused,
    findings: [...findings.values()],
  };
}

/** Runs a chunk of a run; `started` is told the seed and the place of each case before it runs. */
export async function runChunk(
  target: Target,
  seed: number,
  count: number,
  started?: (place: number) => void,
): Promise<Tally> {
  const tally = { cases: count, accepted: 0, refused: 0 };
  const findings: Found[] = [];
  const inputs = fc.sample(casesOf(target), { seed, numRuns: count });
  for (const [place, input] of inputs.entries()) {
    started?.(place);
    const verdict = await judge(target, input);
    if (typeof verdict === 'string') tally[verdict]++;
    else findings.push({ ...verdict, seed, path: String(place), times: 1 });
  }
  return together(NOTHING, { ...tally, findings });
}

/** The seed of a chunk of a run. */
export function chunkSeed(seed: number, target: Target, chunk: number): number {
  return seedOf(seed, target.name, chunk);
}

/** Runs so many cases of a target. */
export async function runTarget(target: Target, seed: number, cases: number): Promise<Tally> {
  let tally = NOTHING;
  for (let chunk = 0; chunk * CHUNK < cases; chunk++) {
    const count = Math.min(CHUNK, cases - chunk * CHUNK);
    tally = together(tally, await runChunk(target, chunkSeed(seed, target, chunk), count));
  }
  return tally;
}

/** The verdict on a case that is found again, and its input; shrunk as far as the finding stays of its kind. */
export async function replay(
  target: Target,
  { seed, path }: Place,
  shrink: boolean,
): Promise<{ readonly place: Place; readonly input: Input; readonly finding: Finding | undefined }> {
  let first: Finding | undefined;
  const property = fc.asyncProperty(casesOf(target), async (input) => {
    const verdict = await judge(target, input);
    if (typeof verdict === 'string') return true;
    first ??= verdict;
    return verdict.kind !== first.kind || verdict.what !== first.what;
  });
  const details = await fc.check(property, { seed, path, numRuns: 1, endOnFailure: !shrink });
  const input = details.counterexample?.[0];
  if (input === undefined) {
    const inputs = fc.sample(casesOf(target), { seed, path, numRuns: 1 });
    return { place: { seed, path }, input: inputs[0] as Input, finding: undefined };
  }
  return { place: { seed, path: details.counterexamplePath ?? path }, input, finding: first };
}
