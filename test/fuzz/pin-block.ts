/** PIN blocks: clear, enciphered, and as messages carry them. An independent decoder must come to the same end. */
import { bytesToHex } from '../../src/bytes/hex.ts';
import { PaymentCryptoError } from '../../src/error.ts';
import { materialOf } from '../../src/keys/key.ts';
import { parsePan } from '../../src/pan/pan.ts';
import { decryptPinBlock } from '../../src/pinblock/encrypt.ts';
import { decodePinBlock, type PinBlockFormat, parseEncryptedPinBlock } from '../../src/pinblock/format.ts';
import {
  digitsOfPin,
  hex,
  panFrom,
  pekOf,
  seededBytes,
  seededTdesKey,
  unhex,
} from '../support/arbitraries.ts';
import { aesEcb, tdesEcb, xorHex } from '../support/oracle/cipher.ts';
import * as oracle from '../support/oracle/pinblock.ts';
import { bytesOf, changeText, spliced } from './changes.ts';
import { type Dice, oneIn, pick } from './dice.ts';
import { type Input, law, type Target } from './target.ts';

const PEKS = { T: pekOf('T', seededTdesKey(31, 16)), A: pekOf('A', seededBytes(32, 32)) } as const;
const [T, A] = [hex(materialOf(PEKS.T)), hex(materialOf(PEKS.A))];

/** What is done with a block: it is decoded in clear, deciphered, or read from a message. */
const CALLS = ['decode', 'decrypt', 'parse'] as const;
const FORMATS = ['ISO-0', 'ISO-1', 'ISO-2', 'ISO-3', 'ISO-4'] as const;
const ODD_FORMATS = [...FORMATS, 'ISO-5', 'iso-0', '0', 'ISO-0 ', '__proto__', 'toString', ''] as const;
const PANS = [panFrom('400000123456789'), panFrom('40000012345'), panFrom('400000123456789012')] as const;
const PINS = ['1234', '00000', '999999', '123456789012'] as const;

const isIso4 = (format: string): boolean => format === 'ISO-4';

function encipher(format: string, pan: string, clear: string): string {
  if (!isIso4(format)) return tdesEcb(T, clear, 'encrypt');
  return aesEcb(A, xorHex(aesEcb(A, clear, 'encrypt'), oracle.iso4PanField(pan)), 'encrypt');
}

function decipher(format: string, pan: string, block: string): string {
  if (!isIso4(format)) return tdesEcb(T, block, 'decrypt');
  return aesEcb(A, xorHex(aesEcb(A, block, 'decrypt'), oracle.iso4PanField(pan)), 'decrypt');
}

function clearBlock(format: (typeof FORMATS)[number], pin: string, pan: string): string {
  if (format === 'ISO-4') return oracle.iso4PinField(pin, '0123456789ABCDEF');
  const fill = format === 'ISO-1' || format === 'ISO-3' ? 'ABCDEFABCDEF'.slice(0, 14 - pin.length) : '';
  return oracle.encodePinBlock(format, pin, pan, fill);
}

const SEEDS: readonly Input[] = PINS.flatMap((pin, place) =>
  FORMATS.flatMap((format) => {
    const pan = PANS[place % PANS.length] ?? PANS[0];
    const clear = clearBlock(format, pin, pan);
    const sealed = encipher(format, pan, clear);
    const decode: Input = ['decode', format, pan, clear];
    return format === 'ISO-2'
      ? [decode]
      : [decode, ['decrypt', format, pan, sealed], ['parse', format, pan, sealed]];
  }),
);

/** A nibble of the clear block changed, also of one that is enciphered. */
function changeInside([call = '', format = '', pan = '', block = '']: Input, dice: Dice): Input {
  const isClear = call === 'decode';
  try {
    const clear = isClear ? block : decipher(format, pan, block.toUpperCase());
    const changed = spliced(clear, dice.below(clear.length), 1, pick('0123456789ABCDEF', dice));
    return [call, format, pan, isClear ? changed : encipher(format, pan, changed)];
  } catch {
    // Not a block that can be deciphered any more.
    return [call, format, pan, block];
  }
}

function change(input: Input, dice: Dice): Input {
  const [call = '', format = '', pan = '', block = ''] = input;
  switch (dice.below(8)) {
    case 0:
      return [pick(CALLS, dice), format, pan, block];
    case 1:
      return [call, oneIn(2, dice) ? pick(FORMATS, dice) : pick(ODD_FORMATS, dice), pan, block];
    case 2:
      return [call, format, oneIn(2, dice) ? pick(PANS, dice) : changeText(pan, dice), block];
    case 3:
      return [call, format, pan, changeText(block, dice)];
    case 4:
      return [call, format, pan, oneIn(2, dice) ? block.toLowerCase() : block + block];
    default:
      return changeInside(input, dice);
  }
}

/** The digits that an independent decoder finds in a clear block; `undefined` where it finds none. */
function theirs(format: string, pan: string, clear: string): string | undefined {
  try {
    return isIso4(format)
      ? oracle.iso4PinFromField(clear)
      : oracle.decodePinBlock(format as oracle.PinBlockFormat, clear, pan);
  } catch {
    return undefined;
  }
}

/** What the library finds; `undefined` for its refusal of the block, and every other one thrown on. */
function ours(action: () => string): string | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof PaymentCryptoError && error.code === 'ERR_PIN_BLOCK') return undefined;
    throw error;
  }
}

export const pinBlock: Target = {
  name: 'pin-block',
  share: 15,
  seeds: SEEDS,
  change,
  run([call = '', said = '', number = '', block = '']) {
    const pan = parsePan(number);
    const format = said as PinBlockFormat;
    let found: string | undefined;
    let clear: string;
    if (call === 'decode') {
      const bytes = /^([0-9A-Fa-f]{2})*$/.test(block) ? unhex(block) : bytesOf(block);
      clear = bytesToHex(bytes);
      found = ours(() => digitsOfPin(decodePinBlock(format, bytes, pan)));
    } else {
      const read = call === 'parse' ? parseEncryptedPinBlock(format, block) : { format, block };
      if (call === 'parse') {
        law(/^([0-9A-F]{16}|[0-9A-F]{32})$/.test(read.block), 'an enciphered block is not upper-case hex');
        law(
          parseEncryptedPinBlock(read.format, read.block).block === read.block,
          'a block is read otherwise',
        );
      }
      const pek = isIso4(format) ? PEKS.A : PEKS.T;
      found = ours(() => digitsOfPin(decryptPinBlock(pek, read, pan)));
      clear = decipher(format, pan, read.block.toUpperCase());
    }
    law(found === theirs(format, pan, clear), 'two decoders do not agree on a PIN block');
    if (found === undefined) throw new PaymentCryptoError('ERR_PIN_BLOCK', 'block', 'no PIN');
  },
};
