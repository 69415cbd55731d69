/** What a family of benchmarks is: jobs, and contenders that must agree before they are timed. */

/** One way of doing a job. */
export interface Contender {
  readonly name: string;
  /** Does it for input `i`; returns something, so that no engine can leave the call out. */
  readonly run: (i: number) => unknown;
  /** How many operations a call does: 1 unless said. */
  readonly operations?: number;
  /** The answer for input `i` as text: what `run` returns unless said. */
  readonly answer?: (i: number) => string;
  /** Nanoseconds an operation, where a clock of its own is needed: another process. */
  readonly time?: (seconds: number) => number;
  /** Before and after a round: to switch the kernel off and on. */
  readonly around?: readonly [() => void, () => void];
  /** Whether it does something else on purpose, and cannot agree: another algorithm with the same purpose. */
  readonly isOther?: boolean;
}

/** A ratio that is promised: a contender, ours unless said, over another. */
export interface Goal {
  readonly against: string;
  readonly goal: number;
  /** Which of ours; the first contender unless said. */
  readonly of?: string;
  /** In the words of the table, where the name of the job does not say it. */
  readonly label?: string;
}

/** A job that every contender does on the same inputs. */
export interface Job {
  readonly job: string;
  /** What one operation is. */
  readonly unit: string;
  /** How many inputs are compared; contenders are called with 0 to this - 1. */
  readonly inputs: number;
  readonly contenders: readonly [Contender, ...Contender[]];
  readonly goals: readonly Goal[];
}

/** Jobs that share a chart. */
export interface Family {
  readonly family: string;
  readonly jobs: readonly Job[];
}
