/** Guards around PINs: how they are drawn and chosen, and what of them a verification value takes. */
import {
  createCapabilityAuthority,
  decryptPinBlock,
  definePinPolicy,
  digitColumn,
  encryptPinBlock,
  generatePvv,
  generatePvvColumn,
  type PvvReference,
  parsePin,
  parsePins,
  parsePvki,
  parsePvv,
  parseUnixSeconds,
  randomPin,
  randomPins,
  requirePinPolicy,
  revealPin,
  revealPins,
  verifyPvv,
} from '../../src/index.ts';
import { seededRandom } from '../support/arbitraries.ts';
import type { Guard } from './guard.ts';
import { guess, PIN, THIEF, tdesKey, VICTIM } from './thief.ts';

const pvk = tdesKey('pvk', 'V2', 'C');
const pvki = parsePvki('1');
const policy = definePinPolicy();
const permit = createCapabilityAuthority({ now: () => parseUnixSeconds(0) }).grant('reveal-pin', 900);
const opens = (pin: string, reference: PvvReference, pan = VICTIM): boolean =>
  verifyPvv(pvk, parsePin(pin), pan, reference);

/** PINs that thieves try first. */
const FIRST = ['1234', '0000', '1111', '4321', '5555'];
/** Cards that thieves have in a year. */
const CARDS = 3000;

/** The share of low digits among 360 000 of random PINs. */
function lowDigits(): number {
  const twelve = definePinPolicy({ minLength: 12, maxLength: 12 });
  const pins = randomPins(twelve, 12, 30_000, { random: seededRandom(18) });
  const { data } = revealPins(pins, permit);
  return data.filter((digit) => digit <= 0x35).length / data.length;
}

/** Whether a PIN of six digits, of which only four are taken, is found by who tries four. */
function shortened(make: (pin: string) => PvvReference): boolean {
  const reference = make(`${PIN}85`);
  return guess(4, (pin) => opens(pin, reference)) === PIN;
}

const WEAK_IN_BATCH = 'isWeak(digits, at, length, policy, list)';

export const GUARDS: readonly Guard[] = [
  {
    ids: ['PIN-11'],
    guard: 'no PVV is made of a part of a PIN',
    cuts: [
      {
        file: 'pin/pvv.ts',
        passage: "if (digits.length > 4 && longPin === 'refuse')",
        instead: 'if (false)',
      },
    ],
    attack: () => shortened((pin) => generatePvv(pvk, parsePin(pin), VICTIM, pvki)),
  },
  {
    ids: ['PIN-11'],
    guard: 'no PVV is made of parts of PINs in a batch',
    cuts: [
      {
        file: 'pin/columns.ts',
        passage: "if (pin.digits > 4 && longPin === 'refuse')",
        instead: 'if (false)',
      },
    ],
    attack: () =>
      shortened((pin) => {
        const pvvs = new Uint16Array(1);
        generatePvvColumn(pvk, parsePins(digitColumn([pin])), digitColumn([VICTIM]), pvki, pvvs);
        return { pvki, pvv: parsePvv(String(pvvs[0]).padStart(4, '0')) };
      }),
  },
  {
    ids: ['PIN-11'],
    guard: 'a longer PIN is another PIN, whatever it begins with',
    cuts: [
      {
        file: 'pin/pvv.ts',
        passage: "longPin === 'refuse' ? length ^ PVV_DIGITS : ",
        instead: '',
      },
    ],
    // A keypad that takes twelve digits and a holder who was seen typing the first four of them.
    attack: () => opens(`${PIN}85902613`, generatePvv(pvk, parsePin(PIN), VICTIM, pvki)),
  },
  {
    ids: ['PIN-16'],
    guard: 'a PVV is of the PAN that the PIN came with',
    cuts: [
      {
        file: 'pin/clear-pin.ts',
        passage: 'if (boundTo === undefined || boundTo === pan) return;',
        instead: 'return;',
      },
    ],
    // On his own card the thief has as many tries as he wants.
    attack() {
      const pek = tdesKey('pek', 'P0', 'B');
      const captured = encryptPinBlock(pek, parsePin(PIN), VICTIM, 'ISO-0');
      const own = generatePvv(pvk, decryptPinBlock(pek, captured, VICTIM), THIEF, pvki);
      return guess(4, (pin) => opens(pin, own, THIEF)) === PIN;
    },
  },
  {
    ids: ['PIN-17'],
    guard: 'a weak PIN that was drawn is drawn again',
    cuts: [{ file: 'pin/random-pin.ts', passage: 'if (!isWeakPin(pin, policy))', instead: '' }],
    attack() {
      const random = seededRandom(17);
      const drawn = Array.from({ length: CARDS }, () => revealPin(randomPin(policy, 4, { random }), permit));
      return drawn.some((pin) => FIRST.includes(pin));
    },
  },
  {
    ids: ['PIN-17'],
    guard: 'a weak PIN that was drawn in a batch is drawn again',
    cuts: [{ file: 'pin/clear-pins.ts', passage: WEAK_IN_BATCH, instead: 'false' }],
    attack() {
      const { data } = revealPins(randomPins(policy, 4, CARDS, { random: seededRandom(17) }), permit);
      const drawn = Array.from({ length: CARDS }, (_, n) => Buffer.from(data.slice(4 * n, 4 * n + 4)));
      return drawn.some((pin) => FIRST.includes(pin.toString()));
    },
  },
  {
    ids: ['PIN-17'],
    guard: 'a weak PIN that was chosen is refused',
    cuts: [
      {
        file: 'pin/weak-pin.ts',
        passage: "if (weak) fail('ERR_PIN_WEAK'",
        instead: "if (false) fail('ERR_PIN_WEAK'",
      },
    ],
    attack() {
      const chosen = parsePin('1234');
      requirePinPolicy(chosen, policy);
      const reference = generatePvv(pvk, chosen, VICTIM, pvki);
      return FIRST.slice(0, 3).some((pin) => opens(pin, reference));
    },
  },
  {
    ids: ['PIN-18'],
    guard: 'bytes beyond the last whole ten are thrown away',
    cuts: [
      {
        file: 'bytes/random.ts',
        passage: 'const accept = 256 - (256 % limit);',
        instead: 'const accept = 256;',
      },
    ],
    // Of 256 bytes 156 give a digit below 6. A share so far from 0.6 comes by chance once in 10^9 times.
    attack: () => lowDigits() > 0.605,
  },
];
