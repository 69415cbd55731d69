/** What an HSM does with keys, and under keys with what is not a card's: envelopes and records. Types only. */
import type { Kcv, SealedEnvelope, Tag } from '../brand.ts';
import type { Capability, CapabilityScope } from '../keys/capability.ts';
import type { KeyComponent } from '../keys/component.ts';
import type { KeyBytes } from '../keys/key.ts';
import type { KeyBlockVersion } from '../keys/key-block-header.ts';
import type { KeyAttributes } from '../keys/usage.ts';
import type { KeyLabel } from './reference.ts';

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
