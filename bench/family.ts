/** What a family of benchmarks is: jobs, and contenders that must agree before they are timed. */

/** One way of doing a job: does it for input number `i` and returns a result that prints. */
export interface Contender {
  readonly name: string;
  readonly run: (i: number) => unknown;
}

/** A job that every contender does on the same inputs. */
export interface Job {
  readonly job: string;
  /** How many different inputs there are; contenders are called with 0 to this - 1. */
  readonly inputs: number;
  /** The first is ours. */
  readonly contenders: readonly [Contender, ...Contender[]];
  /** Ratios that are promised: ours over the named contender. */
  readonly goals: readonly { readonly against: string; readonly goal: number }[];
}
