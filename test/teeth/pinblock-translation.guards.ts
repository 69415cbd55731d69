/** Guards around the translation of PIN blocks. */
import {
  createCapabilityAuthority,
  decryptPinBlock,
  encryptPinBlock,
  type PinBlockFormat,
  parsePin,
  parseUnixSeconds,
  revealPin,
  translatePinBlock,
} from '../../src/index.ts';
import type { Guard } from './guard.ts';
import { guess, PIN, THIEF, tdesKey, VICTIM } from './thief.ts';

const from = tdesKey('from', 'P0', 'B');
const to = tdesKey('to', 'P0', 'B');
const SECRET = '73918';
const reveal = createCapabilityAuthority({ now: () => parseUnixSeconds(0) }).grant('reveal-pin', 900);
const capture = () => encryptPinBlock(from, parsePin(SECRET), VICTIM, 'ISO-0');

/** Whether a captured block of the victim can be had in a format and under a PAN of the thief's choice. */
function translated(target: PinBlockFormat, targetPan: typeof VICTIM): boolean {
  const out = translatePinBlock({ from, to }, capture(), { pan: VICTIM, targetPan }, target);
  return revealPin(decryptPinBlock(to, out, targetPan), reveal) === SECRET;
}

/** Whether it can be had so by deciphering and enciphering. */
function enciphered(target: 'ISO-0' | 'ISO-1', targetPan: typeof VICTIM): boolean {
  const found = decryptPinBlock(from, capture(), VICTIM);
  const out = encryptPinBlock(to, found, targetPan, target);
  return revealPin(decryptPinBlock(to, out, targetPan), reveal) === SECRET;
}

/**
 * Whether a captured block of the victim, said to be of another format, moves to the thief's PAN. In format 1 a PIN
 * digit joined with a PAN digit stays so: with the zeros of this PAN, what it was.
 */
function declared(format: 'ISO-0' | 'ISO-1'): boolean {
  const out = translatePinBlock({ from, to }, { ...capture(), format }, { pan: THIEF }, 'ISO-0');
  return revealPin(decryptPinBlock(to, out, THIEF), reveal) === SECRET;
}

/** Whether the PIN of a captured block is found among all PINs: in format 2 one PIN is one block on any card. */
function inFormatOfChips(inFormat2: (pin: string, source: 'ISO-0' | 'ISO-1') => string): boolean {
  const captured = inFormat2(PIN, 'ISO-0');
  return guess(4, (pin) => inFormat2(pin, 'ISO-1') === captured) === PIN;
}

export const GUARDS: readonly Guard[] = [
  {
    ids: ['PIN-06'],
    guard: 'a translation to another PAN needs a capability',
    cuts: [
      {
        file: 'pinblock/translate.ts',
        passage:
          "else if (rule === 'same-pan' && pan !== targetPan) requireCapability(permit, 'change-pan');",
        instead: '',
      },
    ],
    attack: () => translated('ISO-0', THIEF),
  },
  {
    ids: ['PIN-06'],
    guard: 'a PIN that came with a PAN goes to another with a capability',
    cuts: [
      {
        file: 'pinblock/encrypt.ts',
        passage: "if (boundTo !== undefined && boundTo !== pan) requireCapability(permit, 'change-pan');",
        instead: '',
      },
    ],
    attack: () => enciphered('ISO-0', THIEF),
  },
  {
    ids: ['PIN-07'],
    guard: 'the table of translations has no way from a PAN to format 1',
    cuts: [{ file: 'pinblock/translate.ts', passage: "if (rule === 'no')", instead: 'if (false)' }],
    attack: () => translated('ISO-1', VICTIM),
  },
  {
    ids: ['PIN-07'],
    guard: 'a PIN that came with a PAN goes into no block without one',
    cuts: [
      {
        file: 'pinblock/encrypt.ts',
        passage: "if (boundTo !== undefined && format === 'ISO-1')",
        instead: 'if (false)',
      },
    ],
    attack: () => enciphered('ISO-1', VICTIM),
  },
  {
    ids: ['PIN-08'],
    guard: 'a translation to format 2 needs the capability of whoever has the chip',
    cuts: [
      {
        file: 'pinblock/translate.ts',
        passage: "if (rule === 'chip') requireCapability(permit, 'submit-to-chip');",
        instead: "if (rule === 'chip') {}",
      },
    ],
    attack: () =>
      inFormatOfChips((pin, source) => {
        const block = encryptPinBlock(from, parsePin(pin), VICTIM, source);
        return translatePinBlock({ from, to }, block, { pan: VICTIM }, 'ISO-2').block;
      }),
  },
  {
    ids: ['PIN-08'],
    guard: 'no PIN is enciphered in format 2',
    cuts: [
      {
        file: 'pinblock/encrypt.ts',
        passage: 'if (!ENCRYPTED_FORMATS.includes(format)) requireFormat(format, ENCRYPTED_FORMATS);',
        instead: '',
      },
    ],
    attack: () =>
      inFormatOfChips((pin) => encryptPinBlock(to, parsePin(pin), VICTIM, 'ISO-2' as 'ISO-0').block),
  },
  {
    ids: ['PIN-10'],
    guard: 'a block says its format itself',
    cuts: [{ file: 'pinblock/field.ts', passage: '(nibble(0) ^ control) | ', instead: '' }],
    attack: () => declared('ISO-1'),
  },
  {
    ids: ['PIN-10', 'PIN-16'],
    guard: 'the fill of a block is what its format says, and so binds the PAN',
    cuts: [
      { file: 'pinblock/field.ts', passage: 'lowFill & ~isDigit', instead: '0' },
      { file: 'pinblock/field.ts', passage: 'highFill & ~isDigit', instead: '15 & ~isDigit' },
    ],
    attack: () => declared('ISO-0'),
  },
];
