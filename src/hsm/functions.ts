/**
 * What an HSM does for an issuer, as small interfaces. Types only.
 *
 * Keys are named by label and cards by token; clear keys, clear PINs and, but for the two functions that say
 * so, clear PANs stay inside. Everything is a promise, so that a driver of a real HSM fits behind it.
 * Functions that compare a secret come in two steps: `prepare…` refuses whatever can be refused, and what it
 * returns compares; a try is paid in between.
 */
import type {
  CodeBlock,
  Expiry,
  Kcv,
  Pan,
  PanIndex,
  PanToken,
  PinOffset,
  Pvki,
  Pvv,
  SealedEnvelope,
  SealedField,
  ServiceCode,
  Tag,
  UnixSeconds,
} from '../brand.ts';
import type { ExpiryOrder } from '../cvv/cvv.ts';
import type { IssuedCode, IssuedCodeSubject } from '../dcvv2/issued.ts';
import type { Capability, CapabilityScope } from '../keys/capability.ts';
import type { KeyComponent } from '../keys/component.ts';
import type { KeyBytes } from '../keys/key.ts';
import type { KeyBlockVersion } from '../keys/key-block-header.ts';
import type { KeyAttributes } from '../keys/usage.ts';
import type { PanRange } from '../pan/range.ts';
import type { EncryptedPinBlock } from '../pinblock/format.ts';
import type { TokenProfile } from '../token/profile.ts';

/** The name of a key: 1 to 64 characters, letters, digits and . _ - / */
export type KeyLabel = string;

/** How the tokens of a kind of card are made and opened. */
export interface TokenDomain {
  /** AES, usage D0. */
  readonly key: KeyLabel;
  readonly profile: TokenProfile;
  readonly tenant: string;
}

/** A card, by its token. */
export interface CardReference {
  readonly token: PanToken;
  readonly domain: TokenDomain;
}

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
  /** The codes of a card under a client's data key (TDES, usage D0). */
  cardCodes(request: CardFace & { readonly under: KeyLabel }): Promise<CardCodes>;
  /** The comparison of a CVV2 (or of a CSC of 4 digits) with the card's. */
  prepareVerifyCvv2(request: CardFace & { readonly candidate: string }): Promise<() => Promise<boolean>>;
  /** The CVV2 in clear. @permit reveal-cvv2 */
  revealCvv2(request: CardFace & { readonly permit: Capability }): Promise<string>;
  /** A new dynamic code, other than the printed one, under a client's data key, and what to store of it. */
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
  /** The comparison of a dynamic code with the one that is outstanding. */
  prepareVerifyIssuedCode(request: {
    readonly key: KeyLabel;
    readonly subject: IssuedCodeSubject;
    readonly issued: IssuedCode;
    readonly candidate: string;
    readonly at: UnixSeconds;
  }): Promise<() => Promise<boolean>>;
  /** Number, expiry, name, tracks and codes of a card in an envelope of its receiver. */
  embossData(request: EmbossRequest): Promise<SealedEnvelope>;
}

/** A PVV or an offset, bound to its card, key and method by a code of the HSM. */
export type BoundPin = {
  readonly length: number;
  readonly tag: Tag;
  /** The PIN itself, where the product lets it come back. */
  readonly sealed?: SealedField;
} & (
  | { readonly kind: 'pvv'; readonly pvki: Pvki; readonly pvv: Pvv }
  | { readonly kind: 'ibm3624'; readonly method: string; readonly offset: PinOffset }
);

/** How the PINs of a product are kept. */
export type PinMethod = {
  /** Of the verification: usage V2 for a PVV, V1 for an offset. */
  readonly pvk: KeyLabel;
  /** Of the code that binds it: HMAC, usage M7. */
  readonly tagKey: KeyLabel;
  /** Where the PIN may come back from a PVV: AES, usage D3. */
  readonly sealKey?: KeyLabel;
  readonly pinLength: number;
} & (
  | { readonly kind: 'pvv'; readonly pvki: Pvki }
  /** `method`: the name of one that the HSM's policy pins. */
  | { readonly kind: 'ibm3624'; readonly method: string }
);

/** A PIN block that came in, and the key that it is under: usage P0. */
export interface PinBlockUnder {
  readonly block: EncryptedPinBlock;
  readonly pek: KeyLabel;
}

/** PINs, which never leave in clear but for a mailer. */
export interface PinFunctions {
  /** A random PIN. */
  drawPin(request: { readonly card: CardReference; readonly method: PinMethod }): Promise<BoundPin>;
  /** The PIN of a block, in place of whatever there was. @permit set-pin */
  setPin(
    request: {
      readonly card: CardReference;
      readonly method: PinMethod;
      /** The PIN there is, which the new one must not be. */
      readonly current: BoundPin | undefined;
      readonly permit: Capability;
    } & PinBlockUnder,
  ): Promise<BoundPin>;
  /** The comparison of the PIN in a block. */
  prepareVerifyPin(
    request: {
      readonly card: CardReference;
      readonly method: PinMethod;
      readonly pin: BoundPin;
    } & PinBlockUnder,
  ): Promise<() => Promise<boolean>>;
  /**
   * The change of a PIN: compares the current one, and only then opens the requested one. `undefined` where
   * the current PIN is wrong; `refused` where the requested one is, whatever the cause.
   */
  prepareChangePin(
    request: {
      readonly card: CardReference;
      readonly method: PinMethod;
      readonly pin: BoundPin;
      readonly requested: EncryptedPinBlock;
    } & PinBlockUnder,
  ): Promise<() => Promise<BoundPin | 'refused' | undefined>>;
  /** The PIN in a code block of a client (TDES, usage D0), where the method can give it back. @permit reveal-pin */
  recoverPin(request: {
    readonly card: CardReference;
    readonly method: PinMethod;
    readonly pin: BoundPin;
    readonly under: KeyLabel;
    readonly permit: Capability;
  }): Promise<CodeBlock>;
  /** The digits of the PIN, for a mailer and for nothing else. @permit reveal-pin */
  printPin(request: {
    readonly card: CardReference;
    readonly method: PinMethod;
    readonly pin: BoundPin;
    readonly permit: Capability;
  }): Promise<string>;
  /** The PIN of one card kept for the card that takes its place. @permit issuance */
  movePin(request: {
    readonly from: CardReference;
    readonly to: CardReference;
    readonly method: PinMethod;
    readonly pin: BoundPin;
    readonly permit: Capability;
  }): Promise<BoundPin>;
  /** The PIN in a block that was just verified, kept for the card that takes its place. @permit issuance */
  movePinOfBlock(
    request: {
      readonly from: CardReference;
      readonly to: CardReference;
      readonly method: PinMethod;
      readonly pin: BoundPin;
      readonly permit: Capability;
    } & PinBlockUnder,
  ): Promise<BoundPin>;
  /** A PIN block under another key or in another format, by the policy's table. @permit change-pan, for another card */
  translatePinBlock(
    request: {
      readonly card: CardReference;
      readonly target: { readonly pek: KeyLabel; readonly format: EncryptedPinBlock['format'] };
      readonly targetCard?: CardReference;
      readonly permit?: Capability;
    } & PinBlockUnder,
  ): Promise<EncryptedPinBlock>;
}

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
  /** The first PAN at number `n` of a range or after it, as a token; `next` is to be stored before it leaves. */
  drawPan(request: {
    readonly domain: TokenDomain;
    /** AES, usage D0, for this range only. */
    readonly key: KeyLabel;
    readonly range: PanRange;
    readonly n: number;
    readonly indexKeys: readonly KeyLabel[];
  }): Promise<{ readonly card: DrawnCard; readonly next: number }>;
  /** The token of a PAN in clear, as a client without certificate hands it in. */
  tokenOf(request: { readonly domain: TokenDomain; readonly pan: Pan }): Promise<PanToken>;
  /** The PAN in an envelope of a client (usage K1). @permit reveal-pan */
  sealPan(request: {
    readonly card: CardReference;
    readonly under: KeyLabel;
    readonly context: string;
    readonly permit: Capability;
  }): Promise<SealedEnvelope>;
  /** The PAN in clear. @permit reveal-pan */
  revealPan(request: { readonly card: CardReference; readonly permit: Capability }): Promise<Pan>;
  /** The comparison of digits with those of the PAN that no token shows: after the first 8, before the last 4. */
  preparePossession(request: {
    readonly card: CardReference;
    readonly digits: string;
  }): Promise<() => Promise<boolean>>;
  /** The indexes of cards under a key: for a rotation of the index key. */
  indexCards(request: {
    readonly cards: readonly CardReference[];
    readonly key: KeyLabel;
  }): Promise<readonly PanIndex[]>;
}

/** Envelopes to and from clients. */
export interface EnvelopeFunctions {
  sealEnvelope(request: {
    readonly under: KeyLabel;
    readonly plaintext: Uint8Array;
    readonly context: string;
  }): Promise<SealedEnvelope>;
  openEnvelope(request: {
    readonly under: KeyLabel;
    readonly envelope: SealedEnvelope;
    readonly context: string;
  }): Promise<Uint8Array>;
}

/** Codes over records that rest outside. */
export interface RecordFunctions {
  tagRecords(request: {
    readonly key: KeyLabel;
    readonly records: readonly string[];
  }): Promise<readonly Tag[]>;
  /** Whether every tag is the one of its record. */
  verifyRecords(request: {
    readonly key: KeyLabel;
    readonly records: readonly string[];
    readonly tags: readonly string[];
  }): Promise<boolean>;
}

/** What of a key may be told. */
export interface KeyInfo {
  readonly label: KeyLabel;
  readonly state: 'live' | 'retired' | 'destroyed';
  /** Absent once destroyed. */
  readonly attributes?: Required<KeyAttributes>;
  readonly keyBytes?: KeyBytes;
  readonly kcv?: Kcv;
}

/** A clear part of a key, and the permission of whoever brings it. */
export interface BroughtComponent extends KeyComponent {
  /** Scope `load-component`; each of another holder. */
  readonly permit: Capability;
}

/** Keys by label. All but the two that tell need a capability of scope `manage-keys`. */
export interface KeyFunctions {
  generateKey(request: {
    readonly label: KeyLabel;
    readonly attributes: KeyAttributes;
    readonly keyBytes: KeyBytes;
    readonly permit: Capability;
  }): Promise<KeyInfo>;
  importKey(request: {
    readonly label: KeyLabel;
    readonly keyBlock: string;
    /** The key block protection key: usage K1. */
    readonly under: KeyLabel;
    readonly permit: Capability;
  }): Promise<KeyInfo>;
  /** A key from two or more parts, each brought under a permission of another holder. */
  importComponents(request: {
    readonly label: KeyLabel;
    readonly attributes: KeyAttributes;
    readonly components: readonly BroughtComponent[];
    readonly expectedKcv?: string;
    readonly permit: Capability;
  }): Promise<KeyInfo>;
  exportKey(request: {
    readonly label: KeyLabel;
    readonly under: KeyLabel;
    readonly version: KeyBlockVersion;
    readonly permit: Capability;
  }): Promise<string>;
  /** Clear parts of a key. @permit manage-keys, and `reveal` of scope export-clear-key of another holder */
  exportComponents(request: {
    readonly label: KeyLabel;
    readonly count: number;
    readonly permit: Capability;
    readonly reveal: Capability;
  }): Promise<readonly KeyComponent[]>;
  keyInfo(label: KeyLabel): Promise<KeyInfo>;
  listKeys(): Promise<readonly KeyInfo[]>;
  /** From now on the key opens and verifies, and makes nothing new. */
  retireKey(request: { readonly label: KeyLabel; readonly permit: Capability }): Promise<KeyInfo>;
  destroyKey(request: { readonly label: KeyLabel; readonly permit: Capability }): Promise<KeyInfo>;
  /** Refuses labels of which two hold the same bytes. */
  requireDistinctKeys(labels: readonly KeyLabel[]): Promise<void>;
  /** Refuses a capability that is not live, of the scope, and of this HSM's authority. */
  authorize(permit: Capability, scope: CapabilityScope): Promise<void>;
}

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
  issueCards(request: CardBatchRequest): Promise<CardBatchChunk>;
}

/** Everything an issuer asks of an HSM. */
export interface Hsm
  extends CardFunctions,
    PinFunctions,
    TokenFunctions,
    EnvelopeFunctions,
    RecordFunctions,
    KeyFunctions,
    BatchFunctions {}
