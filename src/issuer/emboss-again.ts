/** The envelope of an embosser once more, for a request that was carried out before: as the card is now. */
import type { SealedEnvelope } from '../brand.ts';
import type { CardRecord } from './card-record.ts';
import { requireTransition } from './card-state.ts';
import { type Desk, now, requireProduct } from './desk.ts';
import { type Embossing, embossed } from './emboss.ts';

/**
 * The data of a card that is there, or of its next plastic. Nobody embosses a card that is blocked or ended; an
 * expired one may have a next plastic.
 */
export async function embossedAgain(
  desk: Desk,
  card: CardRecord,
  embossing: Embossing | undefined,
): Promise<SealedEnvelope | undefined> {
  if (embossing === undefined) return undefined;
  requireTransition(card, card.next === null ? 'produce' : 'renew', now(desk));
  return embossed(desk, requireProduct(desk, card.product), card, embossing, card.next ?? undefined);
}
