/**
 * The tables of the stores, version by version: what was released is never changed, only added to.
 *
 * `cardwright_records` holds the records; `cardwright_uniques` says which record holds a value, and is what
 * makes it the only one. The values of a record stand in the record too, since its code covers them.
 */

/** Statements of each version for SQLite, the first version first. */
export const SQLITE_SCHEMA: readonly (readonly string[])[] = [
  [
    `CREATE TABLE cardwright_records (
       kind TEXT NOT NULL,
       id TEXT NOT NULL,
       revision INTEGER NOT NULL,
       uniq TEXT NOT NULL,
       body TEXT NOT NULL,
       tag TEXT NOT NULL,
       UNIQUE (kind, id)
     )`,
    `CREATE TABLE cardwright_uniques (
       value TEXT PRIMARY KEY,
       kind TEXT NOT NULL,
       id TEXT NOT NULL
     ) WITHOUT ROWID`,
  ],
];

/** The same for PostgreSQL; text is compared byte by byte, whatever the language of the database. */
export const POSTGRES_SCHEMA: readonly (readonly string[])[] = [
  [
    `CREATE TABLE cardwright_records (
       kind text COLLATE "C" NOT NULL,
       id text COLLATE "C" NOT NULL,
       revision integer NOT NULL,
       uniq text NOT NULL,
       body text NOT NULL,
       tag text NOT NULL,
       CONSTRAINT cardwright_records_key PRIMARY KEY (kind, id)
     )`,
    `CREATE TABLE cardwright_uniques (
       value text COLLATE "C" NOT NULL,
       kind text COLLATE "C" NOT NULL,
       id text COLLATE "C" NOT NULL,
       CONSTRAINT cardwright_uniques_key PRIMARY KEY (value)
     )`,
  ],
];
