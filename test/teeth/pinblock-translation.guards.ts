/** Guards around the translation of PIN blocks. */
import {
  createCapabilityAuthority,
  decryptPinBlock,
  encryptPinBlock,
  type Key,
  type PinBlockFormat,
  parsePan,
  parsePin,
  parseUnixSeconds,
  randomKey,
  revealPin,
  translatePinBlock,
} from '../../src/index.ts';
import type { Guard } from './guard.ts';

const ATTRIBUTES = { usage: 'P0', algorithm: 'T', mode: 'B', exportability: 'N' } as const;
const from: Key<'P0'> = randomKey(ATTRIBUTES, 16);
const to: Key<'P0'> = randomKey(ATTRIBUTES, 16);
const victim = parsePan('4000001234567899');
const accomplice = parsePan('4000001234567907', { checkDigit: 'any' });
const reveal = createCapabilityAuthority({ now: () => parseUnixSeconds(0) }).grant('reveal-pin', 900);

/** Whether a captured block of the victim can be had in a format and under a PAN of the attacker's choice. */
function translated(target: PinBlockFormat, targetPan: typeof victim): boolean {
  const captured = encryptPinBlock(from, parsePin('73918'), victim, 'ISO-0');
  const out = translatePinBlock({ from, to }, captured, { pan: victim, targetPan }, target);
  return revealPin(decryptPinBlock(to, out, targetPan), reveal) === '73918';
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
    attack: () => translated('ISO-0', accomplice),
  },
  {
    ids: ['PIN-07'],
    guard: 'the table of translations has no way from a PAN to format 1',
    cuts: [{ file: 'pinblock/translate.ts', passage: "if (rule === 'no')", instead: 'if (false)' }],
    attack: () => translated('ISO-1', victim),
  },
];
