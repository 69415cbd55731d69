/** PIN blocks: of another PIN, of another length, of another PAN, of no PIN. */
import type { Pan } from '../../../src/brand.ts';
import type { Key } from '../../../src/keys/key.ts';
import { parsePan } from '../../../src/pan/pan.ts';
import { parsePin } from '../../../src/pin/clear-pin.ts';
import { pinOffset } from '../../../src/pin/ibm3624.ts';
import { defineIbm3624Method } from '../../../src/pin/ibm3624-method.ts';
import { generatePvv, parsePvki } from '../../../src/pin/pvv.ts';
import { encryptPinBlock } from '../../../src/pinblock/encrypt.ts';
import type { EncryptedPinBlock } from '../../../src/pinblock/format.ts';
import { type PinReference, prepareVerifyPinBlock } from '../../../src/pinblock/verify.ts';
import { HEX, keyOf, Numbers, nearText, type Subject, textFrom } from '../subject.ts';
import { AES, DES, SINGLE } from './single.ts';

const pek = keyOf({ usage: 'P0', algorithm: 'T', mode: 'B', exportability: 'N' }, 16);
const aesPek = keyOf({ usage: 'P0', algorithm: 'A', mode: 'B', exportability: 'N' }, 16);
const pvk = keyOf({ usage: 'V2', algorithm: 'T', mode: 'C', exportability: 'N' }, 16);
const pvkIbm = keyOf({ usage: 'V1', algorithm: 'T', mode: 'C', exportability: 'N' }, 16);
const pan = parsePan('4000001234567899');
const PIN = '7391';
const method = defineIbm3624Method({
  dectab: '0123456789012345',
  validationData: { start: 0, from: 'left', digits: 16, padSide: 'right', padDigit: 'F' },
  pinLength: 4,
});
const byPvv = generatePvv(pvk, parsePin(PIN), pan, parsePvki('1'));
const byOffset = { offset: pinOffset(pvkIbm, parsePin(PIN), pan, method), method };

type Format = 'ISO-0' | 'ISO-3' | 'ISO-4';

const keyFor = (format: Format): Key<'P0'> => (format === 'ISO-4' ? aesPek : pek);

/** A block with the PIN, one near it, a longer one, one under another PAN, or nothing that decodes. */
function blockOf(i: number, format: Format): EncryptedPinBlock {
  const numbers = new Numbers(i);
  const key = keyFor(format);
  switch (i % 5) {
    case 0:
      return encryptPinBlock(key, parsePin(textFrom(numbers, 5 + (i % 8))), pan, format, { random: numbers });
    case 1:
      return encryptPinBlock(key, parsePin(PIN), `4${textFrom(numbers, 15)}` as Pan, format, {
        random: numbers,
      });
    case 2:
      return { format, block: textFrom(numbers, format === 'ISO-4' ? 32 : 16, HEX) };
    default:
      return encryptPinBlock(key, parsePin(nearText(PIN, i)), pan, format, { random: numbers });
  }
}

const verifying = (
  format: Format,
  name: string,
  reference: PinReference,
  varying: NonNullable<Subject['varying']>,
): Subject => ({
  name: `verifyPinBlock, ${format}, ${name}: the block`,
  outcomes: ['false', 'true'],
  prepare: (i) => {
    const keys = { pek: keyFor(format), pvk: 'pvv' in reference ? pvk : pvkIbm };
    return prepareVerifyPinBlock(keys, blockOf(i, format), pan, reference);
  },
  varying,
});

export const PIN_BLOCKS: readonly Subject[] = [
  verifying('ISO-0', 'PVV', byPvv, SINGLE),
  verifying('ISO-3', 'offset', byOffset, DES),
  verifying('ISO-4', 'offset', byOffset, AES),
];
