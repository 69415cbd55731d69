/** What an HSM does with keys, and under keys with what is not a card's: envelopes and records. Types only. */
import type { Kcv, SealedEnvelope, Tag } from '../brand.ts';
import type { Capability, CapabilityScope } from '../keys/capability.ts';
import type { KeyComponent } from '../keys/component.ts';
import type { KeyBytes } from '../keys/key.ts';
import type { WrapVersion } from '../keys/key-block.ts';
import type { KeyAttributes } from '../keys/usage.ts';
import type { KeyLabel } from './reference.ts';

/** Envelopes to and from clients. */
export interface EnvelopeFunctions {
  /** Bytes in an envelope of a receiver. @throws ERR_KEY_EXHAUSTED the budget of a TDES key is spent */
  sealEnvelope(request: {
    readonly under: KeyLabel;
    readonly plaintext: Uint8Array;
    readonly context: string;
  }): Promise<SealedEnvelope>;
  /**
   * The bytes of an envelope. @permit open-envelope: what was sealed for a client under a key of mode B or N opens too.
   *
   * @throws ERR_ENVELOPE_AUTH | ERR_POLICY  it does not open: one code for every cause · no capability
   */
  openEnvelope(request: {
    readonly under: KeyLabel;
    readonly envelope: SealedEnvelope;
    readonly context: string;
    readonly permit: Capability;
  }): Promise<Uint8Array>;
}

/** Codes over records that rest outside. */
export interface RecordFunctions {
  /** The code of each record. @throws ERR_INPUT texts that are not ASCII, or too long or many */
  tagRecords(request: {
    readonly key: KeyLabel;
    readonly records: readonly string[];
  }): Promise<readonly Tag[]>;
  /** Whether every tag is the one of its record. @throws ERR_INPUT as `tagRecords`; tags that are no list */
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

/**
 * Keys by label. All but those that tell need a capability of scope `manage-keys`.
 *
 * @throws ERR_CONFLICT | ERR_EXISTS  somebody else changed the label meanwhile
 */
export interface KeyFunctions {
  /** A random key. @throws ERR_POLICY | ERR_EXISTS | ERR_KEY_LENGTH no capability, too short a key · a label that was used before */
  generateKey(request: {
    readonly label: KeyLabel;
    readonly attributes: KeyAttributes;
    readonly keyBytes: KeyBytes;
    readonly permit: Capability;
  }): Promise<KeyInfo>;
  /**
   * A key from a key block.
   *
   * @throws ERR_POLICY | ERR_EXISTS  no capability, too short a key · a label that was used before
   * @throws ERR_KEY_BLOCK | ERR_KEY_BLOCK_AUTH | ERR_UNSUPPORTED  it does not open, or holds no key of ours
   */
  importKey(request: {
    readonly label: KeyLabel;
    readonly keyBlock: string;
    /** The key block protection key: usage K1. */
    readonly under: KeyLabel;
    readonly permit: Capability;
  }): Promise<KeyInfo>;
  /**
   * A key from two or more parts, each brought under a permission of another holder.
   *
   * @throws ERR_POLICY | ERR_EXISTS  no capability, holders that are the same or not named · a label that was used before
   * @throws ERR_KEY_COMPONENT | ERR_KEY_KCV | ERR_KEY_PARITY | ERR_KEY_WEAK | ERR_KEY_LENGTH  the parts, or the key
   */
  importComponents(request: {
    readonly label: KeyLabel;
    readonly attributes: KeyAttributes;
    readonly components: readonly BroughtComponent[];
    readonly expectedKcv?: string;
    readonly permit: Capability;
  }): Promise<KeyInfo>;
  /**
   * A key in a key block, of a version that the policy lists.
   *
   * @throws ERR_POLICY  no capability, another version, a key under itself
   * @throws ERR_KEY_EXPORT | ERR_KEY_WEAK  it may not leave, or not under this key
   */
  exportKey(request: {
    readonly label: KeyLabel;
    readonly under: KeyLabel;
    readonly version: WrapVersion;
    readonly permit: Capability;
  }): Promise<string>;
  /**
   * Clear parts of a key. @permit manage-keys, and `reveal` of scope export-clear-key of another holder
   *
   * @throws ERR_POLICY | ERR_KEY_EXPORT  no capabilities, or of one holder · the key may not leave
   */
  exportComponents(request: {
    readonly label: KeyLabel;
    readonly count: number;
    readonly permit: Capability;
    readonly reveal: Capability;
  }): Promise<readonly KeyComponent[]>;
  /** A key as it stands. @throws ERR_NOT_FOUND no key ever had the label */
  keyInfo(label: KeyLabel): Promise<KeyInfo>;
  /** All keys. @throws ERR_STORE_CORRUPT one of them is not what was stored */
  listKeys(): Promise<readonly KeyInfo[]>;
  /** From now on the key opens and verifies, and makes nothing new. @throws ERR_POLICY | ERR_KEY_RETIRED no capability · retired before */
  retireKey(request: { readonly label: KeyLabel; readonly permit: Capability }): Promise<KeyInfo>;
  /** The end of a key; its label is never free again. @throws ERR_POLICY no capability */
  destroyKey(request: { readonly label: KeyLabel; readonly permit: Capability }): Promise<KeyInfo>;
  /** Refuses labels of which two hold the same bytes. @throws ERR_POLICY two do */
  requireDistinctKeys(labels: readonly KeyLabel[]): Promise<void>;
  /** Refuses a capability that is not live, of the scope, and of this HSM's authority. @throws ERR_POLICY it is not */
  authorize(permit: Capability, scope: CapabilityScope): Promise<void>;
}
