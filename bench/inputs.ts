/** The inputs and keys that all benchmarks share. Test keys only. */
import {
  loadKernel,
  parseExpiry,
  parsePan,
  parsePin,
  parsePins,
  parsePvki,
  parseServiceCode,
} from '../src/index.ts';
import { switchKernel } from '../src/kernel/slot.ts';
import { importClearKeyHex } from '../src/keys/clear-face.ts';
import { nodeCiphers } from '../src/node/index.ts';

await loadKernel();

export const CVK_HEX = '0123456789ABCDEFFEDCBA9876543210';
export const AES_HEX = '2B7E151628AED2A6ABF7158809CF4F3C';

const attributes = { algorithm: 'T', mode: 'N', exportability: 'N' } as const;
export const cvk = importClearKeyHex({ usage: 'C0', ...attributes }, CVK_HEX);
export const pvk = importClearKeyHex({ usage: 'V2', ...attributes }, CVK_HEX);
export const ibmPvk = importClearKeyHex({ usage: 'V1', ...attributes }, CVK_HEX);
export const pek = importClearKeyHex({ usage: 'P0', ...attributes }, CVK_HEX);
export const aesKey = importClearKeyHex(
  { usage: 'D0', algorithm: 'A', mode: 'N', exportability: 'N' },
  AES_HEX,
);
export const NODE_BACKEND = { backend: nodeCiphers };

/** Cards with different PANs; the C program makes the same. */
export const COUNT = 4096;
export function panText(i: number): string {
  // One piece of memory, as strings are that come from a database or a request, not three that hang together.
  return JSON.parse(`"400000${String((i * 244_877) % 1_000_000_000).padStart(9, '0')}${i % 10}"`);
}
export const expiry = parseExpiry('2812');
export const serviceCode = parseServiceCode('201');
export const pvki = parsePvki('1');
export const cards = Array.from({ length: COUNT }, (_, i) => ({
  pan: parsePan(panText(i), { checkDigit: 'any' }),
  expiry,
  serviceCode,
}));
export type Card = (typeof cards)[number];
export const cardAt = (i: number): Card => cards[i] as Card;
export const pinTexts = Array.from({ length: COUNT }, (_, i) => String((i * 7) % 10_000).padStart(4, '0'));
export const pins = pinTexts.map(parsePin);

/** The same as columns, and many more of the kind. */
export const MANY = 1_000_000;
export const panColumn = {
  data: Buffer.from(Array.from({ length: MANY }, (_, i) => panText(i)).join('')),
  digits: 16,
  encoding: 'ascii',
} as const;
export const manyPins = parsePins({
  data: Buffer.from(
    Array.from({ length: MANY }, (_, i) => String((i * 7) % 10_000).padStart(4, '0')).join(''),
  ),
  digits: 4,
  encoding: 'ascii',
});

/** The twelve account digits, as everybody else must cut them too. */
export function tail12(i: number): string {
  return cardAt(i).pan.slice(3, 15);
}

/** A contender without the kernel. */
export const WITHOUT_KERNEL: readonly [() => void, () => void] = [
  () => switchKernel(false),
  () => switchKernel(true),
];

/** Ours, in the three forms in which it appears. */
export const OURS = 'cardwright';
export const OURS_PORTABLE = 'cardwright without WebAssembly';
