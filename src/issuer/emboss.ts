/** What goes to whoever embosses a card, or writes its chip: in an envelope of a client, computed on request. */
import type { SealedEnvelope } from '../brand.ts';
import type { BoundPin, Capability, CardReference, EncryptedPinBlock } from '../hsm/functions.ts';
import { requireObject, requireOneOf, requirePattern } from '../input.ts';
import { requireTrackName } from '../pan/track.ts';
import type { CardRecord, NextPlastic } from './card-record.ts';
import { type Desk, faceOf, requireClientKey } from './desk.ts';
import { methodOf, type Product } from './product.ts';

/** Who embosses, and what stands on the card. Nothing of it is kept. */
export interface Embossing {
  /** Key association of the client; its envelopes are under its KEK. */
  readonly client: string;
  /** Scope `emboss`: the whole card leaves, with its codes. */
  readonly permit: Capability;
  /** 2 to 26 characters of a track's alphabet, as SURNAME/GIVEN. */
  readonly name?: string;
  /** Where the card goes: at most 400 printable ASCII characters. */
  readonly delivery?: string;
  /** Where the PIN goes along: a PIN block of this format under the client's PIN key. It comes with the call that draws the PIN, and never again. */
  readonly pinBlockFormat?: 'ISO-0' | 'ISO-3' | 'ISO-4';
}

/** A PIN that was drawn, and its block where somebody embosses it. */
export interface DrawnPin {
  readonly pin: BoundPin;
  readonly block: EncryptedPinBlock | undefined;
}

/** Draws the PIN of a card, for its embosser where there is one. */
export async function drawnPin(
  desk: Desk,
  product: Product,
  card: CardReference,
  embossing: Embossing | undefined,
): Promise<DrawnPin> {
  const method = methodOf(product);
  const format = embossing?.pinBlockFormat;
  if (embossing === undefined || format === undefined)
    return { pin: await desk.hsm.drawPin({ card, method }), block: undefined };
  const pek = requireClientKey(desk, embossing.client, 'pek');
  return desk.hsm.issuePin({ card, method, pek, format, permit: embossing.permit });
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
  const { client, permit, name, delivery } = embossing;
  const plastic = next === undefined ? card : { ...card, expiry: next.expiry };
  return desk.hsm.embossData({
    ...faceOf(product, plastic),
    pin: next?.pin ?? card.pin ?? undefined,
    name,
    delivery,
    permit,
    under: requireClientKey(desk, client, 'kek'),
    context: `emboss/${card.token}/${next?.generation ?? card.generation}`,
  });
}

/** Refuses an embosser that could not be served, before a card is made for it. */
export function requireEmbosser(desk: Desk, embossing: Embossing | undefined): void {
  if (embossing === undefined) return;
  requireObject(embossing, 'embossing');
  const { client, name, delivery, pinBlockFormat } = embossing;
  if (name !== undefined && name !== '') requireTrackName(name);
  if (delivery !== undefined)
    requirePattern(delivery, /^[\x20-\x7e]*$/, 400, 'delivery', 'at most 400 printable ASCII characters');
  requireClientKey(desk, client, 'kek');
  if (pinBlockFormat === undefined) return;
  requireOneOf(
    pinBlockFormat,
    'pinBlockFormat',
    ['ISO-0', 'ISO-3', 'ISO-4'] as const,
    'ERR_PIN_BLOCK_FORMAT',
  );
  requireClientKey(desk, client, 'pek');
}
