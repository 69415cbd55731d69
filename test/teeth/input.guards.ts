/**
 * Guards that look at a length before they look at what is that long. What is counted is what a call reads: its time
 * follows from that, and is another on each machine.
 */
import {
  encryptFf1,
  encryptLegacyField,
  generateCvv2,
  type Key,
  luhnCheckDigit,
  parseExpiry,
  parseKeyBlockHeader,
  parsePan,
  randomKey,
} from '../../src/index.ts';
import { combineComponents } from '../../src/keys/clear-face.ts';
import type { Guard } from './guard.ts';

const ATTRIBUTES = { usage: 'D0', mode: 'B', exportability: 'N' } as const;
const aes: Key<'D0'> = randomKey({ ...ATTRIBUTES, algorithm: 'A' }, 16);
const tdes: Key<'D0'> = randomKey({ ...ATTRIBUTES, algorithm: 'T' }, 16);
const cvk = randomKey({ usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' }, 16);
const panel = { pan: parsePan('4000001234567899'), expiry: parseExpiry('2912') };

const LONG = 1_000_000;
const DIGITS = '1'.repeat(LONG);

/** A header with an optional block of a megabyte, whose length is said in eight hex digits. */
const HEADER = `D0144D0TE00E0100KS0008${(LONG + 14).toString(16).toUpperCase().padStart(8, '0')}${DIGITS}`;

/** Characters, elements and names that were read. */
let read = 0;

/** An array that counts what is read of it; its last element is none that could be right. */
function counted(element: unknown): readonly never[] {
  const array = new Array<unknown>(LONG).fill(element);
  array[LONG - 1] = null;
  return new Proxy(array, {
    get(target, name, receiver) {
      if (name !== 'length') read++;
      return Reflect.get(target, name, receiver);
    },
  }) as never[];
}

/** Whether a call reads all of a megabyte, whether it refuses it afterwards or not. */
function readsAll(call: () => unknown): boolean {
  const { charCodeAt } = String.prototype;
  const { test } = RegExp.prototype;
  const { keys } = Object;
  read = 0;
  String.prototype.charCodeAt = function (at) {
    read++;
    return charCodeAt.call(this, at);
  };
  RegExp.prototype.test = function (text) {
    read += text.length;
    return test.call(this, text);
  };
  Object.keys = (value: object) => {
    const names = keys(value);
    read += names.length;
    return names;
  };
  try {
    call();
  } catch (error) {
    if (!(error instanceof Error && error.name === 'PaymentCryptoError')) throw error;
  } finally {
    String.prototype.charCodeAt = charCodeAt;
    RegExp.prototype.test = test;
    Object.keys = keys;
  }
  return read >= LONG;
}

export const GUARDS: readonly Guard[] = [
  {
    ids: ['ST-07'],
    guard: 'a text is measured before it goes to its pattern',
    cuts: [{ file: 'input.ts', passage: 'value.length > most || !pattern.test', instead: '!pattern.test' }],
    attack: () => readsAll(() => encryptLegacyField(tdes, DIGITS, 'pan')),
  },
  {
    ids: ['ST-07'],
    guard: 'a PAN is measured before its digits are looked at',
    cuts: [{ file: 'pan/pan.ts', passage: 'pan.length > PAN_MAX_LENGTH || !isDigits', instead: '!isDigits' }],
    attack: () => readsAll(() => parsePan(DIGITS)),
  },
  {
    ids: ['ST-07'],
    guard: 'digits are counted before a check digit is made of them',
    cuts: [{ file: 'pan/luhn.ts', passage: 'payload.length > 64 || !isDigits', instead: '!isDigits' }],
    attack: () => readsAll(() => luhnCheckDigit(DIGITS)),
  },
  {
    ids: ['ST-07'],
    guard: 'a list is counted before it is copied',
    cuts: [
      { file: 'input.ts', passage: 'if (!(length <= (most ?? length)))', instead: 'if (!(length >= 0))' },
    ],
    attack: () => readsAll(() => combineComponents({ ...ATTRIBUTES, algorithm: 'A' }, counted(null))),
  },
  {
    ids: ['ST-07'],
    guard: 'numerals are counted before they are copied',
    cuts: [{ file: 'ff1/ff1.ts', passage: 'if (length > FF1_MAX_LENGTH) fail', instead: 'if (false) fail' }],
    attack: () => readsAll(() => encryptFf1(aes, 10, counted(1), new Uint8Array(0))),
  },
  {
    ids: ['ST-07'],
    guard: 'a key block has a greatest length',
    cuts: [
      {
        file: 'keys/key-block.ts',
        passage: 'if (keyBlock.length > MOST_CHARACTERS)',
        instead: 'if (false)',
      },
    ],
    attack: () => readsAll(() => parseKeyBlockHeader(HEADER)),
  },
  {
    ids: ['ST-07'],
    guard: 'the names of bytes are not listed',
    cuts: [{ file: 'input.ts', passage: 'none || ArrayBuffer.isView(value) ||', instead: 'none ||' }],
    attack: () => readsAll(() => generateCvv2(cvk, panel, new Uint8Array(LONG) as object)),
  },
];
