// Second implementation (test oracle), independent of src: key blocks of versions B and D, from
// TR-31:2018 / ANSI X9.143 (key derivation binding method).
import { aesCbc, aesCmac, asciiToHex, tdesCbc, tdesCmac } from './cipher.ts';

export type KeyBlockVersion = 'B' | 'D';

export interface KeyBlockHeader {
  readonly versionId: KeyBlockVersion;
  /** The stated length of the whole block, in characters. */
  readonly length: number;
  readonly keyUsage: string;
  readonly algorithm: string;
  readonly modeOfUse: string;
  readonly keyVersion: string;
  readonly exportability: string;
  /** Optional blocks in order, the padding block PB included. */
  readonly optionalBlocks: readonly (readonly [id: string, data: string])[];
  readonly headerLength: number;
}

function bad(reason: string): Error {
  return new Error(`oracle: key block: ${reason}`);
}

function blockBytesOf(versionId: KeyBlockVersion): number {
  return versionId === 'B' ? 8 : 16;
}

/** KBEK and KBAK: CMAC under the KBPK over counter, usage, 00, algorithm and length in bits. */
export function deriveKeyBlockKeys(
  versionId: KeyBlockVersion,
  kbpkHex: string,
): { kbek: string; kbak: string } {
  const bytes = kbpkHex.length / 2;
  const allowed = versionId === 'B' ? [16, 24] : [16, 24, 32];
  if (!allowed.includes(bytes)) throw bad('KBPK length');
  const algorithms: Record<string, string> =
    versionId === 'B' ? { 16: '0000', 24: '0001' } : { 16: '0002', 24: '0003', 32: '0004' };
  const algorithm = algorithms[bytes] ?? '';
  const lengthInBits = (bytes * 8).toString(16).toUpperCase().padStart(4, '0');
  const derive = (usage: '0000' | '0001'): string => {
    let key = '';
    for (let counter = 1; key.length < bytes * 2; counter += 1) {
      const input = `0${counter}${usage}00${algorithm}${lengthInBits}`;
      key += versionId === 'B' ? tdesCmac(kbpkHex, input) : aesCmac(kbpkHex, input);
    }
    return key.slice(0, bytes * 2);
  };
  return { kbek: derive('0000'), kbak: derive('0001') };
}

/** Reads a header with its optional blocks; what follows it is ignored. */
export function parseKeyBlockHeader(text: string): KeyBlockHeader {
  const fixed = /^([BD])(\d{4})([A-Z0-9]{2})([A-Z0-9])([A-Z0-9])([\x20-\x7e]{2})([A-Z0-9])(\d{2})00/.exec(
    text,
  );
  if (fixed === null) throw bad('header');
  const [, versionId, length, keyUsage, algorithm, modeOfUse, keyVersion, exportability, count] = fixed;
  if (versionId !== 'B' && versionId !== 'D') throw bad('version');
  const optionalBlocks: [string, string][] = [];
  let position = 16;
  const take = (characters: number): string => {
    const part = text.slice(position, position + characters);
    if (part.length !== characters) throw bad('optional block cut short');
    position += characters;
    return part;
  };
  const takeHex = (characters: number): number => {
    const part = take(characters);
    if (!/^[0-9A-F]+$/.test(part)) throw bad('optional block length');
    return Number.parseInt(part, 16);
  };
  for (let i = 0; i < Number(count); i += 1) {
    const begin = position;
    const id = take(2);
    if (!/^[A-Z0-9]{2}$/.test(id)) throw bad('optional block id');
    let blockLength = takeHex(2);
    if (blockLength === 0) {
      const lengthOfLength = takeHex(2);
      if (lengthOfLength === 0) throw bad('optional block length');
      blockLength = takeHex(lengthOfLength);
    }
    const dataLength = begin + blockLength - position;
    if (dataLength < 0) throw bad('optional block length');
    const data = take(dataLength);
    if (!/^[\x20-\x7e]*$/.test(data)) throw bad('optional block data');
    optionalBlocks.push([id, data]);
  }
  return {
    versionId,
    length: Number(length),
    keyUsage: keyUsage ?? '',
    algorithm: algorithm ?? '',
    modeOfUse: modeOfUse ?? '',
    keyVersion: keyVersion ?? '',
    exportability: exportability ?? '',
    optionalBlocks,
    headerLength: position,
  };
}

/**
 * The header for a key and padding of these sizes: the optional blocks, then a block PB filled with zeros if
 * it is needed to reach a multiple of the cipher block.
 */
export function makeKeyBlockHeader(input: {
  readonly versionId: KeyBlockVersion;
  readonly keyUsage: string;
  readonly algorithm: string;
  readonly modeOfUse: string;
  readonly keyVersion: string;
  readonly exportability: string;
  readonly optionalBlocks: readonly (readonly [id: string, data: string])[];
  readonly keyBytes: number;
  readonly paddingBytes: number;
}): string {
  const blockBytes = blockBytesOf(input.versionId);
  const block = (id: string, data: string): string =>
    id + (data.length + 4).toString(16).toUpperCase().padStart(2, '0') + data;
  let blocks = '';
  let count = 0;
  for (const [id, data] of input.optionalBlocks) {
    if (data.length > 251) throw bad('extended lengths are not written here');
    blocks += block(id, data);
    count += 1;
  }
  if (blocks.length % blockBytes !== 0) {
    let zeros = '';
    while ((blocks.length + 4 + zeros.length) % blockBytes !== 0) zeros += '0';
    blocks += block('PB', zeros);
    count += 1;
  }
  const total = 16 + blocks.length + 2 * (2 + input.keyBytes + input.paddingBytes) + 2 * blockBytes;
  return (
    input.versionId +
    String(total).padStart(4, '0') +
    input.keyUsage +
    input.algorithm +
    input.modeOfUse +
    input.keyVersion +
    input.exportability +
    String(count).padStart(2, '0') +
    '00' +
    blocks
  );
}

/** The key block for a complete header (length included) with the padding given. */
export function wrapKeyBlock(kbpkHex: string, header: string, keyHex: string, paddingHex: string): string {
  const { versionId, length, headerLength } = parseKeyBlockHeader(header);
  if (headerLength !== header.length) throw bad('characters after the header');
  const bits = (keyHex.length * 4).toString(16).toUpperCase().padStart(4, '0');
  const clear = bits + keyHex + paddingHex;
  if (clear.length % (2 * blockBytesOf(versionId)) !== 0) throw bad('padding length');
  const { kbek, kbak } = deriveKeyBlockKeys(versionId, kbpkHex);
  const macInput = asciiToHex(header) + clear;
  const mac = versionId === 'B' ? tdesCmac(kbak, macInput) : aesCmac(kbak, macInput);
  const encrypted =
    versionId === 'B' ? tdesCbc(kbek, mac, clear, 'encrypt') : aesCbc(kbek, mac, clear, 'encrypt');
  const result = header + encrypted + mac;
  if (result.length !== length) throw bad('stated length');
  return result;
}

/** Header, key and padding of a key block; throws if anything is wrong. */
export function unwrapKeyBlock(
  kbpkHex: string,
  keyBlock: string,
): { header: KeyBlockHeader; key: string; randomPadding: string } {
  const header = parseKeyBlockHeader(keyBlock);
  const { versionId } = header;
  const blockBytes = blockBytesOf(versionId);
  if (header.length !== keyBlock.length) throw bad('stated length');
  if (keyBlock.length % blockBytes !== 0) throw bad('length');
  const body = keyBlock.slice(header.headerLength);
  if (!/^[0-9A-F]*$/.test(body)) throw bad('not hex');
  const mac = body.slice(-2 * blockBytes);
  const encrypted = body.slice(0, -2 * blockBytes);
  if (mac.length !== 2 * blockBytes || encrypted === '') throw bad('too short');
  if (encrypted.length % (2 * blockBytes) !== 0) throw bad('encrypted part');
  const { kbek, kbak } = deriveKeyBlockKeys(versionId, kbpkHex);
  const clear =
    versionId === 'B' ? tdesCbc(kbek, mac, encrypted, 'decrypt') : aesCbc(kbek, mac, encrypted, 'decrypt');
  const macInput = asciiToHex(keyBlock.slice(0, header.headerLength)) + clear;
  const expected = versionId === 'B' ? tdesCmac(kbak, macInput) : aesCmac(kbak, macInput);
  if (mac !== expected) throw bad('MAC');
  const bits = Number.parseInt(clear.slice(0, 4), 16);
  if (bits === 0 || bits % 8 !== 0 || bits / 4 > clear.length - 4) throw bad('key length');
  const key = clear.slice(4, 4 + bits / 4);
  return { header, key, randomPadding: clear.slice(4 + bits / 4) };
}
