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

/** node-forge with the schedule kept: only the input and output buffers are new. */
function forgeReused(algorithm: 'DES-ECB' | '3DES-ECB', key: Buffer): Encipher {
  const cipher = forge.cipher.createCipher(algorithm, forge.util.createBuffer(key.toString('binary')));
  return (data) => {
    cipher.start({});
    cipher.update(forge.util.createBuffer(data.toString('binary')));
    return Buffer.from(cipher.output.getBytes(data.length), 'binary');
  };
}

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
export const FORGE: Des = {
  name: 'node-forge',
  tdes: forgeReused('3DES-ECB', key24),
  single: forgeReused('DES-ECB', left),
};
export const PEERS: readonly Des[] = [NODE_FRESH, NODE_REUSED, FORGE];

/** Selected decimal digits of a block, as whoever writes this against a cipher library writes it. */
export function selected(block: Buffer, count: number): string {
  const hex = block.toString('hex');
  let digits = '';
  for (let i = 0; i < 16 && digits.length < count; i++) if ((hex[i] as string) <= '9') digits += hex[i];
  for (let i = 0; i < 16 && digits.length < count; i++)
    if ((hex[i] as string) > '9') digits += String(hex.charCodeAt(i) - 97);
  return digits;
}
