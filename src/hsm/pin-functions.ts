/** What an HSM does with PINs, which never leave in clear but for a mailer. Types only. */
import type { CodeBlock, PinOffset, Pvki, Pvv, SealedField, Tag } from '../brand.ts';
import type { Capability } from '../keys/capability.ts';
import type { EncryptedPinBlock } from '../pinblock/format.ts';
import type { CardReference, KeyLabel } from './reference.ts';

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

/**
 * PINs, which never leave in clear but for a mailer.
 *
 * @throws ERR_POLICY  a capability that is missing; a method that the policy does not pin, or that is not the PIN's
 * @throws ERR_STORE_CORRUPT  a PIN that was not bound here, or not to this card and method
 * @throws ERR_PIN_BLOCK_FORMAT  a format that the policy or the key does not take
 */
export interface PinFunctions {
  /** A random PIN. @throws ERR_POLICY | ERR_INDEX as all; not a PVKI */
  drawPin(request: { readonly card: CardReference; readonly method: PinMethod }): Promise<BoundPin>;
  /**
   * A random PIN, and the same in a PIN block for whoever brings it to its holder: it comes once. @permit emboss
   *
   * @throws ERR_POLICY            no capability
   * @throws ERR_PIN_BLOCK_FORMAT  a format that does not fit the key
   * @throws as `drawPin`
   */
  issuePin(request: {
    readonly card: CardReference;
    readonly method: PinMethod;
    /** Usage P0. */
    readonly pek: KeyLabel;
    readonly format: 'ISO-0' | 'ISO-3' | 'ISO-4';
    readonly permit: Capability;
  }): Promise<{ readonly pin: BoundPin; readonly block: EncryptedPinBlock }>;
  /**
   * The PIN of a block, in place of whatever there was, to which it is not compared: that would be a try.
   * @permit set-pin
   *
   * @throws ERR_PIN_REFUSED  no PIN in the block, another length, too easy: one code for every cause
   * @throws ERR_POLICY | ERR_STORE_CORRUPT | ERR_PIN_BLOCK_FORMAT  as all
   */
  setPin(
    request: {
      readonly card: CardReference;
      readonly method: PinMethod;
      readonly permit: Capability;
    } & PinBlockUnder,
  ): Promise<BoundPin>;
  /** The comparison of the PIN in a block. @throws ERR_POLICY | ERR_STORE_CORRUPT | ERR_PIN_BLOCK_FORMAT as all */
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
   *
   * @throws ERR_POLICY | ERR_STORE_CORRUPT | ERR_PIN_BLOCK_FORMAT  as all
   */
  prepareChangePin(
    request: {
      readonly card: CardReference;
      readonly method: PinMethod;
      readonly pin: BoundPin;
      readonly requested: EncryptedPinBlock;
    } & PinBlockUnder,
  ): Promise<() => Promise<BoundPin | 'refused' | undefined>>;
  /**
   * The PIN in a code block of a client (TDES, usage D0), where the method can give it back. @permit reveal-pin
   *
   * @throws ERR_PIN_NOT_RECOVERABLE  it cannot
   * @throws ERR_POLICY | ERR_STORE_CORRUPT  as all
   */
  recoverPin(request: {
    readonly card: CardReference;
    readonly method: PinMethod;
    readonly pin: BoundPin;
    readonly under: KeyLabel;
    readonly permit: Capability;
  }): Promise<CodeBlock>;
  /** The digits of the PIN, for a mailer and for nothing else. @permit print-pin @throws ERR_PIN_NOT_RECOVERABLE | ERR_POLICY as `recoverPin` */
  printPin(request: {
    readonly card: CardReference;
    readonly method: PinMethod;
    readonly pin: BoundPin;
    readonly permit: Capability;
  }): Promise<string>;
  /** The PIN of one card kept for the card that takes its place. @permit issuance @throws ERR_PIN_NOT_RECOVERABLE | ERR_POLICY as `recoverPin` */
  movePin(request: {
    readonly from: CardReference;
    readonly to: CardReference;
    readonly method: PinMethod;
    readonly pin: BoundPin;
    readonly permit: Capability;
  }): Promise<BoundPin>;
  /** The PIN in a block that was just verified, kept for the card that takes its place. @permit issuance @throws ERR_PIN_REFUSED | ERR_POLICY it is not the card's · as all */
  movePinOfBlock(
    request: {
      readonly from: CardReference;
      readonly to: CardReference;
      readonly method: PinMethod;
      readonly pin: BoundPin;
      readonly permit: Capability;
    } & PinBlockUnder,
  ): Promise<BoundPin>;
  /**
   * A PIN block under another key or in another format, by the policy's table. @permit change-pan, for another card
   *
   * @throws ERR_POLICY  a translation that the policy does not list; another card without capability; the same key and format
   * @throws ERR_PIN_BLOCK_TRANSLATION | ERR_PIN_BLOCK_FORMAT | ERR_PIN_BLOCK  never permitted · not of the key · no PIN in it
   */
  translatePinBlock(
    request: {
      readonly card: CardReference;
      readonly target: { readonly pek: KeyLabel; readonly format: EncryptedPinBlock['format'] };
      readonly targetCard?: CardReference;
      readonly permit?: Capability;
    } & PinBlockUnder,
  ): Promise<EncryptedPinBlock>;
}
