/**
 * What is kept of a card, and how it is written.
 *
 * Never a verification value of any kind, a clear PIN, a clear PAN or a track: the PAN is behind its token, which
 * the HSM opens, and the PIN behind a PVV or an offset. No field is a plain string, so that none could hold one.
 */
import type {
  AccountId,
  BatchId,
  Brand,
  Expiry,
  PanIndex,
  PanToken,
  PinOffset,
  ProductId,
  Psn,
  Pvki,
  Pvv,
  RequestId,
  SealedField,
  ServiceCode,
  Tag,
  UnixSeconds,
} from '../brand.ts';
import type { TryCounter } from '../tries/tries.ts';

/** The state that is written; `expired` is told by the date. */
export type WrittenState = 'inactive' | 'active' | 'blocked' | 'cancelled' | 'replaced';

/** The name of an IBM 3624 method that the HSM pins. */
export type MethodName = Brand<string, 'MethodName'>;

/** First digits of a PAN, 6 or 8. */
export type Iin = Brand<string, 'Iin'>;

/** Last four digits of a PAN. */
export type LastFour = Brand<string, 'LastFour'>;

/** What a PIN is verified with; see `BoundPin` of the HSM. */
export type PinOnRecord = {
  readonly length: number;
  readonly tag: Tag;
  readonly sealed?: SealedField;
} & (
  | { readonly kind: 'pvv'; readonly pvki: Pvki; readonly pvv: Pvv }
  | { readonly kind: 'ibm3624'; readonly method: MethodName; readonly offset: PinOffset }
);

/** An issued dynamic code, of which only a keyed hash is kept. */
export interface IssuedOnRecord {
  readonly tag: Tag;
  readonly nonce: Brand<string, 'Nonce'>;
  readonly generation: number;
  readonly expires: UnixSeconds;
}

/** The label of the key of codes by time. */
export type SchemeKey = Brand<string, 'SchemeKey'>;

/** Profile, T0, period and digits of codes by time. */
export type SchemeText = Brand<string, 'SchemeText'>;

/** The highest step of a code by time that was taken, of which generation: it and all below are replays. */
export interface TimeFloor {
  readonly key: SchemeKey;
  readonly scheme: SchemeText;
  readonly generation: number;
  readonly step: number;
}

/** A plastic that was made and is not in use yet. */
export interface NextPlastic {
  readonly generation: number;
  readonly expiry: Expiry;
  readonly psn: Psn;
  /** Absent where the PIN stays. */
  readonly pin?: PinOnRecord;
}

/** A request that was carried out: asked again it must say the same. */
export interface RequestOnRecord {
  readonly id: RequestId;
  /** A code of the HSM over the operation and its terms as they were asked. */
  readonly terms: Tag;
}

/** A card as it is kept. */
export interface CardRecord {
  readonly token: PanToken;
  readonly product: ProductId;
  readonly account: AccountId | null;
  readonly iin: Iin;
  readonly lastFour: LastFour;
  /** HMACs of the PAN, one for each index key in use. */
  readonly panIndex: readonly PanIndex[];
  readonly state: WrittenState;
  /** The state that unblocking leads back to. */
  readonly before: 'inactive' | 'active' | null;
  readonly generation: number;
  readonly expiry: Expiry;
  readonly psn: Psn;
  readonly serviceCode: ServiceCode;
  readonly pin: PinOnRecord | null;
  readonly next: NextPlastic | null;
  /** Three budgets: of PINs, of printed and dynamic codes, of proofs of possession. */
  readonly tries: {
    readonly pin: TryCounter;
    readonly code: TryCounter;
    readonly activation: TryCounter;
  };
  /** When the last PIN was tried. */
  readonly pinTriedAt: UnixSeconds | null;
  /** How often its PIN, and its budgets of codes and proofs, were unblocked on one day. */
  readonly unblocks: { readonly day: number; readonly pin: number; readonly codes: number };
  /** Whether dynamic codes count instead of the printed one, and the one that is outstanding. */
  readonly dynamic: {
    readonly on: boolean;
    readonly issued: IssuedOnRecord | null;
    /** Of codes by time: one floor for each scheme that was switched on, the last of which counts. */
    readonly floors: readonly TimeFloor[];
  };
  /** Of a month, in units of the account's currency; null where none is set. */
  readonly limit: number | null;
  /** The request that made the card: it is remembered for ever, or it would make another one. */
  readonly made: RequestOnRecord | null;
  /** The last requests that made a plastic of it. */
  readonly renewals: readonly RequestOnRecord[];
  readonly line: { readonly batch: BatchId; readonly number: number } | null;
  readonly replaces: PanToken | null;
  readonly replacedBy: PanToken | null;
}

/** How the unique value of a PAN index begins. */
export const PAN_VALUE = 'pan/';

/** The values that no other record may hold: PAN indexes, requests, batch and line. */
export function uniqueOf(card: CardRecord): readonly string[] {
  const unique = card.panIndex.map(panValue);
  for (const { id } of requestsOf(card)) unique.push(requestValue(id));
  if (card.line !== null) unique.push(lineValue(card.line.batch, card.line.number));
  return unique;
}

/** The unique value of a PAN index. */
export function panValue(index: PanIndex): string {
  return PAN_VALUE + index;
}

/** Renewals that a card remembers. */
const MOST_RENEWALS = 3;

/** The requests that a card remembers: that which made it first. */
export function requestsOf({ made, renewals }: CardRecord): readonly RequestOnRecord[] {
  return made === null ? renewals : [made, ...renewals];
}

/** The card with one more renewal; the oldest is forgotten. */
export function withRenewal(card: CardRecord, request: RequestOnRecord): CardRecord {
  return { ...card, renewals: [...card.renewals, request].slice(-MOST_RENEWALS) };
}

/** The unique value of a request. */
export function requestValue(request: RequestId): string {
  return `request/${request}`;
}

/** The unique value of a line of a batch. */
export function lineValue(batch: BatchId, line: number): string {
  return `line/${batch}/${line}`;
}
