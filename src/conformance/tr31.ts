/** Key blocks of ANSI X9.143 / TR-31 and ISO 20038, versions A to E, on clear key bytes below the guards. */

import { aes } from '../aes/block.ts';
import { bytesToHex } from '../bytes/hex.ts';
import { tdes } from '../des/tdes.ts';
import { openKeyBlock, sealKeyBlock } from '../keys/key-block-binding.ts';
import { deriveKeyBlockKeys } from '../keys/key-block-derivation.ts';
import {
  decodeKeyBlockHeader,
  encodeKeyBlockHeader,
  type KeyBlockVersion,
  type OptionalBlock,
} from '../keys/key-block-header.ts';
import { cmac } from '../mode/cmac.ts';
import { encryptEcb } from '../mode/ecb.ts';
import type { VectorCase } from './vector-file.ts';
import { Mismatch, type Operations, refuses, same, sameBytes } from './verdict.ts';

function requireVersion(version: string): KeyBlockVersion {
  if (!/^[ABCDE]$/.test(version)) throw new Mismatch('"versionId" is not a version');
  return version as KeyBlockVersion;
}

function checkKcv(vector: VectorCase, algorithm: string, key: Uint8Array): void {
  const published = vector.text('kcv').toUpperCase();
  const values =
    algorithm === 'A'
      ? [cmac(aes(key), new Uint8Array(16)), cmac(aes(key), new Uint8Array(0))]
      : [encryptEcb(tdes(key), new Uint8Array(8))];
  if (published.length === 0 || !values.some((value) => bytesToHex(value).startsWith(published)))
    throw new Mismatch('"kcv" differs from the published value');
}

/** Name and text of each optional block, published as pairs. */
function sameBlocks(blocks: readonly OptionalBlock[], published: readonly unknown[]): void {
  same('blocks', blocks.length, published.length);
  for (const [i, { id, text }] of blocks.entries()) {
    const pair: unknown = published[i];
    const isSame = Array.isArray(pair) && pair.length === 2 && pair[0] === id && pair[1] === text;
    same('blocks', isSame, true);
  }
}

export const tr31: Operations = {
  'tr31.unwrap': (vector) => {
    const keyBlock = vector.text('keyBlock');
    const { header, key } = openKeyBlock(vector.bytes('kbpk'), keyBlock);
    sameBytes('key', key, vector.bytes('key'));
    const published: readonly (readonly [string, string])[] = [
      ['versionId', header.version],
      ['keyUsage', header.usage],
      ['algorithm', header.algorithm],
      ['modeOfUse', header.mode],
      ['keyVersion', header.keyVersion],
      ['exportability', header.exportability],
    ];
    for (const [field, actual] of published) if (vector.has(field)) same(field, actual, vector.text(field));
    if (vector.has('optionalBlocks'))
      same('optionalBlocks', Number(keyBlock.slice(12, 14)), vector.number('optionalBlocks'));
    if (vector.has('kcv')) checkKcv(vector, header.algorithm, key);
    return 'passed';
  },
  'tr31.wrap': (vector) => {
    const { header } = decodeKeyBlockHeader(vector.text('header'));
    const keyBlock = sealKeyBlock(
      header.version,
      vector.bytes('kbpk'),
      header,
      vector.bytes('key'),
      vector.bytes('randomPadding'),
    );
    same('keyBlock', keyBlock, vector.text('keyBlock'));
    return 'passed';
  },
  'tr31.derive': (vector) => {
    const { kbek, kbak } = deriveKeyBlockKeys(requireVersion(vector.text('versionId')), vector.bytes('kbpk'));
    sameBytes('kbek', kbek, vector.bytes('kbek'));
    sameBytes('kbak', kbak, vector.bytes('kbak'));
    return 'passed';
  },
  'tr31.reject': (vector) => {
    const [kbpk, keyBlock] = [vector.bytes('kbpk'), vector.text('keyBlock')];
    return refuses(() => openKeyBlock(kbpk, keyBlock));
  },
  'tr31.header': (vector) => {
    const { header, headerLength } = decodeKeyBlockHeader(vector.text('header'));
    same('headerLength', headerLength, vector.number('headerLength'));
    sameBlocks(header.optionalBlocks, vector.list('blocks'));
    same('canonicalHeader', encodeKeyBlockHeader(header, 0), vector.text('canonicalHeader'));
    return 'passed';
  },
  'tr31.header-reject': (vector) => refuses(() => decodeKeyBlockHeader(vector.text('header'))),
};
