/** Key blocks of all versions: header fields, lengths, optional blocks, bodies; what opens must be authentic. */
import { PaymentCryptoError } from '../../src/error.ts';
import { materialOf } from '../../src/keys/key.ts';
import { parseKeyBlockHeader, unwrapKeyBlock } from '../../src/keys/key-block.ts';
import { sealKeyBlock } from '../../src/keys/key-block-binding.ts';
import {
  decodeKeyBlockHeader,
  encodeKeyBlockHeader,
  type KeyBlockVersion,
  type OptionalBlock,
  versionBlockBytes,
} from '../../src/keys/key-block-header.ts';
import { adjustParity } from '../../src/keys/parity.ts';
import { KEY_USAGES } from '../../src/keys/usage.ts';
import { hex, keyOf, seededBytes, seededTdesKey, unhex } from '../support/arbitraries.ts';
import * as oracle from '../support/oracle/keyblock.ts';
import { changeText, randomText, spliced } from './changes.ts';
import { type Dice, oneIn, pick } from './dice.ts';
import { type Input, law, type Target } from './target.ts';

/** Keys that blocks are opened with, by the first text of an input. */
const KBPKS = {
  T24: keyOf('K1', 'T', 'B', seededTdesKey(11, 24)),
  T16: keyOf('K1', 'T', 'B', seededTdesKey(12, 16)),
  A32: keyOf('K1', 'A', 'B', seededBytes(13, 32)),
  A16: keyOf('K1', 'A', 'B', seededBytes(14, 16)),
  K4: keyOf('K4', 'A', 'B', seededBytes(15, 32)),
} as const;
const NAMES = Object.keys(KBPKS) as (keyof typeof KBPKS)[];
const KBPK_HEX = Object.fromEntries(NAMES.map((name) => [name, hex(materialOf(KBPKS[name]))]));

const OPTIONAL: readonly (readonly OptionalBlock[])[] = [
  [],
  [{ id: 'KS', text: '00604B120F9292800000' }],
  [
    { id: 'LB', text: 'a label' },
    { id: 'TS', text: '2026-01-01T00:00:00Z' },
    { id: 'CT', text: 'x'.repeat(300) },
  ],
];

/** What is in the blocks: a usage, an algorithm, a mode of use, key bytes and what they are filled up to. */
const CONTENTS = [
  ['P0', 'T', 'E', seededTdesKey(21, 16), 24],
  ['D0', 'A', 'B', seededBytes(22, 32), 32],
  ['M7', 'H', 'C', seededBytes(23, 20), 64],
] as const;

function sealed(version: KeyBlockVersion, name: keyof typeof KBPKS, place: number): Input {
  const [usage, algorithm, mode, key, filled] = CONTENTS[
    place % CONTENTS.length
  ] as (typeof CONTENTS)[number];
  const unit = version === 'E' ? 1 : versionBlockBytes(version);
  const padding = seededBytes(place, Math.ceil((2 + filled) / unit) * unit - 2 - key.length);
  const optionalBlocks = OPTIONAL[place % OPTIONAL.length] ?? [];
  const header = { version, usage, algorithm, mode, keyVersion: '00', exportability: 'E', optionalBlocks };
  return [name, sealKeyBlock(version, materialOf(KBPKS[name]), header, key, padding)];
}

const SEEDS: readonly Input[] = [
  sealed('B', 'T24', 0),
  sealed('D', 'A32', 0),
  sealed('A', 'T24', 0),
  sealed('C', 'T24', 3),
  sealed('E', 'K4', 0),
  sealed('B', 'T16', 3),
  sealed('D', 'A32', 1),
  sealed('D', 'A32', 2),
  sealed('E', 'A32', 4),
  sealed('D', 'A16', 3),
];

/** The fields of the header, with values that are known, and some that are not. */
const FIELDS: readonly (readonly [at: number, values: readonly string[]])[] = [
  [0, ['A', 'B', 'C', 'D', 'E', 'F', '1', 'd', '@']],
  [1, ['0000', '0015', '0016', '0017', '9999', '0088', '1e03', ' 088', '+088', '٠١٢٣']],
  [5, [...Object.keys(KEY_USAGES), '00', 'ZZ', 'k0']],
  [7, [...'AHTDERS0a']],
  [8, [...'BCDEGNSTVXY0b']],
  [9, ['00', 'c0', 'cZ', '99', 'zz', '  ']],
  [11, [...'ENSe0']],
  [12, ['00', '01', '02', '03', '98', '99', 'FF', ' 1']],
  [14, ['00', '01', 'AA']],
];

/** The length field as it must be for what there is. */
function told(text: string): string {
  return spliced(text, 1, 4, String(text.length % 10_000).padStart(4, '0'));
}

/** The length of an optional block as one form or another says it, truly or not. */
function optionalLength(text: string, dice: Dice): string {
  const says = (size: number, digits: number): string => {
    const value = Math.max(0, size + (oneIn(3, dice) ? dice.below(9) - 4 : 0));
    return value.toString(16).toUpperCase().padStart(digits, '0').slice(-digits);
  };
  const digits = pick([2, 3, 4, 8, 16, 255], dice);
  if (!oneIn(3, dice)) return says(text.length + 4, 2);
  return `00${pick([digits, digits / 2, 0, 1], dice)
    .toString(16)
    .padStart(2, '0')
    .slice(-2)}${says(text.length + 6 + digits, digits)}`;
}

/** One more optional block, counted or not. */
function withOptional(text: string, dice: Dice): string {
  const contents = pick(['', '0000', 'x'.repeat(dice.below(300)), ' ', '\x7f', 'é'], dice);
  const block =
    pick(['KS', 'PB', 'LB', '00', 'ks', 'K ', 'HM'], dice) + optionalLength(contents, dice) + contents;
  const count = Number.parseInt(text.slice(12, 14), 10) || 0;
  const counted = spliced(text, 12, 2, String((count + 1) % 100).padStart(2, '0'));
  return spliced(oneIn(8, dice) ? text : counted, 16, 0, block);
}

/** The block with another inside and a MAC that holds: lengths that cannot be, keys that are none. */
function resealed([name, text = '']: Input, dice: Dice): string {
  try {
    const { header, headerLength } = decodeKeyBlockHeader(text);
    const unit = header.version === 'E' ? 1 : versionBlockBytes(header.version);
    const inside = seededBytes(
      dice.below(1 << 30),
      Math.ceil(pick([3, 18, 26, 34, 66, 67], dice) / unit) * unit,
    );
    const bits = pick(
      [0, 64, 120, 127, 128, 129, 192, 256, 8 * (inside.length - 2), 8 * inside.length, 65_528],
      dice,
    );
    inside.set([bits >>> 8, bits & 255]);
    if (oneIn(8, dice)) inside.fill(0, 2);
    const macBytes = { A: 4, B: 8, C: 4, D: 16, E: 16 }[header.version];
    const length = String(headerLength + 2 * (inside.length + macBytes)).padStart(4, '0');
    return oracle.bindKeyBlock(
      KBPK_HEX[name as string] as string,
      spliced(text.slice(0, headerLength), 1, 4, length),
      hex(inside),
    );
  } catch {
    // A header that cannot be read, or a key of another algorithm.
    return text;
  }
}

function change(input: Input, dice: Dice): Input {
  const [name = '', text = ''] = input;
  switch (dice.below(10)) {
    case 0:
      return [pick(NAMES, dice), text];
    case 1:
    case 2: {
      const [at, values] = pick(FIELDS, dice);
      const value = pick(values, dice);
      return [name, spliced(text, at, value.length, value)];
    }
    case 3:
      return [name, withOptional(text, dice)];
    case 4:
      return [name, told(text)];
    case 5:
      return [name, resealed(input, dice)];
    // Whole units of the body moved, and its case.
    case 6: {
      const at = 16 + 16 * dice.below(Math.max(1, (text.length - 16) >>> 4));
      return [
        name,
        oneIn(2, dice) ? spliced(text, at, 16, '') : spliced(text, at, 0, text.slice(at, at + 16)),
      ];
    }
    case 7:
      return [name, oneIn(8, dice) ? randomText(dice) : text.slice(0, 16) + text.slice(16).toLowerCase()];
    default:
      return [name, changeText(text, dice)];
  }
}

/** Read, written and read again, a header says the same. */
function requirePrintable(text: string): void {
  const header = parseKeyBlockHeader(text);
  let printed: string;
  try {
    printed = encodeKeyBlockHeader(header, 0);
  } catch (error) {
    // Padded, a block of the greatest size has no room, or no count, for the padding block.
    const isFull = header.optionalBlocks.length > 97 || text.length > 9900;
    if (isFull && error instanceof PaymentCryptoError && error.code === 'ERR_KEY_BLOCK') return;
    throw error;
  }
  const again = decodeKeyBlockHeader(printed);
  law(
    JSON.stringify(again.header) === JSON.stringify(header),
    'a header comes out of its own text otherwise',
  );
  law(again.declaredLength === printed.length, 'a header says another length than it has');
}

export const keyBlock: Target = {
  name: 'key-block',
  share: 20,
  seeds: SEEDS,
  change,
  run([name = '', text = '']) {
    requirePrintable(text);
    const key = unwrapKeyBlock(KBPKS[name as keyof typeof KBPKS], text);
    let theirs: ReturnType<typeof oracle.unwrapKeyBlock> | undefined;
    try {
      theirs = oracle.unwrapKeyBlock(KBPK_HEX[name] as string, text);
    } catch {}
    law(theirs !== undefined, 'a key block opens that is not authentic');
    const { header, key: keyHex } = theirs;
    const bytes = header.algorithm === 'T' ? hex(adjustParity(unhex(keyHex))) : keyHex;
    law(hex(materialOf(key)) === bytes, 'a key block gives another key than is in it');
    const { usage, algorithm, mode, exportability } = key.attributes;
    const said = [header.keyUsage, header.algorithm, header.modeOfUse, header.exportability].join();
    law([usage, algorithm, mode, exportability].join() === said, 'a key has other attributes than its block');
  },
};
