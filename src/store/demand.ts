/** What the cases of the contract are written with. */
import type { Change, CommitAnswer, Store, StoreRecord } from './port.ts';

/** A demand that a store does not meet. */
class Broken extends Error {
  override readonly name = 'StoreContractBroken';
}

/** What a case may do beside using the store that it is given. */
export interface Connections {
  /** Another connection to the store of the case. */
  again(): Promise<Store>;
  close(store: Store): Promise<void>;
}

/** Cases by what they demand. */
export type Cases = Readonly<Record<string, (store: Store, connections: Connections) => Promise<void>>>;

/** Throws unless it holds. */
export function demand(holds: boolean, what: string): void {
  if (!holds) throw new Broken(what);
}

/** As JSON, the fields of an object in the order of their names. */
function textOf(value: unknown): string | undefined {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

/** Throws unless both are the same, as JSON. */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [textOf(actual), textOf(expected)];
  demand(got === wanted, `${what}: expected ${wanted}, got ${got}`);
}

/** A record by its name, at a revision. */
export function record(id: string, revision = 1, more: Partial<StoreRecord> = {}): StoreRecord {
  return {
    kind: 'contract',
    id,
    revision,
    unique: [],
    body: `body of ${id}, ${revision}`,
    tag: 'tag',
    ...more,
  };
}

/** Alters a record as far as it can be: one that is frozen stays as it is. */
export function spoil(given: StoreRecord | undefined): void {
  if (given === undefined) return;
  Reflect.set(given.unique, 0, 'spoilt');
  for (const [name, value] of Object.entries({
    id: 'spoilt',
    revision: 9,
    unique: ['spoilt'],
    body: 'spoilt',
  }))
    Reflect.set(given, name, value);
}

/** The change that leads to a record. */
export function to(changed: StoreRecord): Change {
  return { record: changed, expected: changed.revision - 1 };
}

/** Commits, and demands the answer. */
export async function answers(
  store: Store,
  changes: readonly Change[],
  expected: CommitAnswer,
  what: string,
): Promise<void> {
  same(await store.commit(changes), expected, what);
}

/** Demands that a record stands as it is given. */
export async function stands(store: Store, expected: StoreRecord): Promise<void> {
  same(await store.get(expected.kind, expected.id), expected, `the record ${expected.id}`);
}

/** Demands that there is no such record. */
export async function isAbsent(store: Store, id: string): Promise<void> {
  same(await store.get('contract', id), undefined, `the record ${id}`);
}

/** Refuses: by a rejected promise, not by an exception of the call itself. */
export async function refuses(act: () => Promise<unknown>, what: string): Promise<void> {
  let promise: Promise<unknown>;
  try {
    promise = act();
  } catch {
    return demand(false, `${what}: thrown where a promise was due`);
  }
  await promise.then(
    () => demand(false, `${what}: not refused`),
    () => undefined,
  );
}
