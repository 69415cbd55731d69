/** `batchReport`: what became of a batch, and how much of it is left in stock. */
import type { BatchId, Expiry, ProductId, ServiceCode } from '../brand.ts';
import { fail } from '../error.ts';
import { type BatchRecord, readBatchRecord, requireBatchId } from './batch-record.ts';
import type { Desk } from './desk.ts';

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
  /** Issued cards without an account yet. */
  readonly inStock: number;
  /** Whether these are fewer than the order's minimum. */
  readonly belowMinimum: boolean;
}

/** The report of a batch. */
export function reportOf(record: BatchRecord): BatchReport {
  const { batch, product, quantity, done, expiry, serviceCode, assigned, minimumInventory } = record;
  const inStock = done - assigned;
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
  const held = await readBatchRecord(desk, requireBatchId(request.batchId));
  return reportOf(held?.record ?? fail('ERR_NOT_FOUND', 'batchId', 'the identifier of a batch'));
}
