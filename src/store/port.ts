/**
 * What an issuer asks of a store: records with revisions, values that only one record may hold, and commits
 * that happen as a whole or not at all. Types only; nothing is optional.
 *
 * A store knows nothing of cards. What is in a record, its codes included, is the issuer's.
 */

/** One record. */
export interface StoreRecord {
  /** What it is of: 1 to 32 lower-case letters and hyphens. */
  readonly kind: string;
  /** Its name within the kind: 1 to 128 printable ASCII characters without space. */
  readonly id: string;
  /** 1 when it is new; one more with each change. */
  readonly revision: number;
  /**
   * Values that no other record of the store may hold, of whatever kind, at most 8: indexes of a PAN, the
   * identifier of a request, batch and line. 1 to 256 printable ASCII characters without space.
   */
  readonly unique: readonly string[];
  /** ASCII text of at most 65 536 characters. */
  readonly body: string;
  /** ASCII text of at most 128 characters. */
  readonly tag: string;
}

/** A record as it shall be, and the revision of the one that it replaces: 0 where there must be none. */
export interface Change {
  readonly record: StoreRecord;
  /** `record.revision - 1`. */
  readonly expected: number;
}

/**
 * What became of a commit: all changes are made and durable (`done`); none is, since a record stood at
 * another revision or was not there (`stale`), or since an identifier or unique value is another's (`taken`).
 * Where both hold, it is either.
 */
export type CommitAnswer = 'done' | 'stale' | 'taken';

/** The one record that holds a value; or records of a kind in the order of their identifiers. */
export type Query =
  | { readonly unique: string }
  | {
      readonly kind: string;
      /** Identifiers that come after this one; all where it is empty. */
      readonly after: string;
      /** 1 to 1 000. */
      readonly limit: number;
    };

/** What survives a crash, as the adapter declares it and its tests show it. */
export interface Durability {
  /** An acknowledged commit survives the end of the process. */
  readonly processCrash: boolean;
  /** It survives a loss of power, where the disk does what it is told. */
  readonly powerLoss: boolean;
  /** It survives the loss of the machine. */
  readonly failover: boolean;
}

/** A store. Every method throws where it does not know. */
export interface Store {
  readonly durability: Durability;
  /** The record; `undefined` where there is none. */
  get(kind: string, id: string): Promise<StoreRecord | undefined>;
  find(query: Query): Promise<readonly StoreRecord[]>;
  /**
   * Makes all changes, or none: 1 to 4 000, of different records. A value that one change gives up is not free
   * for another change of the same commit. What is handed in is read before the promise is returned.
   */
  commit(changes: readonly Change[]): Promise<CommitAnswer>;
}
