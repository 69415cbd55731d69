/** PIN verification values, IBM 3624, PIN blocks and their translation. */

import { naturalPin, pinFromOffset, pinOffset } from '../../../src/pin/ibm3624.ts';
import { defineIbm3624Method, type ValidationDataLayout } from '../../../src/pin/ibm3624-method.ts';
import { generatePvv, parsePvki } from '../../../src/pin/pvv.ts';
import { decryptPinBlock, encryptPinBlock } from '../../../src/pinblock/encrypt.ts';
import { encodePinBlock, parseEncryptedPinBlock } from '../../../src/pinblock/format.ts';
import { translatePinBlock } from '../../../src/pinblock/translate.ts';
import {
  digitsOfPin,
  hex,
  ibmPvkOf,
  paddedRandom,
  pekOf,
  permitFor,
  pinOf,
  pvkOf,
} from '../../support/arbitraries.ts';
import type { Draw } from '../../support/draw.ts';
import * as ibm from '../../support/oracle/ibm3624.ts';
import * as blocks from '../../support/oracle/pinblock.ts';
import { pvv } from '../../support/oracle/pvv.ts';
import { type Family, family } from './family.ts';

type Format = 'ISO-0' | 'ISO-1' | 'ISO-3' | 'ISO-4';

const tdesKey = (draw: Draw): Uint8Array => draw.tdesKey(draw.of([16, 24] as const));
const pekBytes = (draw: Draw, format: Format): Uint8Array =>
  format === 'ISO-4' ? draw.aesKey() : tdesKey(draw);
const pekFor = (format: Format, raw: Uint8Array) => pekOf(format === 'ISO-4' ? 'A' : 'T', raw);

/** A PIN of a PAN, and what random bytes the fill is made of: more than enough of them. */
const caseOf = (draw: Draw) => ({ pan: draw.pan(), pin: draw.pin(), script: draw.bytes(24) });

/** Fill of a script: a byte stands for its remainder, but those past the last whole round are passed over. */
function fillOf(format: Format, script: Uint8Array, count: number): string {
  const least = format === 'ISO-3' ? 10 : 0;
  const kinds = 16 - least;
  const taken = [...script].filter((byte) => byte < 256 - (256 % kinds)).slice(0, count);
  return taken.map((byte) => (least + (byte % kinds)).toString(16).toUpperCase()).join('');
}

interface Clear {
  readonly pan: string;
  readonly pin: string;
}

/** The enciphered block of the oracle. */
function sealed(format: Format, raw: Uint8Array, { pan, pin }: Clear, script: Uint8Array): string {
  if (format === 'ISO-4') return blocks.iso4Encipher(hex(raw), pin, pan, hex(script.subarray(0, 8)));
  return blocks.encryptPinBlock(hex(raw), format, pin, pan, fillOf(format, script, 14 - pin.length));
}

const pinBlocks = (format: Format): Family =>
  family({
    name: `pin-block-${format.toLowerCase()}`,
    other: 'oracle/pinblock',
    tested: { library: 5000, other: 5000 },
    shared: (draw) => pekBytes(draw, format),
    next: caseOf,
    library: (raw) => {
      const pek = pekFor(format, raw);
      return ({ pan, pin, script }) => {
        const block = encryptPinBlock(pek, pinOf(pin), pan, format, { random: paddedRandom(script) });
        return `${block.block} ${digitsOfPin(decryptPinBlock(pek, block, pan))}`;
      };
    },
    oracle:
      (raw) =>
      ({ pan, pin, script }) =>
        `${sealed(format, raw, { pan, pin }, script)} ${pin}`,
  });

/** The ways that are open without a capability. */
const WAYS: readonly (readonly [from: Format, to: Format])[] = [
  ...(['ISO-0', 'ISO-3', 'ISO-4'] as const).flatMap((from) =>
    (['ISO-0', 'ISO-3', 'ISO-4'] as const).map((to) => [from, to] as const),
  ),
  ...(['ISO-0', 'ISO-1', 'ISO-3', 'ISO-4'] as const).map((to) => ['ISO-1', to] as const),
];

const TABLES = ['0123456789012345', '9876543210987654', '8351296477461538'];

function layoutOf(draw: Draw): ValidationDataLayout {
  if (draw.below(3) === 0) return { template: draw.of(['NFFFFFFFFFFF', '1234567890AN', '00000N000000']) };
  return {
    start: draw.below(5),
    from: draw.of(['left', 'right']),
    digits: draw.between(1, 8),
    padSide: draw.of(['left', 'right']),
    padDigit: draw.hex(1),
  };
}

export const PINS: readonly Family[] = [
  family({
    name: 'pvv',
    other: 'oracle/pvv',
    tested: { other: 5000 },
    shared: (draw) => draw.tdesKey(16),
    next: (draw) => ({ pan: draw.pan(), pin: draw.pin(4), pvki: draw.below(10) }),
    library: (raw) => {
      const key = pvkOf(raw);
      return ({ pan, pin, pvki }) => generatePvv(key, pinOf(pin), pan, parsePvki(pvki, { range: '0-9' })).pvv;
    },
    oracle:
      (raw) =>
      ({ pan, pin, pvki }) =>
        pvv(hex(raw), pan, String(pvki), pin).pvv,
  }),
  family({
    name: 'ibm-3624',
    other: 'oracle/ibm3624',
    tested: { library: 5000, other: 2500 },
    shared: (draw) => ({
      raw: tdesKey(draw),
      dectab: draw.of(TABLES),
      validationData: layoutOf(draw),
      pinLength: draw.between(4, 12),
    }),
    next: (draw, { pinLength }) => ({
      pan: draw.pan(),
      pin: draw.pin(pinLength),
      offset: draw.digits(pinLength),
    }),
    library: ({ raw, ...terms }) => {
      const [pvk, method] = [ibmPvkOf(raw), defineIbm3624Method(terms)];
      return ({ pan, pin, offset }) =>
        [
          digitsOfPin(naturalPin(pvk, pan, method)),
          pinOffset(pvk, pinOf(pin), pan, method),
          digitsOfPin(pinFromOffset(pvk, offset as ReturnType<typeof pinOffset>, pan, method)),
        ].join(' ');
    },
    oracle:
      ({ raw, dectab, validationData, pinLength }) =>
      ({ pan, pin, offset }) => {
        const data =
          'template' in validationData
            ? ibm.validationDataFromTemplate(pan, validationData.template)
            : ibm.validationDataFromLayout(pan, validationData);
        const natural = ibm.naturalPin(hex(raw), data, dectab, pinLength);
        return [natural, ibm.offsetOf(pin, natural), ibm.pinFromOffset(natural, offset)].join(' ');
      },
  }),
  ...(['ISO-0', 'ISO-1', 'ISO-3', 'ISO-4'] as const).map(pinBlocks),
  family({
    name: 'pin-block-iso-2',
    other: 'oracle/pinblock',
    shared: () => permitFor('submit-to-chip'),
    next: caseOf,
    library:
      (permit) =>
      ({ pan, pin }) =>
        hex(encodePinBlock('ISO-2', pinOf(pin), pan, permit)),
    oracle:
      () =>
      ({ pan, pin }) =>
        blocks.encodePinBlock('ISO-2', pin, pan, ''),
  }),
  family({
    name: 'pin-block-translation',
    other: 'oracle/pinblock',
    tested: { library: 2500, other: 2500 },
    shared: (draw) => {
      const [from, to] = draw.of(WAYS);
      return { from, to, rawFrom: pekBytes(draw, from), rawTo: pekBytes(draw, to) };
    },
    next: (draw, { from, rawFrom }) => {
      const { pan, pin, script } = caseOf(draw);
      return { pan, pin, block: sealed(from, rawFrom, { pan, pin }, draw.bytes(24)), script };
    },
    library: ({ from, to, rawFrom, rawTo }) => {
      const keys = { from: pekFor(from, rawFrom), to: pekFor(to, rawTo) };
      return ({ pan, block, script }) => {
        const parsed = parseEncryptedPinBlock(from, block);
        return translatePinBlock(keys, parsed, { pan }, to, { random: paddedRandom(script) }).block;
      };
    },
    oracle:
      ({ from, to, rawFrom, rawTo }) =>
      ({ pan, block, script }) => {
        const pin =
          from === 'ISO-4'
            ? blocks.iso4Decipher(hex(rawFrom), block, pan)
            : blocks.decryptPinBlock(hex(rawFrom), from, block, pan);
        return sealed(to, rawTo, { pan, pin }, script);
      },
  }),
];
