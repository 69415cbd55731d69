/** What a scenario of an operation is: what holds when it works, and every way in which it is refused. */
import type { ErrorCode } from '../../../src/error.ts';
import type { Issuer } from '../../../src/issuer/operations.ts';
import type { World, WorldOptions } from '../../support/world.ts';

/** Opens another world over the same store and keys: a second process, or the same one configured anew. */
export type Again = (options?: WorldOptions) => Promise<World>;

/** Prepares a refusal, and returns the call that must be refused. */
export type Refusal = (world: World, again: Again) => Promise<() => Promise<unknown>>;

/** A refusal that leaves the store other than it was, and why. */
export interface MarkedRefusal {
  readonly prepare: Refusal;
  /** A try of a card's PIN is paid, and nothing else changes; or somebody else writes in between. */
  readonly changes: 'a try' | 'by others';
}

/** The refusals of one code, each by what leads to it. */
export type Refusals = { readonly [when: string]: Refusal | MarkedRefusal };

/** One operation. */
export interface Scenario {
  readonly function: Exclude<keyof Issuer, 'accounts'>;
  /** One line for the table of operations. */
  readonly does: string;
  /** What holds, each in a world of its own. */
  readonly facts: { readonly [fact: string]: (world: World, again: Again) => Promise<void> };
  readonly errors: { readonly [Code in ErrorCode]?: Refusals };
}

/** A refusal that costs a try. */
export const payingATry = (prepare: Refusal): MarkedRefusal => ({ prepare, changes: 'a try' });

/** A refusal because of what others did meanwhile. */
export const whileOthersWrite = (prepare: Refusal): MarkedRefusal => ({ prepare, changes: 'by others' });
