/** The inputs and keys that all benchmarks share. Test keys only. */
import { createCipheriv } from 'node:crypto';
import forge from 'node-forge';
import { parseExpiry, parsePan, parsePin, parseServiceCode } from '../src/index.ts';
import { importClearKeyHex } from '../src/keys/clear-face.ts';

export const CVK_HEX = '0123456789ABCDEFFEDCBA9876543210';
export const AES_HEX = '2B7E151628AED2A6ABF7158809CF4F3C';

const attributes = { algorithm: 'T', mode: 'N', exportability: 'N' } as const;
export const cvk = importClearKeyHex({ usage: 'C0', ...attributes }, CVK_HEX);
export const pvk = importClearKeyHex({ usage: 'V2', ...attributes }, CVK_HEX);
export const ibmPvk = importClearKeyHex({ usage: 'V1', ...attributes }, CVK_HEX);
export const pek = importClearKeyHex({ usage: 'P0', ...attributes }, CVK_HEX);
export const ff1Key = importClearKeyHex(
  { usage: 'D0', algorithm: 'A', mode: 'N', exportability: 'N' },
  AES_HEX,
);

/** Cards with different PANs. */
export const COUNT = 4096;
export const cards = Array.from({ length: COUNT }, (_, i) => ({
  pan: parsePan(`400000${String((i * 244_877) % 1_000_000_000).padStart(9, '0')}${i % 10}`, {
    checkDigit: 'any',
  }),
  expiry: parseExpiry('2812'),
  serviceCode: parseServiceCode('201'),
}));
export const pins = Array.from({ length: COUNT }, (_, i) =>
  parsePin(String((i * 7) % 10_000).padStart(4, '0')),
);
export const pinTexts = Array.from({ length: COUNT }, (_, i) => String((i * 7) % 10_000).padStart(4, '0'));

/** The twelve account digits, as everybody else must cut them too. */
export function tail12(i: number): string {
  return (cards[i] as { pan: string }).pan.slice(3, 15);
}

const left = Buffer.from(CVK_HEX.slice(0, 16), 'hex');
const right = Buffer.from(CVK_HEX.slice(16), 'hex');
const key24 = Buffer.concat([left, right, left]);
const single24 = Buffer.concat([left, left, left]);

/** One enciphering of whole blocks. */
export type Encipher = (data: Buffer) => Buffer;

/** TDES and single DES of a library, made fresh per call or kept. */
export interface Des {
  readonly name: string;
  readonly tdes: Encipher;
  readonly single: Encipher;
}

function nodeFresh(key: Buffer): Encipher {
  return (data) => createCipheriv('des-ede3-ecb', key, null).setAutoPadding(false).update(data);
}

function nodeReused(key: Buffer): Encipher {
  const cipher = createCipheriv('des-ede3-ecb', key, null).setAutoPadding(false);
  return (data) => cipher.update(data);
}

/** A cipher of node-forge with its schedule kept. */
function forgeCipher(algorithm: 'DES-ECB' | '3DES-ECB', key: Buffer): forge.cipher.BlockCipher {
  return forge.cipher.createCipher(algorithm, forge.util.createBuffer(key.toString('binary')));
}

export const forgeSingle: forge.cipher.BlockCipher = forgeCipher('DES-ECB', left);
export const forgeTdes: forge.cipher.BlockCipher = forgeCipher('3DES-ECB', key24);

/** One block as node-forge's users write it: binary strings in and out. */
export function forgeBlock(cipher: forge.cipher.BlockCipher, block: string): string {
  cipher.start({});
  cipher.update(forge.util.createBuffer(block));
  return cipher.output.getBytes(8);
}

/** One block as it goes fastest: two words into a buffer, which is left in the cipher's output. */
export function forgeWords(
  cipher: forge.cipher.BlockCipher,
  high: number,
  low: number,
): forge.util.ByteStringBuffer {
  const input = forge.util.createBuffer();
  input.putInt32(high);
  input.putInt32(low);
  cipher.start({});
  cipher.update(input);
  return cipher.output;
}

/** Names under which node-forge appears: as it is used, and as fast as it can be used. */
export const FORGE = 'node-forge';
export const FORGE_TUNED = 'node-forge, by words';

export const NODE_FRESH: Des = {
  name: 'node:crypto fresh',
  tdes: nodeFresh(key24),
  single: nodeFresh(single24),
};
export const NODE_REUSED: Des = {
  name: 'node:crypto reused',
  tdes: nodeReused(key24),
  single: nodeReused(single24),
};
export const PEERS: readonly Des[] = [NODE_FRESH, NODE_REUSED];

/** Selected decimal digits of a block, as whoever writes this against a cipher library writes it. */
export function selected(hex: string, count: number): string {
  let digits = '';
  for (let i = 0; i < 16 && digits.length < count; i++) if ((hex[i] as string) <= '9') digits += hex[i];
  for (let i = 0; i < 16 && digits.length < count; i++)
    if ((hex[i] as string) > '9') digits += String(hex.charCodeAt(i) - 97);
  return digits;
}
