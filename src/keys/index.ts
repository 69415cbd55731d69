/** Keys without their bytes: attributes, policy, random keys, key blocks, check values, capabilities. */

export type { Kcv } from '../brand.ts';
export {
  CAPABILITY_MAX_SECONDS,
  CAPABILITY_SCOPES,
  type Capability,
  type CapabilityAuthority,
  type CapabilityScope,
  createCapabilityAuthority,
} from './capability.ts';
export type { KcvBytes, KcvMethod } from './kcv.ts';
export { type Key, type KeyBytes, keyCheckValue, requireUsage } from './key.ts';
export {
  parseKeyBlockHeader,
  unwrapKeyBlock,
  type WrapOptions,
  type WrapVersion,
  wrapKeyBlock,
} from './key-block.ts';
export type { KeyBlockHeader, KeyBlockVersion, OptionalBlock } from './key-block-header.ts';
export { KEY_BLOCK_NAMES } from './key-block-names.ts';
export { type Operation, POLICY, type PolicyRow, TDES_BLOCK_BUDGET, type UsageFor } from './policy.ts';
export { randomKey } from './random-key.ts';
export {
  type Exportability,
  KEY_USAGES,
  type KeyAlgorithm,
  type KeyAttributes,
  type KeyUsage,
  type ModeOfUse,
} from './usage.ts';
