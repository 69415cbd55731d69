/** What an HSM does with whole batches. Types only. */
import type { Expiry, SealedEnvelope, ServiceCode } from '../brand.ts';
import type { ExpiryOrder } from '../cvv/cvv.ts';
import type { Capability } from '../keys/capability.ts';
import type { PanRange } from '../pan/range.ts';
import type { CodeKind } from './card-functions.ts';
import type { BoundPin, PinMethod } from './pin-functions.ts';
import type { KeyLabel, TokenDomain } from './reference.ts';
import type { DrawnCard } from './token-functions.ts';

/** What the cards of a batch have in common. */
export interface CardBatchRequest {
  readonly domain: TokenDomain;
  readonly sequence: { readonly key: KeyLabel; readonly range: PanRange };
  readonly indexKeys: readonly KeyLabel[];
  readonly cvk: KeyLabel;
  readonly expiry: Expiry;
  readonly serviceCode: ServiceCode;
  readonly expiryOrder: ExpiryOrder;
  /** `undefined` where the cards get no PIN. */
  readonly method: PinMethod | undefined;
  /** First number of the range, and how many cards: 1 to 1 000. */
  readonly first: number;
  readonly count: number;
  readonly kind: CodeKind;
  readonly embosser: Embosser | undefined;
}

/** Who embosses cards. */
export interface Embosser {
  /** Of the envelopes: usage K1. */
  readonly kek: KeyLabel;
  /** Of the PIN blocks: usage P0. */
  readonly pek: KeyLabel;
  readonly pinBlockFormat: 'ISO-0' | 'ISO-3' | 'ISO-4';
  /** What the envelopes belong to. */
  readonly context: string;
  /** Scope `emboss`. */
  readonly permit: Capability;
}

/** A chunk of new cards: row i of each is card i. */
export interface CardBatchChunk {
  readonly cards: readonly DrawnCard[];
  readonly pins: readonly (BoundPin | undefined)[];
  /** The number of the range after the last one that was used. */
  readonly next: number;
  /** The rows for the embosser: CSV with a header line, in as many envelopes as they need, mostly one. */
  readonly emboss: readonly SealedEnvelope[];
}

/** Whole batches in one call. */
export interface BatchFunctions {
  /**
   * New cards from a place of a range on: tokens, indexes, bound PINs, and the rows for whoever embosses them.
   *
   * @throws ERR_PAN_SPACE  fewer numbers are left
   * @throws ERR_POLICY     a PIN method that the policy does not know
   * @throws ERR_PIN_BLOCK_FORMAT | ERR_EXPIRY | ERR_SERVICE_CODE | ERR_INDEX  as named
   */
  issueCards(request: CardBatchRequest): Promise<CardBatchChunk>;
}
