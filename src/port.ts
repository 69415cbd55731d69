/**
 * What the pure core is handed from outside: randomness, time, storage. Types only.
 */
import type { UnixSeconds } from './brand.ts';

/** A source of uniform random bytes. */
export interface RandomSource {
  /** Overwrites every byte of `out` with a fresh random one; throws where it cannot. */
  fill(out: Uint8Array): void;
}

/** A clock. */
export interface Clock {
  /** Whole seconds since the UNIX epoch. */
  now(): UnixSeconds;
}

/**
 * A record with compare-and-set: the only storage primitive the core needs.
 *
 * `read` returns `undefined` for an identifier it does not know, and throws when it cannot tell.
 * `compareAndSet` replaces the record when it still equals `expected` (by value) and answers
 * `'done'` once the change is durable; `'stale'` when it no longer equals, having changed nothing.
 * It throws when it does not know whether the change was made.
 */
export interface RecordPort<T> {
  read(id: string): Promise<T | undefined>;
  compareAndSet(id: string, expected: T, next: T): Promise<'done' | 'stale'>;
}
