/** Traces of a subject over its secrets, whatever takes them. */
import { SECRETS, type Subject } from './subject.ts';

/** What each function did, as a number at its place; 0 where it did nothing. */
export type Trace = ArrayLike<number>;

/** Takes traces. */
export interface Tracer {
  /** Functions by their places: "bytes/equal.ts: equalBytes", or the latter part of that. */
  readonly names: readonly string[];
  take(run: () => Promise<void>): Promise<Trace>;
}

/** What came of all calls. */
export interface Traced {
  readonly name: string;
  readonly secrets: number;
  readonly outcomes: readonly string[];
  /** Different traces, those of the functions that may vary left out; of the outcome that has most. */
  readonly traces: number;
  /** Functions whose traces vary. */
  readonly varying: readonly string[];
}

/** Calls before the first that counts: what is made once is made then. */
const WARM_UP = 24;

/** How a call came out: what it gave, or the code of what it threw. */
async function outcomeOf(run: () => unknown): Promise<string> {
  try {
    return String(await run());
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code === undefined) throw error;
    return code;
  }
}

/** The traces of one outcome. */
class Group {
  readonly #first: Trace;
  readonly #mayVary: (place: number) => boolean;
  /** By what they have else than the first. */
  readonly different: Set<string> = new Set();
  readonly varying: Set<number> = new Set();

  constructor(first: Trace, mayVary: (place: number) => boolean) {
    this.#first = first;
    this.#mayVary = mayVary;
  }

  add(trace: Trace): void {
    let other = '';
    const places = Math.max(trace.length, this.#first.length);
    for (let place = 0; place < places; place++) {
      const did = trace[place] ?? 0;
      if (did === (this.#first[place] ?? 0)) continue;
      this.varying.add(place);
      if (!this.#mayVary(place)) other += `${place} ${did} `;
    }
    this.different.add(other);
  }
}

/**
 * Calls a subject with all its secrets.
 *
 * @param calls  how many go into one trace; 1 where outcomes are told apart
 */
export async function traced(subject: Subject, tracer: Tracer, calls = 1): Promise<Traced> {
  const { name, prepare, perOutcome = false, varying = {} } = subject;
  const isNamed = (place: number): boolean => {
    const function_ = tracer.names[place] ?? '';
    return Object.keys(varying).some((one) => one === function_ || one.endsWith(`: ${function_}`));
  };
  const groups = new Map<string, Group>();
  const outcomes = new Set<string>();
  const runs: (() => unknown)[] = [];
  for (let i = 0; i < SECRETS; i++) runs.push(await prepare(i));
  let outcome = '';
  const take = (some: readonly (() => unknown)[]): Promise<Trace> =>
    tracer.take(async () => {
      for (const run of some) {
        outcome = await outcomeOf(run);
        outcomes.add(outcome);
      }
    });
  for (let i = 0; i < WARM_UP; i++) await take([await prepare(i)]);
  for (let from = 0; from < SECRETS; from += calls) {
    const trace = await take(runs.slice(from, from + calls));
    const key = perOutcome ? outcome : '';
    const group = groups.get(key) ?? new Group(trace, isNamed);
    groups.set(key, group);
    group.add(trace);
  }
  const places = new Set([...groups.values()].flatMap((group) => [...group.varying]));
  return {
    name,
    secrets: SECRETS,
    outcomes: [...outcomes].sort(),
    traces: Math.max(...[...groups.values()].map(({ different }) => different.size)),
    varying: [...places].map((place) => tracer.names[place] ?? '').sort(),
  };
}
