/** What an operation tells of a card: nothing that a PIN or a code could be found with. */
import type { AccountId, BatchId, Expiry, PanToken, ProductId, Psn, ServiceCode } from '../brand.ts';
import { triesLeft } from '../tries/tries.ts';
import type { CardRecord } from './card-record.ts';
import { type CardState, stateOf } from './card-state.ts';
import { type Desk, now } from './desk.ts';

/** A card as it is shown. */
export interface CardView {
  readonly token: PanToken;
  /** First 6 or 8 digits and last 4, the rest hidden. */
  readonly maskedPan: string;
  readonly product: ProductId;
  readonly account: AccountId | undefined;
  readonly state: CardState;
  readonly expiry: Expiry;
  readonly psn: Psn;
  readonly serviceCode: ServiceCode;
  readonly generation: number;
  readonly hasPin: boolean;
  /** Tries of printed and dynamic codes that are left, and of proofs of possession. */
  readonly codeTriesLeft: number;
  readonly activationTriesLeft: number;
  /** Whether a plastic was made that is not in use yet. */
  readonly nextPlastic:
    | { readonly expiry: Expiry; readonly psn: Psn; readonly generation: number }
    | undefined;
  readonly batch: { readonly id: BatchId; readonly line: number } | undefined;
  readonly replaces: PanToken | undefined;
  readonly replacedBy: PanToken | undefined;
}

/** The view of a card now. */
export function viewOf(desk: Desk, card: CardRecord): CardView {
  const { next, line } = card;
  const { range } = desk.products.get(card.product) ?? {};
  const hidden = Math.max(0, (range?.length ?? 16) - card.iin.length - 4);
  return Object.freeze({
    token: card.token,
    maskedPan: card.iin + '*'.repeat(hidden) + card.lastFour,
    product: card.product,
    account: card.account ?? undefined,
    state: stateOf(card, now(desk)),
    expiry: card.expiry,
    psn: card.psn,
    serviceCode: card.serviceCode,
    generation: card.generation,
    hasPin: card.pin !== null,
    codeTriesLeft: triesLeft(card.tries.code),
    activationTriesLeft: triesLeft(card.tries.activation),
    nextPlastic:
      next === null
        ? undefined
        : Object.freeze({ expiry: next.expiry, psn: next.psn, generation: next.generation }),
    batch: line === null ? undefined : Object.freeze({ id: line.batch, line: line.number }),
    replaces: card.replaces ?? undefined,
    replacedBy: card.replacedBy ?? undefined,
  });
}
