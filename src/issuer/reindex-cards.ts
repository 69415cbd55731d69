/**
 * `reindexCards`: gives every card the PAN index of the keys in use, so that an old index key can go.
 *
 * The order of a rotation: every process runs with both keys, the new one first or last; then passes, until one ends
 * with nothing left; then the old key is dropped. A key that is dropped sooner leaves PANs that nobody finds, and
 * that may be drawn again.
 */
import type { PanIndex } from '../brand.ts';
import { fail } from '../error.ts';
import { requireWhole } from '../input.ts';
import type { StoreRecord } from '../store/port.ts';
import { CARD, cardEntry, type Desk, requireToken } from './desk.ts';
import { parseCard } from './parse-card.ts';
import { referenceOf } from './product.ts';

/** How far a pass has come. */
export interface Reindexed {
  /** Where the next call begins; `undefined` where every card was seen. */
  readonly after: string | undefined;
  readonly seen: number;
  readonly changed: number;
  /** Cards that are not done: others change them all the time, or their product is not configured. */
  readonly left: number;
}

/** Rounds after which a card is left for another pass. */
const MOST_ROUNDS = 20;

/** Re-indexes up to `limit` cards after the token `after`, in the order of tokens. */
export async function reindexCards(
  desk: Desk,
  request: { readonly after?: string; readonly limit?: number },
): Promise<Reindexed> {
  const limit = requireWhole(request.limit ?? 500, 'limit', 1, 1000);
  const after = request.after === undefined ? '' : requireToken(request.after);
  const records = await desk.ledger.find({ kind: CARD, after, limit });
  const count = { done: 0, changed: 0, left: 0 };
  for (const record of records) count[await reindexed(desk, record)]++;
  const { changed, left } = count;
  const last = records.at(-1)?.id;
  return { after: records.length < limit ? undefined : last, seen: records.length, changed, left };
}

/** One card: as it should be already, changed, or left. */
async function reindexed(desk: Desk, record: StoreRecord): Promise<'done' | 'changed' | 'left'> {
  let now: StoreRecord | undefined = record;
  for (let round = 0; round < MOST_ROUNDS && now !== undefined; round++) {
    const card = parseCard(now);
    const product = desk.products.get(card.product);
    if (product === undefined) return 'left';
    const cards = [referenceOf(product, card.token)];
    const panIndex: PanIndex[] = [];
    for (const key of desk.indexKeys) panIndex.push(...(await desk.hsm.indexCards({ cards, key })));
    // In whatever order the keys are named.
    if ([...panIndex].sort().join() === [...card.panIndex].sort().join()) return 'done';
    const answer = await desk.ledger.commit([cardEntry({ ...card, panIndex }, now.revision)]);
    if (answer === 'done') return 'changed';
    if (answer === 'taken') fail('ERR_STORE_CORRUPT', 'card', 'a PAN that no other card has');
    now = await desk.ledger.get(CARD, card.token);
  }
  return 'left';
}
