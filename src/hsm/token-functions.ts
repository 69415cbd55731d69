/** What an HSM does with PANs and their tokens. Types only. */
import type { Pan, PanIndex, PanToken, SealedEnvelope } from '../brand.ts';
import type { Capability } from '../keys/capability.ts';
import type { PanRange } from '../pan/range.ts';
import type { CardReference, KeyLabel, TokenDomain } from './reference.ts';

/** A PAN that was drawn, by its token. */
export interface DrawnCard {
  readonly token: PanToken;
  readonly iin: string;
  readonly lastFour: string;
  /** Under each index key that was named, in their order. */
  readonly index: readonly PanIndex[];
}

/** PANs and tokens. */
export interface TokenFunctions {
  /**
   * The first PAN at number `n` of a range or after it, as a token; `next` is to be stored before it leaves.
   *
   * @throws ERR_PAN_SPACE  the range is used up
   */
  drawPan(request: {
    readonly domain: TokenDomain;
    /** AES, usage D0, for this range only. */
    readonly key: KeyLabel;
    readonly range: PanRange;
    readonly n: number;
    readonly indexKeys: readonly KeyLabel[];
  }): Promise<{ readonly card: DrawnCard; readonly next: number }>;
  /**
   * The token of a PAN in clear. @permit find-token: whoever may ask at will finds the PAN of a token, of which a
   * thousand or so fit.
   *
   * @throws ERR_PAN | ERR_POLICY  not a PAN of the domain · no capability
   */
  tokenOf(request: {
    readonly domain: TokenDomain;
    readonly pan: Pan;
    readonly permit: Capability;
  }): Promise<PanToken>;
  /** The PAN in an envelope of a client (usage K1). @permit reveal-pan @throws ERR_POLICY no capability */
  sealPan(request: {
    readonly card: CardReference;
    readonly under: KeyLabel;
    readonly context: string;
    readonly permit: Capability;
  }): Promise<SealedEnvelope>;
  /** The PAN in clear. @permit reveal-pan @throws ERR_POLICY no capability */
  revealPan(request: { readonly card: CardReference; readonly permit: Capability }): Promise<Pan>;
  /**
   * The comparison of digits with those of the PAN that no token shows: after the first 8, before the last 4.
   *
   * @throws ERR_INPUT  not 1 to 19 digits
   */
  preparePossession(request: {
    readonly card: CardReference;
    readonly digits: string;
  }): Promise<() => Promise<boolean>>;
  /** The indexes of cards under a key: for a rotation of the index key. @throws ERR_INPUT no list of at most 1 000 cards */
  indexCards(request: {
    readonly cards: readonly CardReference[];
    readonly key: KeyLabel;
  }): Promise<readonly PanIndex[]>;
}
