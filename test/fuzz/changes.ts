/** Changes of texts that hold for every format: characters, spans, lengths. */
import { type Dice, pick } from './dice.ts';

/** Characters that are nearly others, or that end, cut, widen or join texts. */
const ODD_CHARACTERS = [
  '\0',
  '\n',
  '\r',
  '\t',
  ' ',
  '"',
  "'",
  ',',
  ';',
  '\\',
  '/',
  '-',
  '_',
  '=',
  '%',
  '\x7f',
  '\x80',
  'é',
  'ÿ',
  'ı',
  'İ',
  'ſ',
  'K',
  '０',
  '٣',
  '\u2028',
  '\ufeff',
  '\u200b',
  '\ud800',
  '\udc00',
  '💳',
  'ﬀ',
  'Ａ',
] as const;

/** Texts that mean something to a parser, whatever its format. */
const ODD_TEXTS = [
  '',
  '0',
  '-0',
  '-1',
  '00',
  '1e9',
  '1e400',
  'NaN',
  'Infinity',
  '0x10',
  '4294967296',
  '9007199254740993',
  'null',
  'true',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'length',
  '[object Object]',
  '{}',
  '[]',
  '../../etc',
] as const;

/** Lengths at which encodings and buffers end. */
const ODD_LENGTHS = [
  1, 2, 7, 8, 15, 16, 17, 31, 32, 63, 64, 127, 128, 251, 252, 255, 256, 257, 999, 9999, 10_000,
] as const;

type TextChange = (text: string, dice: Dice) => string;

/** A place in a text, its end among them. */
const placeIn = (text: string, dice: Dice): number => dice.below(text.length + 1);

/** Puts a text in the place of so many characters. */
export function spliced(text: string, at: number, cut: number, instead: string): string {
  return text.slice(0, at) + instead + text.slice(at + cut);
}

const printable = (dice: Dice): string => String.fromCharCode(0x20 + dice.below(95));

const CHANGES: readonly TextChange[] = [
  (text, dice) => spliced(text, placeIn(text, dice), 1, printable(dice)),
  (text, dice) => spliced(text, placeIn(text, dice), 1, pick('0123456789ABCDEFabcdef', dice)),
  (text, dice) => spliced(text, placeIn(text, dice), dice.below(2), pick(ODD_CHARACTERS, dice)),
  (text, dice) => spliced(text, placeIn(text, dice), dice.below(9), pick(ODD_TEXTS, dice)),
  // A character with one bit turned.
  (text, dice) => {
    const at = dice.below(Math.max(1, text.length));
    const code = text.charCodeAt(at);
    return Number.isNaN(code) ? text : spliced(text, at, 1, String.fromCharCode(code ^ (1 << dice.below(8))));
  },
  (text, dice) => {
    const at = placeIn(text, dice);
    const character = text.charAt(at);
    const other = character === character.toLowerCase() ? character.toUpperCase() : character.toLowerCase();
    return spliced(text, at, 1, other);
  },
  // A span dropped, doubled, or moved.
  (text, dice) => spliced(text, placeIn(text, dice), 1 + dice.below(16), ''),
  (text, dice) => {
    const at = placeIn(text, dice);
    return spliced(text, at, 0, text.slice(at, at + 1 + dice.below(32)));
  },
  (text, dice) => {
    const from = placeIn(text, dice);
    const span = text.slice(from, from + 1 + dice.below(16));
    return spliced(spliced(text, from, span.length, ''), placeIn(text, dice), 0, span);
  },
  (text, dice) => text.slice(0, placeIn(text, dice)),
  (text, dice) => text.slice(placeIn(text, dice)),
  (text, dice) => text + printable(dice).repeat(pick(ODD_LENGTHS, dice)),
];

/** Changes a text somewhere. */
export function changeText(text: string, dice: Dice): string {
  return pick(CHANGES, dice)(text, dice);
}

/** Text that is nothing but printable characters. */
export function randomText(dice: Dice): string {
  let text = '';
  for (let left = pick(ODD_LENGTHS.slice(0, -2), dice); left > 0; left--) text += printable(dice);
  return text;
}

/** One of the texts of an input in the place of what it was. */
export function withText(input: readonly string[], at: number, text: string): readonly string[] {
  return input.with(at, text);
}

/** Characters below 256 as bytes; the others lose what is above. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

/** Bytes as characters. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
