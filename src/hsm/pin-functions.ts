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
