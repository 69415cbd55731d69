/**
 * Records of an issuer in a store: each with a code of the HSM over all of it, looked at on the way out.
 *
 * A store that lies, loses or mixes up is found here: what it answers is believed only where it fits.
 */
import { fail, kindOf, PaymentCryptoError } from '../error.ts';
import type { KeyLabel, RecordFunctions } from '../hsm/functions.ts';
import type { Anchor } from '../store/anchor.ts';
import { readRecord } from '../store/checked.ts';
import type { CommitAnswer, Query, Store, StoreRecord } from '../store/port.ts';

/** A record to be written: the revision that it replaces, 0 for a new one. */
export interface Entry {
  readonly kind: string;
  readonly id: string;
  readonly expected: number;
  readonly unique: readonly string[];
  readonly body: string;
}

/** What the code of a record covers: neither names nor values have a space in them, and nothing has a line end. */
function coveredText({ kind, id, revision, unique, body }: Omit<StoreRecord, 'tag'>): string {
  return `record/1 ${kind} ${id} ${revision} ${unique.join(' ')}\n${body}`;
}

/** The name of a record in an anchor: kinds have no slash. */
function anchorName(kind: string, id: string): string {
  return `${kind}/${id}`;
}

/** What a store says itself; everything else means that it did not answer. */
const SAID_ITSELF: readonly string[] = ['ERR_STORE_CORRUPT', 'ERR_STORE_SCHEMA'];

/** The records of one issuer. */
export class Ledger {
  readonly #store: Store;
  readonly #hsm: RecordFunctions;
  readonly #key: KeyLabel;
  readonly #anchor: Anchor | undefined;

  constructor(store: Store, hsm: RecordFunctions, key: KeyLabel, anchor: Anchor | undefined) {
    this.#store = store;
    this.#hsm = hsm;
    this.#key = key;
    this.#anchor = anchor;
  }

  /** The record, or `undefined` where there is none and never was one that the anchor knows. */
  async get(kind: string, id: string): Promise<StoreRecord | undefined> {
    // The anchor first: a change between the two then finds the record newer than it must be, never older.
    const least = await this.#anchored(kind, id);
    return this.#getFrom(least, kind, id);
  }

  /** The record, which must have come to the revision `least`. */
  async #getFrom(least: number, kind: string, id: string): Promise<StoreRecord | undefined> {
    const record = await this.#ask(async () => {
      const answer: unknown = await this.#store.get(kind, id);
      return answer === undefined ? undefined : readRecord(answer, 'ERR_STORE_CORRUPT');
    });
    if (record !== undefined) {
      if (record.kind !== kind || record.id !== id) corrupt('the record that was asked for');
      await this.#verify([record]);
    }
    if ((record?.revision ?? 0) < least)
      fail('ERR_STORE_ROLLBACK', 'store', 'records that are not older than their anchor');
    return record;
  }

  /** What a query finds, each record verified. */
  async find(query: Query): Promise<readonly StoreRecord[]> {
    const records = await this.#ask(async () => {
      const answer: unknown = await this.#store.find(query);
      if (!Array.isArray(answer)) return corrupt('a list of records');
      return answer.map((item: unknown) => readRecord(item, 'ERR_STORE_CORRUPT'));
    });
    for (const [i, record] of records.entries()) {
      const before = i === 0 ? ('after' in query ? query.after : '') : (records[i - 1] as StoreRecord).id;
      const fits =
        'unique' in query
          ? record.unique.includes(query.unique) && records.length === 1
          : record.kind === query.kind && record.id > before && records.length <= query.limit;
      if (!fits) return corrupt('records that the query asks for');
    }
    await this.#verify(records);
    return this.#anchor === undefined ? records : this.#current(query, records);
  }

  /**
   * The records, none older than its anchor. Names are known only now, so that a record that looks old may have been
   * changed since it was found: it is read again, and left out where it gave up the value that was asked for.
   */
  async #current(query: Query, records: readonly StoreRecord[]): Promise<readonly StoreRecord[]> {
    const current: StoreRecord[] = [];
    for (const found of records) {
      const { kind, id } = found;
      const least = await this.#anchored(kind, id);
      const record = found.revision < least ? await this.#getFrom(least, kind, id) : found;
      if (record !== undefined && (!('unique' in query) || record.unique.includes(query.unique)))
        current.push(record);
    }
    return current;
  }

  /** Writes all entries or none. */
  async commit(entries: readonly Entry[]): Promise<CommitAnswer> {
    const bare = entries.map(({ expected, ...entry }) => ({ ...entry, revision: expected + 1 }));
    const tags = await this.#hsm.tagRecords({ key: this.#key, records: bare.map(coveredText) });
    const changes = bare.map((entry, i) => ({
      record: { ...entry, tag: tags[i] as string },
      expected: entry.revision - 1,
    }));
    const answer: unknown = await this.#ask(() => this.#store.commit(changes));
    if (answer !== 'done' && answer !== 'stale' && answer !== 'taken')
      fail('ERR_STORE_CORRUPT', 'store', `'done', 'stale' or 'taken'`, kindOf(answer));
    if (answer === 'done') await this.#raise(entries);
    return answer;
  }

  /** New records are not anchored: what is lost with one is a card that nobody used, and its PAN's number is. */
  async #raise(entries: readonly Entry[]): Promise<void> {
    const anchor = this.#anchor;
    if (anchor === undefined) return;
    for (const { kind, id, expected } of entries)
      if (expected > 0) await this.#ask(() => anchor.raise(anchorName(kind, id), expected + 1));
  }

  /** The revision that a record had come to, by its anchor. */
  async #anchored(kind: string, id: string): Promise<number> {
    const anchor = this.#anchor;
    if (anchor === undefined) return 0;
    const highest: unknown = await this.#ask(() => anchor.read(anchorName(kind, id)));
    if (typeof highest !== 'number' || !Number.isSafeInteger(highest) || highest < 0)
      fail('ERR_STORE_CORRUPT', 'anchor', 'a revision', kindOf(highest));
    return highest;
  }

  async #verify(records: readonly StoreRecord[]): Promise<void> {
    if (records.length === 0) return;
    const right = await this.#hsm.verifyRecords({
      key: this.#key,
      records: records.map(coveredText),
      tags: records.map(({ tag }) => tag),
    });
    if (right !== true) corrupt('records as they were written');
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (cause) {
      if (cause instanceof PaymentCryptoError && SAID_ITSELF.includes(cause.code)) throw cause;
      const message = '"store" expected an answer, got an error';
      throw new PaymentCryptoError('ERR_STORE_UNAVAILABLE', 'store', message, cause);
    }
  }
}

function corrupt(expected: string): never {
  return fail('ERR_STORE_CORRUPT', 'store', expected);
}
