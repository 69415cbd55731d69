/** `reindexCards`: gives every card the PAN index of the keys in use, so that an old index key can go. */
import type { PanIndex } from '../brand.ts';
import { requireWhole } from '../input.ts';
import { CARD, cardEntry, type Desk, requireProduct, requireToken } from './desk.ts';
import { parseCard } from './parse-card.ts';
import { referenceOf } from './product.ts';

/** How far a pass has come. */
export interface Reindexed {
  /** Where the next call begins; `undefined` where every card was seen. */
  readonly after: string | undefined;
  readonly seen: number;
  readonly changed: number;
}

/** Re-indexes up to `limit` cards after the token `after`, in the order of tokens. Cards that others change are left for another pass. */
export async function reindexCards(
  desk: Desk,
  request: { readonly after?: string; readonly limit?: number },
): Promise<Reindexed> {
  const limit = requireWhole(request.limit ?? 500, 'limit', 1, 1000);
  const after = request.after === undefined ? '' : requireToken(request.after);
  const records = await desk.ledger.find({ kind: CARD, after, limit });
  let changed = 0;
  for (const record of records) {
    const { revision } = record;
    const card = parseCard(record);
    const reference = referenceOf(requireProduct(desk, card.product), card.token);
    const panIndex: PanIndex[] = [];
    for (const key of desk.indexKeys)
      panIndex.push(...(await desk.hsm.indexCards({ cards: [reference], key })));
    if (panIndex.join() === card.panIndex.join()) continue;
    if ((await desk.ledger.commit([cardEntry({ ...card, panIndex }, revision)])) === 'done') changed++;
  }
  const last = records.at(-1)?.id;
  return { after: records.length < limit ? undefined : last, seen: records.length, changed };
}
