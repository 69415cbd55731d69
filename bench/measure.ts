/**
 * How a job is timed: contenders agree first, then take turns for several rounds, and the median of the
 * rounds counts. A ratio is taken round by round, so that a machine that slows down slows both sides.
 */
import Benchmark from 'benchmark';
import type { Contender, Job } from './family.ts';

/** How long, and how often. */
export interface Effort {
  readonly rounds: number;
  readonly secondsARound: number;
  readonly warmUpSeconds: number;
}

export const FULL: Effort = { rounds: 15, secondsARound: 0.12, warmUpSeconds: 0.5 };
export const QUICK: Effort = { rounds: 7, secondsARound: 0.03, warmUpSeconds: 0.12 };

/** A contender's times: nanoseconds an operation. */
export interface Timing {
  readonly job: string;
  readonly unit: string;
  readonly contender: string;
  readonly nanoseconds: number;
  readonly lowest: number;
  readonly highest: number;
}

/** A ratio of the same rounds. */
export interface Ratio {
  readonly job: string;
  readonly of: string;
  readonly against: string;
  readonly goal: number | null;
  readonly measured: number;
}

/** What the last call returned, so that no engine can leave a call out. */
export let sink: unknown = '';

/** The middle of numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** Nanoseconds an operation, by one run of benchmark.js, or by the contender's own clock. */
function nanoseconds({ inputs }: Job, contender: Contender, seconds: number): number {
  const { run, time, operations = 1, around } = contender;
  if (time !== undefined) return time(seconds);
  let i = 0;
  const bench = new Benchmark(
    '',
    () => {
      sink = run(i);
      i = i + 1 === inputs ? 0 : i + 1;
    },
    // A call that does much is not to be called often before it is known how long it takes.
    { minSamples: 1, minTime: seconds / 4, maxTime: seconds, initCount: operations > 1 ? 1 : 64 },
  );
  around?.[0]();
  bench.run({ async: false });
  around?.[1]();
  if (bench.error !== undefined) throw bench.error;
  return (bench.stats.mean * 1e9) / operations;
}

/** The first contender and all that can agree with it do, on every input. */
function agree({ job, inputs, contenders }: Job): void {
  const answersOf = ({ run, answer, operations = 1, around }: Contender): string[] => {
    around?.[0]();
    if (operations > 1) run(0);
    const answers = Array.from({ length: inputs }, (_, i) =>
      answer === undefined ? String(run(i)) : answer(i),
    );
    around?.[1]();
    return answers;
  };
  const able = contenders.filter(({ isOther }) => isOther !== true);
  const [first, ...others] = able.map((contender) => ({ ...contender, answers: answersOf(contender) }));
  for (const { name, answers } of others)
    for (const [i, answer] of answers.entries())
      if (answer !== first?.answers[i]) throw new Error(`${job}: ${name} differs on input ${i}`);
}

function warmUp({ inputs, contenders }: Job, seconds: number): void {
  for (const { run, around, time } of contenders) {
    if (time !== undefined) continue;
    around?.[0]();
    const until = performance.now() + seconds * 1000;
    for (let i = 0; performance.now() < until; i = (i + 1) % inputs) sink = run(i);
    around?.[1]();
  }
}

/** A job's times and ratios. */
export function measure(job: Job, effort: Effort): { readonly timings: Timing[]; readonly ratios: Ratio[] } {
  agree(job);
  warmUp(job, effort.warmUpSeconds);
  const rounds = new Map<string, number[]>(job.contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < effort.rounds; round++)
    for (const contender of job.contenders)
      rounds.get(contender.name)?.push(nanoseconds(job, contender, effort.secondsARound));
  const timings = [...rounds].map(([contender, times]) => ({
    job: job.job,
    unit: job.unit,
    contender,
    nanoseconds: rounded(median(times)),
    lowest: rounded(Math.min(...times)),
    highest: rounded(Math.max(...times)),
  }));
  const ours = job.contenders[0].name;
  const ratio = (label: string, of: string, against: string, goal: number | null): Ratio => {
    const [a, b] = [rounds.get(of) as number[], rounds.get(against) as number[]];
    const measured = median(b.map((time, round) => time / (a[round] as number)));
    return { job: label, of, against, goal, measured: rounded(measured) };
  };
  const promised = job.goals
    .filter(({ against }) => rounds.has(against))
    .map(({ of = ours, against, goal, label = job.job }) => ratio(label, of, against, goal));
  const others = job.contenders
    .slice(1)
    .filter(({ name }) => !job.goals.some(({ of = ours, against }) => of === ours && against === name))
    .map(({ name }) => ratio(job.job, ours, name, null));
  return { timings, ratios: [...promised, ...others] };
}

/** Three figures. */
export function rounded(number: number): number {
  return Number(number.toPrecision(3));
}
