/** A family of algorithms: seeded cases, what the library makes of them, and what a second implementation does. */
import type { Draw } from '../../support/draw.ts';

/** Who computes. */
export type Side = 'library' | 'other';

export const SIDES: readonly Side[] = ['library', 'other'];

/** How many cases tests run. */
export type Tested = 500 | 1000 | 2500 | 5000 | 10_000;

/** All that they may be. */
export const TESTED: readonly Tested[] = [500, 1000, 2500, 5000, 10_000];

export interface Family {
  readonly name: string;
  /** The second implementation. */
  readonly other: string;
  /** How many cases each side does while the tests run: fewer than 10 000 where it is slow. */
  readonly tested: { readonly [S in Side]: Tested };
  /** What a side makes of case after case, without end: a line for each. */
  lines(side: Side, draw: Draw): Iterable<string>;
}

/** Cases of a group: they share keys. */
const GROUP = 100;

/** Rows of a column: more than one chunk of the engine. */
export const ROWS = 2500;

interface About<S, C> {
  readonly name: string;
  readonly other: string;
  /** 10 000 unless said. */
  readonly tested?: { readonly [S in Side]?: Tested };
  /** What a group shares. */
  readonly shared: (draw: Draw) => S;
  readonly next: (draw: Draw, shared: S) => C;
  /** The second implementation, one case at a time. */
  readonly oracle: (shared: S) => (one: C) => string;
}

function named<S, C>({ name, other, tested }: About<S, C>): Omit<Family, 'lines'> {
  return { name, other, tested: { library: 10_000, other: 10_000, ...tested } };
}

/** A family of functions that take one case at a time. */
export function family<S, C>(
  about: About<S, C> & { readonly library: (shared: S) => (one: C) => string },
): Family {
  const { shared, next, library, oracle } = about;
  return {
    ...named(about),
    *lines(side, draw) {
      for (;;) {
        const keys = shared(draw);
        const line = (side === 'library' ? library : oracle)(keys);
        for (let i = 0; i < GROUP; i++) yield line(next(draw, keys));
      }
    },
  };
}

/** A family of functions over columns, which take all rows at once. */
export function columnFamily<S, C>(
  about: About<S, C> & { readonly columns: (shared: S, rows: readonly C[]) => readonly string[] },
): Family {
  const { shared, next, columns, oracle } = about;
  return {
    ...named(about),
    *lines(side, draw) {
      for (;;) {
        const keys = shared(draw);
        const rows = Array.from({ length: ROWS }, () => next(draw, keys));
        if (side === 'library') yield* columns(keys, rows);
        else {
          const line = oracle(keys);
          for (const row of rows) yield line(row);
        }
      }
    },
  };
}
