/** Check values, key blocks of every version, envelopes, code blocks and the fields of old receivers. */

import {
  CODE_BLOCK_LAYOUTS,
  type CodeBlockLayout,
  openCode,
  sealCode,
} from '../../../src/envelope/code-block.ts';
import { type EnvelopeAlgorithm, openEnvelope, sealEnvelope } from '../../../src/envelope/envelope.ts';
import { encryptLegacyField, LEGACY_FIELD_BYTES } from '../../../src/envelope/legacy-field.ts';
import { exportClearKey } from '../../../src/keys/clear.ts';
import type { Key } from '../../../src/keys/key.ts';
import { keyCheckValue } from '../../../src/keys/key.ts';
import { unwrapKeyBlock, wrapKeyBlock } from '../../../src/keys/key-block.ts';
import { KEY_USAGES, type KeyUsage, MODES_OF_USE } from '../../../src/keys/usage.ts';
import {
  dataKeyOf,
  hex,
  hmacKeyOf,
  kekOf,
  keyOf,
  paddedRandom,
  permitFor,
  unhex,
} from '../../support/arbitraries.ts';
import type { Draw } from '../../support/draw.ts';
import { asciiToHex, tdesCbc } from '../../support/oracle/cipher.ts';
import { decodeCodeBlock, encodeCodeBlock, sealCodeBlock } from '../../support/oracle/codeblock.ts';
import * as envelope from '../../support/oracle/envelope.ts';
import { kcv } from '../../support/oracle/kcv.ts';
import * as blocks from '../../support/oracle/keyblock.ts';
import { type Family, family } from './family.ts';

type Version = blocks.KeyBlockVersion;

const tdesKey = (draw: Draw): Uint8Array => draw.tdesKey(draw.of([16, 24] as const));

// ---- check values ----------------------------------------------------------------------------------------

const KCVS: readonly Family[] = [
  family({
    name: 'kcv-legacy',
    other: 'oracle/kcv',
    tested: { library: 1000, other: 5000 },
    shared: () => undefined,
    next: (draw) => {
      const algorithm = draw.of(['T', 'A'] as const);
      return { algorithm, raw: algorithm === 'T' ? tdesKey(draw) : draw.aesKey() };
    },
    library:
      () =>
      ({ algorithm, raw }) =>
        keyCheckValue(dataKeyOf(algorithm, raw), { method: 'zero-block' }),
    oracle:
      () =>
      ({ algorithm, raw }) =>
        kcv(hex(raw), algorithm === 'T' ? 'tdes-zero-block' : 'aes-zero-block'),
  }),
  family({
    name: 'kcv-cmac',
    other: 'oracle/kcv',
    tested: { library: 5000, other: 2500 },
    shared: () => undefined,
    next: (draw) => ({ raw: draw.aesKey(), bytes: draw.of([3, 5] as const) }),
    library:
      () =>
      ({ raw, bytes }) =>
        keyCheckValue(dataKeyOf('A', raw), { method: 'cmac-zero-block', bytes }),
    oracle:
      () =>
      ({ raw, bytes }) =>
        kcv(hex(raw), 'aes-cmac-zero-block', bytes),
  }),
  family({
    name: 'kcv-hmac',
    other: 'oracle/kcv',
    shared: () => undefined,
    next: (draw) => draw.bytes(draw.of([16, 20, 24, 32, 48, 64])),
    library: () => (raw) => hmacKeyOf(raw).kcv,
    oracle: () => (raw) => kcv(hex(raw), 'hmac-sha256-empty-message'),
  }),
];

// ---- key blocks ------------------------------------------------------------------------------------------

const isAes = (version: Version): boolean => version === 'D' || version === 'E';
/** What a key is padded to, by its algorithm, before whole blocks are made. */
const PADDED = { T: 24, A: 32, H: 64 } as const;

/** A key that the KBPK is strong enough for, and all that goes into its block. */
function wrapping(draw: Draw, version: Version, kbpk: Uint8Array) {
  const strong = isAes(version) && kbpk.length === 32;
  const algorithm = strong ? draw.of(['T', 'A', 'H'] as const) : 'T';
  const short = !isAes(version) && kbpk.length === 16;
  const raw =
    algorithm === 'T'
      ? draw.tdesKey(short ? 16 : draw.of([16, 24] as const))
      : algorithm === 'A'
        ? draw.aesKey()
        : draw.bytes(draw.of([20, 32, 64]));
  const size = isAes(version) ? 16 : 8;
  const paddingBytes = Math.ceil((2 + PADDED[algorithm]) / size) * size - 2 - raw.length;
  const usage = draw.of(Object.keys(KEY_USAGES) as KeyUsage[]);
  const mode = draw.of(MODES_OF_USE);
  const texts = Array.from({ length: draw.below(3) }, () => draw.hex(draw.below(30)));
  const optionalBlocks = texts.map((text, i) => [['KS', 'CT'][i] as string, text] as const);
  return { algorithm, raw, usage, mode, optionalBlocks, padding: draw.bytes(paddingBytes) } as const;
}
type Wrapping = ReturnType<typeof wrapping>;

function wrappedByOracle(version: Version, kbpk: Uint8Array, one: Wrapping): string {
  const header = blocks.makeKeyBlockHeader({
    versionId: version,
    keyUsage: one.usage,
    algorithm: one.algorithm,
    modeOfUse: one.mode,
    keyVersion: '00',
    exportability: 'E',
    optionalBlocks: one.optionalBlocks,
    keyBytes: one.raw.length,
    paddingBytes: one.padding.length,
  });
  return blocks.wrapKeyBlock(hex(kbpk), header, hex(one.raw), hex(one.padding));
}

const kbpkOf = (version: Version, raw: Uint8Array): Key<'K1'> => kekOf(isAes(version) ? 'A' : 'T', raw);
const kbpkBytes = (version: Version) => (draw: Draw) => (isAes(version) ? draw.aesKey() : tdesKey(draw));

const wraps = (version: 'A' | 'B' | 'C' | 'D'): Family =>
  family({
    name: `key-block-${version.toLowerCase()}-wrap`,
    other: 'oracle/keyblock',
    tested: { library: 500, other: 500 },
    shared: kbpkBytes(version),
    next: (draw, kbpk) => wrapping(draw, version, kbpk),
    library: (raw) => {
      const kbpk = kbpkOf(version, raw);
      return (one) =>
        wrapKeyBlock(kbpk, keyOf(one.usage, one.algorithm, one.mode, one.raw), version, {
          optionalBlocks: one.optionalBlocks.map(([id, text]) => ({ id, text })),
          legacyVersion: 'allow',
          random: paddedRandom(one.padding),
        });
    },
    oracle: (raw) => (one) => wrappedByOracle(version, raw, one),
  });

/** Blocks that the oracle made, opened by both. */
const unwraps = (version: Version): Family =>
  family({
    name: `key-block-${version.toLowerCase()}-unwrap`,
    other: 'oracle/keyblock',
    tested: { library: 500, other: 500 },
    shared: kbpkBytes(version),
    next: (draw, kbpk) => wrappedByOracle(version, kbpk, wrapping(draw, version, kbpk)),
    library: (raw) => {
      const [kbpk, permit] = [kbpkOf(version, raw), permitFor('export-clear-key')];
      return (text) => {
        const key = unwrapKeyBlock(kbpk, text);
        const { usage, algorithm, mode } = key.attributes;
        return `${usage} ${algorithm} ${mode} ${hex(exportClearKey(key, permit))}`;
      };
    },
    oracle: (raw) => (text) => {
      const { header, key } = blocks.unwrapKeyBlock(hex(raw), text);
      return `${header.keyUsage} ${header.algorithm} ${header.modeOfUse} ${key}`;
    },
  });

// ---- envelopes and blocks of values ------------------------------------------------------------------------

const envelopes = (name: string, algorithm: EnvelopeAlgorithm): Family =>
  family({
    name,
    other: 'oracle/envelope',
    tested: { library: 500, other: 500 },
    shared: (draw) => {
      const kind = draw.of(['T', 'A'] as const);
      return { kind, raw: kind === 'T' ? tdesKey(draw) : draw.aesKey() };
    },
    next: (draw, { kind }) => ({
      plaintext: draw.bytes(draw.below(60)),
      context: draw.bytes(draw.below(30)),
      secret: draw.bytes(32),
      padding: draw.bytes(kind === 'T' ? 6 : 14),
      iv: draw.bytes(algorithm === 'AES-256-GCM' ? 12 : 8),
    }),
    library: ({ kind, raw }) => {
      const kek = kekOf(kind, raw);
      return ({ plaintext, context, secret, padding, iv }) => {
        const random = paddedRandom([...secret, ...padding, ...iv]);
        const sealed = sealEnvelope(kek, plaintext, context, { algorithm, random });
        return `${hex(sealed)} ${hex(openEnvelope(kek, sealed, context))}`;
      };
    },
    oracle:
      ({ kind, raw }) =>
      ({ plaintext, context, secret, padding, iv }) => {
        const random = { secret: hex(secret), keyBlockPadding: hex(padding), iv: hex(iv) };
        const clear = hex(plaintext);
        return `${envelope.sealEnvelope(hex(raw), kind, algorithm, clear, hex(context), random)} ${clear}`;
      },
  });

const FIELDS = Object.keys(LEGACY_FIELD_BYTES) as (keyof typeof LEGACY_FIELD_BYTES)[];
const PRINTABLE = Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i));

const BLOCKS: readonly Family[] = [
  family({
    name: 'code-block',
    other: 'oracle/codeblock',
    tested: { library: 2500, other: 5000 },
    shared: tdesKey,
    next: (draw) => ({
      digits: draw.digits(draw.between(1, 12)),
      layout: draw.of(CODE_BLOCK_LAYOUTS) as CodeBlockLayout,
      fill: draw.hex(16),
    }),
    library: (raw) => {
      const key = dataKeyOf('T', raw);
      return ({ digits, layout, fill }) => {
        const random = paddedRandom(unhex([...fill].map((nibble) => `7${nibble}`).join('')));
        const block = sealCode(key, digits, layout, { random });
        return `${hex(block)} ${openCode(key, block, layout, { digits: digits.length })}`;
      };
    },
    oracle:
      (raw) =>
      ({ digits, layout, fill }) => {
        const nibbles = fill.slice(0, 14 - digits.length);
        const clear = encodeCodeBlock(layout, digits, nibbles);
        return `${sealCodeBlock(hex(raw), layout, digits, nibbles)} ${decodeCodeBlock(layout, clear, digits.length)}`;
      },
  }),
  family({
    name: 'legacy-field',
    other: 'node:crypto',
    tested: { other: 5000 },
    shared: tdesKey,
    next: (draw) => {
      const field = draw.of(FIELDS);
      const text = Array.from({ length: draw.below(LEGACY_FIELD_BYTES[field]) }, () =>
        draw.of(PRINTABLE),
      ).join('');
      return { field, text: `${text}.` };
    },
    library: (raw) => {
      const key = dataKeyOf('T', raw);
      return ({ field, text }) => hex(encryptLegacyField(key, text, field));
    },
    oracle:
      (raw) =>
      ({ field, text }) => {
        const padded = asciiToHex(text.padEnd(LEGACY_FIELD_BYTES[field]));
        return tdesCbc(hex(raw), '0'.repeat(16), padded, 'encrypt');
      },
  }),
];

export const KEYS: readonly Family[] = [
  ...KCVS,
  ...(['A', 'B', 'C', 'D'] as const).map(wraps),
  ...(['A', 'B', 'C', 'D', 'E'] as const).map(unwraps),
  envelopes('envelope-tdes', 'TDES-CBC-HMAC'),
  envelopes('envelope-aes', 'AES-256-GCM'),
  ...BLOCKS,
];
