/** Stores: the port, the adapters, and what stands on them. */
export type { KeyStore, StoredKey } from '../port.ts';
export { type Anchor, createMemoryAnchor, createStoreAnchor } from './anchor.ts';
export { createStoreKeyStore } from './key-store.ts';
export { createMemoryStore } from './memory.ts';
export type { Change, CommitAnswer, Durability, Query, Store, StoreRecord } from './port.ts';
export { createPostgresStore, type PostgresClient } from './postgres.ts';
export { createSqliteStore, type SqliteClient, type SqliteStatement } from './sqlite.ts';
