/**
 * Requests that are carried out once. A card keeps the identifiers of those that made it, each beside a code over
 * the operation and its terms as they were asked: the same again gives the same card, anything else is refused.
 *
 * What leaves the HSM again is no part of the terms: embossing, capabilities, blocks of a PIN.
 */
import type { RequestId, Tag } from '../brand.ts';
import { fail } from '../error.ts';
import { type CardRecord, type RequestOnRecord, requestsOf, requestValue } from './card-record.ts';
import type { Desk } from './desk.ts';
import { parseCard } from './parse-card.ts';

/** One term: what was asked, or `null` for what was left to the product. */
type Term = string | number | boolean | null;

/** A request, and the code over what it asks for. */
export async function requestOf(
  desk: Desk,
  id: RequestId,
  operation: string,
  terms: readonly Term[],
): Promise<RequestOnRecord> {
  const text = `request/1 ${JSON.stringify([operation, ...terms])}`;
  const [tag] = await desk.hsm.tagRecords({ key: desk.recordKey, records: [text] });
  return { id, terms: tag as Tag };
}

/** Whether the card remembers the request; refused where that had other terms. */
export function remembers(card: CardRecord, { id, terms }: RequestOnRecord): boolean {
  const before = requestsOf(card).find((request) => request.id === id);
  if (before !== undefined && before.terms !== terms)
    fail('ERR_REQUEST_MISMATCH', 'requestId', 'a request with the parameters that it had before');
  return before !== undefined;
}

/** The card that an earlier call with the same request made, or made a plastic of. */
export async function carriedOut(desk: Desk, request: RequestOnRecord): Promise<CardRecord | undefined> {
  const [record] = await desk.ledger.find({ unique: requestValue(request.id) });
  if (record === undefined) return undefined;
  const card = parseCard(record);
  return remembers(card, request) ? card : fail('ERR_STORE_CORRUPT', 'card', 'a card with its request');
}
