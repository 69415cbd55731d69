/** Guards around PIN blocks: what a block may be, and what is told of one that is none. */
import {
  createCapabilityAuthority,
  defineIbm3624Method,
  type EncryptedPinBlock,
  encryptPinBlock,
  generatePvv,
  parsePan,
  parsePin,
  parsePvki,
  parseUnixSeconds,
  pinOffset,
  translatePinBlock,
  verifyPinBlock,
} from '../../src/index.ts';
import { cipherFor } from '../../src/keys/key.ts';
import type { Guard } from './guard.ts';
import { aesKey, guess, isRefused, PIN, tdesKey, VICTIM } from './thief.ts';

const pek = tdesKey('pek', 'P0', 'B');
const pekAes = aesKey('pek', 'P0', 'B');
const pvk = tdesKey('pvk', 'V2', 'C');
const pvkIbm = tdesKey('pvk', 'V1', 'C');

/** The twelve digits of the victim's PAN that are joined with a PIN field. */
const ACCOUNT = VICTIM.slice(3, 15);

/** A field of format 0 as the thief's own terminal enciphers it, whatever is in it. */
function typed(digits: string): EncryptedPinBlock {
  const field = `0${digits.length}${digits}`.padEnd(16, 'F');
  const joined = BigInt(`0x${field}`) ^ BigInt(`0x${ACCOUNT}`);
  const block = Buffer.from(joined.toString(16).padStart(16, '0'), 'hex');
  cipherFor(pek, 'encryptPinBlock').encryptBlocks(block, block);
  return { format: 'ISO-0', block: block.toString('hex').toUpperCase() };
}

/** A PIN of six digits, looked for from its first `from` digits on, a digit more each time. */
function growing(from: number): boolean {
  const secret = `${PIN}85`;
  const method = defineIbm3624Method({
    dectab: '0123456789012345',
    validationData: { start: 1, from: 'right', digits: 12, padSide: 'right', padDigit: 'F' },
    pinLength: 6,
  });
  const reference = { offset: pinOffset(pvkIbm, parsePin(secret), VICTIM, method), method };
  let found = '';
  while (found.length < 6) {
    const more = guess(found === '' ? from : 1, (digits) =>
      verifyPinBlock({ pek, pvk: pvkIbm }, typed(found + digits), VICTIM, reference),
    );
    if (more === undefined) return false;
    found += more;
  }
  return found === secret;
}

/** The digits that are there are compared, and no others. */
const WHOLE_PIN = [
  {
    file: 'pin/ibm3624.ts',
    passage: 'let difference = length ^ expected.length;',
    instead: 'let difference = 0;',
  },
  { file: 'pin/ibm3624.ts', passage: 'i < expected.length;', instead: 'i < length;' },
];
/** What does not decode is refused before it is compared. */
const TOLD_APART = {
  file: 'pinblock/verify.ts',
  passage: 'return matches(pin);',
  instead: "if (pin.length === 0) fail('ERR_PIN_BLOCK', 'block', 'a PIN block'); return matches(pin);",
};

/**
 * The digits of a PIN that the PAN is joined with, from the PANs under which a captured block does not decode: a
 * PIN digit joined with the difference of two PAN digits may be none. Where the PAN has a 0 this tells 0 and 1, 2 to 7,
 * 8 and 9 apart.
 */
function digitsUnderPan(secret: string): boolean {
  const captured = encryptPinBlock(pek, parsePin(secret), VICTIM, 'ISO-0');
  const reference = generatePvv(pvk, parsePin(secret), VICTIM, parsePvki('1'));
  const ten = Array.from({ length: 10 }, (_, digit) => digit);
  return [2, 3].every((place) => {
    const at = place + 1;
    const seen = ten.map((digit) => {
      const pan = parsePan(VICTIM.slice(0, at) + digit + VICTIM.slice(at + 1), { checkDigit: 'any' });
      return isRefused(() => verifyPinBlock({ pek, pvk }, captured, pan, reference));
    });
    const possible = ten.filter((pin) =>
      ten.every((digit) => seen[digit] === (pin ^ Number(VICTIM[at]) ^ digit) > 9),
    );
    return possible.length === 2 && possible.includes(Number(secret[place]));
  });
}

/** Which of eight clients a captured block comes from. Its PIN is wrong, and so it is under the other keys. */
function clientOf(): boolean {
  const clients = Array.from({ length: 8 }, (_, n) => tdesKey(`client ${n}`, 'P0', 'B'));
  const captured = encryptPinBlock(tdesKey('client 5', 'P0', 'B'), parsePin('9081'), VICTIM, 'ISO-0');
  const reference = generatePvv(pvk, parsePin(PIN), VICTIM, parsePvki('1'));
  const fitting = clients.map(
    (key) => !isRefused(() => verifyPinBlock({ pek: key, pvk }, captured, VICTIM, reference)),
  );
  return fitting.indexOf(true) === 5 && fitting.lastIndexOf(true) === 5;
}

/** Whether the PIN of a captured block is found among blocks of all PINs, which a terminal enciphers for the thief. */
function inDictionary(format: 'ISO-3' | 'ISO-4'): boolean {
  const key = format === 'ISO-4' ? pekAes : pek;
  const block = (pin: string): string => encryptPinBlock(key, parsePin(pin), VICTIM, format).block;
  const captured = block(PIN);
  return guess(4, (pin) => block(pin) === captured) === PIN;
}

/** Whether a block that was made for the chip opens the card online, where it is sent by whoever captured it. */
function chipBlockOnline(): boolean {
  const permit = createCapabilityAuthority({ now: () => parseUnixSeconds(0) }).grant('submit-to-chip', 900);
  const reader = tdesKey('reader', 'P0', 'B');
  const sent = encryptPinBlock(pek, parsePin(PIN), VICTIM, 'ISO-0');
  const captured = translatePinBlock({ from: pek, to: reader }, sent, { pan: VICTIM, permit }, 'ISO-2');
  const reference = generatePvv(pvk, parsePin(PIN), VICTIM, parsePvki('1'));
  return verifyPinBlock({ pek: reader, pvk }, captured, VICTIM, reference);
}

export const GUARDS: readonly Guard[] = [
  {
    ids: ['PIN-04'],
    guard: 'a PIN is compared with all of its digits',
    cuts: WHOLE_PIN,
    attack: () => growing(4),
  },
  {
    ids: ['PIN-04'],
    guard: 'a block holds four digits or more, and the comparison takes all, where one of the two would do',
    cuts: [...WHOLE_PIN, { file: 'pinblock/field.ts', passage: ' | ((length - 4) >>> 31)', instead: '' }],
    attack: () => growing(1),
  },
  {
    ids: ['PIN-05'],
    guard: 'a block that does not decode under a PAN is a wrong PIN',
    cuts: [TOLD_APART],
    attack: () => digitsUnderPan('7381'),
  },
  {
    ids: ['PIN-19'],
    guard: 'a block that does not decode under a key is a wrong PIN',
    cuts: [TOLD_APART],
    attack: clientOf,
  },
  {
    ids: ['PIN-08'],
    guard: 'a PIN is verified from a block of a format that binds it to a PAN',
    cuts: [{ file: 'pinblock/verify.ts', passage: 'requireFormat(format, BOUND_FORMATS);', instead: '' }],
    attack: chipBlockOnline,
  },
  {
    ids: ['PIN-12'],
    guard: 'format 3 is filled at random',
    cuts: [
      {
        file: 'pinblock/format.ts',
        passage: 'const fill = randomBelow(6, 14 - length, random);',
        instead: 'const fill = new Uint8Array(14 - length);',
      },
    ],
    attack: () => inDictionary('ISO-3'),
  },
  {
    ids: ['PIN-12'],
    guard: 'half of a block of format 4 is random',
    cuts: [
      {
        file: 'pinblock/format.ts',
        passage: 'return randomBytes(8, random);',
        instead: 'return new Uint8Array(8);',
      },
    ],
    attack: () => inDictionary('ISO-4'),
  },
];
