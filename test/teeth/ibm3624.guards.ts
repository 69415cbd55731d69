/** Guards around the decimalisation tables of IBM 3624. */
import {
  type Dectab,
  defineIbm3624Method,
  encryptPinBlock,
  type Ibm3624Method,
  type PinOffset,
  parsePin,
  parsePinOffset,
  pinOffset,
  verifyPinBlock,
} from '../../src/index.ts';
import type { Guard } from './guard.ts';
import { tdesKey, VICTIM } from './thief.ts';

const TABLE = '0123456789012345';
const SECRET = '7391';
const keys = { pek: tdesKey('pek', 'P0', 'B'), pvk: tdesKey('pvk', 'V1', 'C') };
const method = defineIbm3624Method({
  dectab: TABLE,
  validationData: { start: 1, from: 'right', digits: 12, padSide: 'right', padDigit: 'F' },
  pinLength: 4,
});
/** It stands in the record of the card, for everybody to read. */
const stored = pinOffset(keys.pvk, parsePin(SECRET), VICTIM, method);
const captured = encryptPinBlock(keys.pek, parsePin(SECRET), VICTIM, 'ISO-0');

/** A method with a table of the thief's. */
type Making = (dectab: string) => Ibm3624Method;
const forged: Making = (dectab) => ({ ...method, dectab: dectab as Dectab });
const defined: Making = (dectab) => defineIbm3624Method({ ...method, dectab });

/** The PIN of natural digits under the stored offset. */
function pinOf(natural: readonly (number | undefined)[]): string {
  return natural.map((digit, i) => String(((digit ?? 0) + Number(stored[i])) % 10)).join('');
}

/** The places that a number from 0 to 15 names, a bit each. */
function isIn(places: number, i: number): boolean {
  return ((places >> i) & 1) === 1;
}

/**
 * A table that is 1 for one natural digit and 0 for all others makes every natural PIN one of zeros and ones. The
 * thief types PINs of zeros and ones until one is right: that is where the digit stands.
 */
function byZerosAndOnes(making: Making): boolean {
  const typed = Array.from({ length: 16 }, (_, places) => {
    const pin = Array.from('0000', (_, i) => (isIn(places, i) ? '1' : '0')).join('');
    return encryptPinBlock(keys.pek, parsePin(pin), VICTIM, 'ISO-0');
  });
  const natural: number[] = [];
  for (let digit = 0; digit < 10; digit++) {
    const table = making(Array.from(TABLE, (d) => (Number(d) === digit ? '1' : '0')).join(''));
    const reference = { offset: parsePinOffset('0000'), method: table };
    const places = typed.findIndex((block) => verifyPinBlock(keys, block, VICTIM, reference));
    for (let i = 0; i < 4; i++) if (isIn(places, i)) natural[i] = digit;
  }
  return pinOf(natural) === SECRET;
}

/**
 * A table in which one natural digit is raised by one, which is as sane as the right one, and an offset that undoes
 * it where the digit stands: a block of the holder's PIN is right again when the places are guessed.
 */
function byRaisedDigits(making: Making): boolean {
  const ask = (table: Ibm3624Method, offset: string): boolean =>
    verifyPinBlock(keys, captured, VICTIM, { offset: offset as PinOffset, method: table });
  const natural: number[] = [];
  for (let digit = 0; digit < 10; digit++) {
    const table = making(Array.from(TABLE, (d) => (Number(d) === digit ? (digit + 1) % 10 : d)).join(''));
    const undone = (places: number): string =>
      Array.from(stored, (d, i) => (Number(d) + (isIn(places, i) ? 9 : 0)) % 10).join('');
    const places = Array.from({ length: 16 }, (_, n) => n).find((n) => ask(table, undone(n))) ?? 0;
    for (let i = 0; i < 4; i++) if (isIn(places, i)) natural[i] = digit;
  }
  return pinOf(natural) === SECRET;
}

const KNOWN_METHODS = {
  file: 'pin/ibm3624-method.ts',
  passage: "return methods.require(method, 'method');",
  instead: 'return [...textToDigits(method.dectab)];',
};

export const GUARDS: readonly Guard[] = [
  {
    ids: ['PIN-01'],
    guard: 'a method is one that was defined, whatever table it shows',
    cuts: [KNOWN_METHODS],
    attack: () => byZerosAndOnes(forged),
  },
  {
    ids: ['PIN-01'],
    guard: 'a table has many digits, for whoever hands the definition of methods to his callers',
    cuts: [
      {
        file: 'pin/ibm3624-method.ts',
        passage: 'if (counts.filter((count) => count > 0).length < 8 || counts.some((count) => count > 4))',
        instead: 'if (false)',
      },
    ],
    attack: () => byZerosAndOnes(defined),
  },
  {
    ids: ['PIN-02'],
    guard: 'a method is one that was defined, however sane its table',
    cuts: [KNOWN_METHODS],
    attack: () => byRaisedDigits(forged),
  },
];
