/** The emulated HSM, and the interfaces that a driver of a real one would stand behind. */
export type {
  CodeBlock,
  PanIndex,
  SealedEnvelope,
  SealedField,
  Tag,
} from '../brand.ts';
export type { KeyStore, StoredKey } from '../port.ts';
export type { AuditEvent, AuditHook } from './audit.ts';
export type {
  BatchFunctions,
  BoundPin,
  BroughtComponent,
  CardBatchChunk,
  CardBatchRequest,
  CardCodes,
  CardFace,
  CardFunctions,
  CardReference,
  CodeKind,
  DrawnCard,
  Embosser,
  EmbossRequest,
  EnvelopeFunctions,
  Hsm,
  KeyFunctions,
  KeyInfo,
  KeyLabel,
  PinBlockUnder,
  PinFunctions,
  PinMethod,
  RecordFunctions,
  TimeCodeFunctions,
  TimedCard,
  TimeScheme,
  TokenDomain,
  TokenFunctions,
} from './functions.ts';
export { createMemoryKeyStore } from './key-store.ts';
export { defineHsmPolicy, type HsmPolicy, type Ibm3624Methods, type Translations } from './policy.ts';
export { createSoftHsm, type SoftHsmOptions } from './soft-hsm.ts';
