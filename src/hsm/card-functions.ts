/** What an HSM does with the codes of cards. Types only. */
import type { CodeBlock, Expiry, SealedEnvelope, ServiceCode, UnixSeconds } from '../brand.ts';
import type { ExpiryOrder } from '../cvv/cvv.ts';
import type { IssuedCode, IssuedCodeSubject } from '../dcvv2/issued.ts';
import type { Capability } from '../keys/capability.ts';
import type { BoundPin } from './pin-functions.ts';
import type { CardReference, KeyLabel } from './reference.ts';

/** Which codes a card bears: CVV, CVV2 and iCVV, or the CSCs of American Express. */
export type CodeKind = 'cvv' | 'csc';

/** What card verification values are made of. */
export interface CardFace {
  readonly kind: CodeKind;
  readonly card: CardReference;
  /** TDES pair, usage C0. */
  readonly cvk: KeyLabel;
  readonly expiry: Expiry;
  readonly serviceCode: ServiceCode;
  /** Of the CVV2. */
  readonly expiryOrder: ExpiryOrder;
}

/** The codes of a card, each in a code block. */
export type CardCodes<Block = CodeBlock> =
  | { readonly kind: 'cvv'; readonly cvv: Block; readonly cvv2: Block; readonly icvv: Block }
  | { readonly kind: 'csc'; readonly csc5: Block; readonly csc4: Block };

/** What goes to whoever embosses one card. */
export interface EmbossRequest extends CardFace {
  /** Scope `emboss`. */
  readonly permit: Capability;
  readonly pin: BoundPin | undefined;
  /** At most 26 characters of a track's alphabet. */
  readonly name: string | undefined;
  /** Where the card goes, in the caller's words: at most 400 characters. */
  readonly delivery: string | undefined;
  /** Usage K1. */
  readonly under: KeyLabel;
  /** What the envelope belongs to. */
  readonly context: string;
}

/** CVVs, dynamic codes, and what is embossed. */
export interface CardFunctions {
  /**
   * The codes of a card under a client's data key (TDES, usage D0).
   *
   * @throws ERR_PAN | ERR_EXPIRY | ERR_SERVICE_CODE  what the codes are made of
   */
  cardCodes(request: CardFace & { readonly under: KeyLabel }): Promise<CardCodes>;
  /** The comparison of a CVV2 (or of a CSC of 4 digits) with the card's. @throws ERR_PAN | ERR_EXPIRY as `cardCodes`, with the comparison */
  prepareVerifyCvv2(request: CardFace & { readonly candidate: string }): Promise<() => Promise<boolean>>;
  /** The CVV2 in clear. @permit reveal-cvv2 @throws ERR_POLICY | ERR_PAN | ERR_EXPIRY no capability · as `cardCodes` */
  revealCvv2(request: CardFace & { readonly permit: Capability }): Promise<string>;
  /**
   * A new dynamic code, other than the printed one, under a client's data key, and what to store of it.
   *
   * @throws ERR_CLOCK | ERR_PAN | ERR_EXPIRY  not a time · as `cardCodes`
   */
  issueDynamicCode(
    request: CardFace & {
      /** HMAC, usage M7. */
      readonly key: KeyLabel;
      readonly subject: IssuedCodeSubject;
      readonly at: UnixSeconds;
      readonly lifetimeSeconds: number;
      readonly under: KeyLabel;
    },
  ): Promise<{ readonly code: CodeBlock; readonly issued: IssuedCode }>;
  /** The comparison of a dynamic code with the one that is outstanding. @throws ERR_CLOCK not a time */
  prepareVerifyIssuedCode(request: {
    readonly key: KeyLabel;
    readonly subject: IssuedCodeSubject;
    readonly issued: IssuedCode;
    readonly candidate: string;
    readonly at: UnixSeconds;
  }): Promise<() => Promise<boolean>>;
  /** Number, expiry, name, tracks and codes of a card in an envelope of its receiver. @throws ERR_PAN | ERR_EXPIRY | ERR_SERVICE_CODE as `cardCodes` */
  embossData(request: EmbossRequest): Promise<SealedEnvelope>;
}
