/** Code blocks, sealed envelopes, and the field forms of old receivers. */
export { type CodeBlockLayout, openCode, sealCode } from './code-block.ts';
export { ENVELOPE_MAX_BYTES, type EnvelopeAlgorithm, openEnvelope, sealEnvelope } from './envelope.ts';
export { decryptLegacyBlocks, decryptLegacyCbc, encryptLegacyBlocks } from './legacy-blocks.ts';
export {
  decryptLegacyField,
  encryptLegacyField,
  LEGACY_FIELD_BYTES,
  type LegacyField,
} from './legacy-field.ts';
