/** What goes to whoever embosses a card, or writes its chip: in an envelope of a client, computed on request. */
import type { SealedEnvelope } from '../brand.ts';
import type { CardRecord, NextPlastic } from './card-record.ts';
import { type Desk, faceOf, requireClientKey } from './desk.ts';
import type { Product } from './product.ts';

/** Who embosses, and what stands on the card. Nothing of it is kept. */
export interface Embossing {
  /** Key association of the client; its envelopes are under its KEK. */
  readonly client: string;
  /** 2 to 26 characters of a track's alphabet, as SURNAME/GIVEN. */
  readonly name?: string;
  /** Where the card goes: at most 400 printable ASCII characters. */
  readonly delivery?: string;
}

/** The data of a card, or of its next plastic, for an embosser; `undefined` where none is asked for. */
export async function embossed(
  desk: Desk,
  product: Product,
  card: CardRecord,
  embossing: Embossing | undefined,
  next?: NextPlastic,
): Promise<SealedEnvelope | undefined> {
  if (embossing === undefined) return undefined;
  const { client, name, delivery } = embossing;
  const plastic = next === undefined ? card : { ...card, expiry: next.expiry };
  return desk.hsm.embossData({
    ...faceOf(product, plastic),
    pin: next?.pin ?? card.pin ?? undefined,
    name,
    delivery,
    under: requireClientKey(desk, client, 'kek'),
    context: `emboss/${card.token}/${next?.generation ?? card.generation}`,
  });
}

/** Refuses an embosser that could not be served, before a card is made for it. */
export function requireEmbosser(desk: Desk, embossing: Embossing | undefined): void {
  if (embossing !== undefined) requireClientKey(desk, embossing.client, 'kek');
}
