/** What is kept of a batch of cards. */
import type { BatchId, Brand, Expiry, ProductId, ServiceCode } from '../brand.ts';
import { fail } from '../error.ts';
import type { Embosser } from '../hsm/functions.ts';
import { requirePattern } from '../input.ts';
import type { Desk } from './desk.ts';
import type { Entry } from './ledger.ts';

/** The name of a client and its keys, of those of the issuer. */
export type Association = Brand<string, 'Association'>;

/** A batch as it is kept. */
export interface BatchRecord {
  readonly batch: BatchId;
  readonly product: ProductId;
  readonly quantity: number;
  readonly expiry: Expiry;
  readonly serviceCode: ServiceCode;
  readonly pinSuppressed: boolean;
  /** Cards below which stock is to be ordered; 0 where nobody asked. */
  readonly minimumInventory: number;
  /** For whom its lines leave; null where they do not. */
  readonly embosser: {
    readonly client: Association;
    readonly pinBlockFormat: Embosser['pinBlockFormat'];
  } | null;
  /** Lines that were issued: 1 to `done`. */
  readonly done: number;
}

const BATCH = 'batch';

const FIELDS: readonly (keyof BatchRecord)[] = [
  'batch',
  'product',
  'quantity',
  'expiry',
  'serviceCode',
  'pinSuppressed',
  'minimumInventory',
  'embosser',
  'done',
];

/** The identifier of a batch. */
export function requireBatchId(batch: unknown): BatchId {
  const shape = '1 to 64 printable ASCII characters without space and slash';
  return requirePattern(batch, /^[\x21-\x2e\x30-\x7e]{1,64}$/, 64, 'batchId', shape) as BatchId;
}

/** A batch and the revision of its record; `undefined` where there is none. */
export async function readBatchRecord(
  desk: Desk,
  batch: BatchId,
): Promise<{ readonly record: BatchRecord; readonly revision: number } | undefined> {
  const stored = await desk.ledger.get(BATCH, batch);
  if (stored === undefined) return undefined;
  let record: BatchRecord;
  try {
    record = JSON.parse(stored.body) as BatchRecord;
  } catch {
    return fail('ERR_STORE_CORRUPT', 'batch', 'the record of a batch');
  }
  const sound =
    typeof record === 'object' &&
    record !== null &&
    FIELDS.every((name) => Object.hasOwn(record, name)) &&
    record.batch === batch &&
    Number.isSafeInteger(record.quantity) &&
    Number.isSafeInteger(record.done) &&
    record.done >= 0 &&
    record.done <= record.quantity;
  return sound
    ? { record: Object.freeze(record), revision: stored.revision }
    : fail('ERR_STORE_CORRUPT', 'batch', 'the record of a batch');
}

/** What is written for a batch. */
export function batchEntry(record: BatchRecord, expected: number): Entry {
  return { kind: BATCH, id: record.batch, expected, unique: [], body: JSON.stringify(record) };
}
