/**
 * The stock of a batch: how many of its cards have left it, in a record of its own. The batch's record is the fence
 * between those who issue it, and a card that is sold meanwhile must not move it.
 */
import type { BatchId } from '../brand.ts';
import { fail } from '../error.ts';
import type { CardRecord } from './card-record.ts';
import type { Desk } from './desk.ts';
import type { Entry } from './ledger.ts';

const STOCK = 'stock';

/** What is written where so many cards have left the stock of a batch. */
export function stockEntry(batch: BatchId, left: number, expected: number): Entry {
  return { kind: STOCK, id: batch, expected, unique: [], body: String(left) };
}

/** How many cards have left the stock of a batch, and the revision of the record. */
export async function readStock(
  desk: Desk,
  batch: BatchId,
): Promise<{ readonly left: number; readonly revision: number }> {
  const stored = await desk.ledger.get(STOCK, batch);
  const left = /^[0-9]+$/.test(stored?.body ?? '') ? Number(stored?.body) : Number.NaN;
  if (stored === undefined || !Number.isSafeInteger(left))
    return fail('ERR_STORE_CORRUPT', 'stock', 'the stock of a batch');
  return { left, revision: stored.revision };
}

/** What is written beside a card that gets its first account, or ends: it leaves its stock, if it is in one. */
export async function leavingStock(desk: Desk, { account, line }: CardRecord): Promise<readonly Entry[]> {
  if (account !== null || line === null) return [];
  const { left, revision } = await readStock(desk, line.batch);
  return [stockEntry(line.batch, left + 1, revision)];
}
