/** `batchReport`: what became of a batch, and how much of it is left in stock. */
import type { BatchId, Expiry, ProductId, ServiceCode } from '../brand.ts';
import { fail } from '../error.ts';
import { type BatchRecord, readBatchRecord, requireBatchId } from './batch-record.ts';
import type { Desk } from './desk.ts';
import { readStock } from './stock.ts';

/** The state of a batch. */
export interface BatchReport {
  readonly batchId: BatchId;
  readonly product: ProductId;
  readonly quantity: number;
  /** Lines that are issued. */
  readonly done: number;
  readonly complete: boolean;
  readonly expiry: Expiry;
  readonly serviceCode: ServiceCode;
  /** Issued cards that are still there to be given: without an account yet, neither cancelled nor replaced. */
  readonly inStock: number;
  /** Whether these are fewer than the order's minimum. */
  readonly belowMinimum: boolean;
}

/** The report of a batch of which so many cards have left the stock. */
export function reportOf(record: BatchRecord, left: number): BatchReport {
  const { batch, product, quantity, done, expiry, serviceCode, minimumInventory } = record;
  const inStock = done - left;
  return Object.freeze({
    batchId: batch,
    product,
    quantity,
    done,
    complete: done === quantity,
    expiry,
    serviceCode,
    inStock,
    belowMinimum: inStock < minimumInventory,
  });
}

/** Reads the report of a batch. */
export async function batchReport(desk: Desk, request: { readonly batchId: string }): Promise<BatchReport> {
  const batch = requireBatchId(request.batchId);
  const ordered = await readBatchRecord(desk, batch);
  if (ordered === undefined) return fail('ERR_NOT_FOUND', 'batchId', 'the identifier of a batch');
  const { left } = await readStock(desk, batch);
  // Read again: a card that has left since may be of a line that was issued since.
  const { record } = (await readBatchRecord(desk, batch)) ?? ordered;
  return reportOf(record, left);
}
