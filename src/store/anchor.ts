/**
 * A memory outside the store that tells when the store was put back to an earlier day.
 *
 * An anchor keeps the highest revision of each record that it is told of. A backup that is restored, or a row
 * that is put back, then shows a lower one. It has to lie where whoever can restore the store cannot.
 */
import { fail } from '../error.ts';
import { requireMethods, requirePattern, requireWhole } from '../input.ts';
import type { Store } from './port.ts';

/** Remembers how far records have come. A name is a kind, a slash and an identifier. */
export interface Anchor {
  /** The highest revision that was ever raised for the name; 0 where there was none. */
  read(name: string): Promise<number>;
  /** Remembers, durably, that the name has come to this revision; a lower one changes nothing. */
  raise(name: string, revision: number): Promise<void>;
}

/** The longest kind, a slash and the longest identifier. */
const LONGEST_NAME = 161;

function requireName(name: unknown): string {
  const shape = '1 to 161 printable ASCII characters without space';
  return requirePattern(name, /^[\x21-\x7e]{1,161}$/, LONGEST_NAME, 'name', shape);
}

/**
 * An anchor in memory: it tells of a store that is put back while the program runs.
 *
 * @source own construction
 */
export function createMemoryAnchor(): Anchor {
  const revisions = new Map<string, number>();
  return Object.freeze({
    async read(name: string): Promise<number> {
      return revisions.get(requireName(name)) ?? 0;
    },
    async raise(name: string, revision: number): Promise<void> {
      requireWhole(revision, 'revision', 1, Number.MAX_SAFE_INTEGER);
      if (revision > (revisions.get(requireName(name)) ?? 0)) revisions.set(name, revision);
    },
  });
}

const KIND = 'anchor';

/** Longest identifier of a record: a name beyond it is parted at its slash. */
const LONGEST_ID = 128;

/** Where the revision of a name lies. Kinds of 26 letters and more are too long beside a long identifier; the store refuses them. */
function placeOf(name: string): { readonly kind: string; readonly id: string } {
  if (requireName(name).length <= LONGEST_ID) return { kind: KIND, id: name };
  const slash = name.indexOf('/');
  return { kind: `${KIND}-${name.slice(0, slash)}`, id: name.slice(slash + 1) };
}

/** A revision as it is written; an empty text is none, though it would be taken for the number 0. */
const REVISION = /^[1-9][0-9]{0,15}$/;

/** Rounds after which an anchor that others raise all the time is given up on. */
const MOST_ROUNDS = 1000;

/**
 * An anchor in another store: another file on another disk, another server.
 *
 * @throws ERR_INPUT          not a store
 * @throws ERR_CONFLICT       others raised the same name with every round
 * @throws ERR_STORE_CORRUPT  a record in it that is no revision
 * @source own construction
 */
export function createStoreAnchor(store: Store): Anchor {
  requireMethods<Store>(store, 'store', ['get', 'commit']);
  const read = async (name: string): Promise<{ readonly revision: number; readonly at: number }> => {
    const { kind, id } = placeOf(name);
    const record = await store.get(kind, id);
    if (record === undefined) return { revision: 0, at: 0 };
    if (!REVISION.test(record.body)) fail('ERR_STORE_CORRUPT', 'anchor', 'a revision');
    return { revision: record.revision, at: Number(record.body) };
  };
  return Object.freeze({
    async read(name: string): Promise<number> {
      return (await read(name)).at;
    },
    async raise(name: string, revision: number): Promise<void> {
      requireWhole(revision, 'revision', 1, Number.MAX_SAFE_INTEGER);
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const { revision: expected, at } = await read(name);
        if (at >= revision) return;
        const body = String(revision);
        const record = { ...placeOf(name), revision: expected + 1, unique: [], body, tag: '' };
        if ((await store.commit([{ record, expected }])) === 'done') return;
      }
      fail('ERR_CONFLICT', 'anchor', 'a name that can be raised', `${MOST_ROUNDS} rounds`);
    },
  });
}
