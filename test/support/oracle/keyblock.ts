// Second implementation (test oracle), independent of src: key blocks of versions A to E, from TR-31:2018 and
// ANSI X9.143 (A and C: key variant binding; B and D: key derivation binding) and ISO 20038 (E).
import { aesCbc, aesCmac, aesCtr, asciiToHex, tdesCbc, tdesCmac, xorHex } from './cipher.ts';

export type KeyBlockVersion = 'A' | 'B' | 'C' | 'D' | 'E';

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

/** The cipher block that headers are padded to. */
function blockBytesOf(versionId: KeyBlockVersion): number {
  return versionId === 'D' || versionId === 'E' ? 16 : 8;
}

const MAC_BYTES = { A: 4, B: 8, C: 4, D: 16, E: 16 } as const;

/**
 * KBEK and KBAK. A and C: the KBPK with 45 or 4D xored to each byte. B, D and E: CMAC under the KBPK over
 * counter, usage, 00, algorithm and length in bits; the usage of the KBEK of E is 2, that of counter mode.
 */
export function deriveKeyBlockKeys(
  versionId: KeyBlockVersion,
  kbpkHex: string,
): { kbek: string; kbak: string } {
  const bytes = kbpkHex.length / 2;
  const isAes = blockBytesOf(versionId) === 16;
  const allowed = isAes ? [16, 24, 32] : [16, 24];
  if (!allowed.includes(bytes)) throw bad('KBPK length');
  if (versionId === 'A' || versionId === 'C')
    return { kbek: xorHex(kbpkHex, '45'.repeat(bytes)), kbak: xorHex(kbpkHex, '4D'.repeat(bytes)) };
  const algorithms: Record<string, string> = isAes
    ? { 16: '0002', 24: '0003', 32: '0004' }
    : { 16: '0000', 24: '0001' };
  const algorithm = algorithms[bytes] ?? '';
  const lengthInBits = (bytes * 8).toString(16).toUpperCase().padStart(4, '0');
  const derive = (usage: '0000' | '0001' | '0002'): string => {
    let key = '';
    for (let counter = 1; key.length < bytes * 2; counter += 1) {
      const input = `0${counter}${usage}00${algorithm}${lengthInBits}`;
      key += isAes ? aesCmac(kbpkHex, input) : tdesCmac(kbpkHex, input);
    }
    return key.slice(0, bytes * 2);
  };
  return { kbek: derive(versionId === 'E' ? '0002' : '0000'), kbak: derive('0001') };
}

/** Reads a header with its optional blocks; what follows it is ignored. */
export function parseKeyBlockHeader(text: string): KeyBlockHeader {
  const fixed = /^([A-E])(\d{4})([A-Z0-9]{2})([A-Z0-9])([A-Z0-9])([\x20-\x7e]{2})([A-Z0-9])(\d{2})00/.exec(
    text,
  );
  if (fixed === null) throw bad('header');
  const [, versionId, length, keyUsage, algorithm, modeOfUse, keyVersion, exportability, count] = fixed;
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
    versionId: versionId as KeyBlockVersion,
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
  const total =
    16 + blocks.length + 2 * (2 + input.keyBytes + input.paddingBytes + MAC_BYTES[input.versionId]);
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

/** CBC-MAC: the last block of TDES in CBC mode from zeros, its first four bytes. */
function cbcMac(keyHex: string, messageHex: string): string {
  return tdesCbc(keyHex, '00'.repeat(8), messageHex, 'encrypt').slice(-16).slice(0, 8);
}

/** The key block for a complete header (length included) with the padding given. */
export function wrapKeyBlock(kbpkHex: string, header: string, keyHex: string, paddingHex: string): string {
  const bits = (keyHex.length * 4).toString(16).toUpperCase().padStart(4, '0');
  return bindKeyBlock(kbpkHex, header, bits + keyHex + paddingHex);
}

/** The key block for a complete header with these bytes inside, whatever they are. */
export function bindKeyBlock(kbpkHex: string, header: string, clear: string): string {
  const { versionId, length, headerLength } = parseKeyBlockHeader(header);
  if (headerLength !== header.length) throw bad('characters after the header');
  if (versionId !== 'E' && clear.length % (2 * blockBytesOf(versionId)) !== 0) throw bad('padding length');
  const { kbek, kbak } = deriveKeyBlockKeys(versionId, kbpkHex);
  const headerHex = asciiToHex(header);
  let encrypted: string;
  let mac: string;
  if (versionId === 'A' || versionId === 'C') {
    encrypted = tdesCbc(kbek, headerHex.slice(0, 16), clear, 'encrypt');
    mac = cbcMac(kbak, headerHex + encrypted);
  } else if (versionId === 'B') {
    mac = tdesCmac(kbak, headerHex + clear);
    encrypted = tdesCbc(kbek, mac, clear, 'encrypt');
  } else {
    mac = aesCmac(kbak, headerHex + clear);
    encrypted = versionId === 'D' ? aesCbc(kbek, mac, clear, 'encrypt') : aesCtr(kbek, mac, clear);
  }
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
  if (header.headerLength % blockBytes !== 0) throw bad('header length');
  const body = keyBlock.slice(header.headerLength);
  if (!/^[0-9A-F]*$/.test(body)) throw bad('not hex');
  const macDigits = 2 * MAC_BYTES[versionId];
  const mac = body.slice(-macDigits);
  const encrypted = body.slice(0, -macDigits);
  if (mac.length !== macDigits || encrypted === '') throw bad('too short');
  if (encrypted.length % (versionId === 'E' ? 2 : 2 * blockBytes) !== 0) throw bad('encrypted part');
  const { kbek, kbak } = deriveKeyBlockKeys(versionId, kbpkHex);
  const headerHex = asciiToHex(keyBlock.slice(0, header.headerLength));
  let clear: string;
  let expected: string;
  if (versionId === 'A' || versionId === 'C') {
    expected = cbcMac(kbak, headerHex + encrypted);
    clear = tdesCbc(kbek, headerHex.slice(0, 16), encrypted, 'decrypt');
  } else if (versionId === 'B') {
    clear = tdesCbc(kbek, mac, encrypted, 'decrypt');
    expected = tdesCmac(kbak, headerHex + clear);
  } else {
    clear = versionId === 'D' ? aesCbc(kbek, mac, encrypted, 'decrypt') : aesCtr(kbek, mac, encrypted);
    expected = aesCmac(kbak, headerHex + clear);
  }
  if (mac !== expected) throw bad('MAC');
  const bits = Number.parseInt(clear.slice(0, 4), 16);
  if (bits === 0 || bits % 8 !== 0 || bits / 4 > clear.length - 4) throw bad('key length');
  const key = clear.slice(4, 4 + bits / 4);
  return { header, key, randomPadding: clear.slice(4 + bits / 4) };
}
