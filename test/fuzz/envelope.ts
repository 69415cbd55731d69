/** Envelopes, code blocks and the fields of old receivers: what opens is what an independent implementation finds. */
import { type CodeBlockLayout, openCode } from '../../src/envelope/code-block.ts';
import { openEnvelope } from '../../src/envelope/envelope.ts';
import { decryptLegacyBlocks, decryptLegacyCbc } from '../../src/envelope/legacy-blocks.ts';
import { decryptLegacyField, LEGACY_FIELD_BYTES, type LegacyField } from '../../src/envelope/legacy-field.ts';
import { materialOf } from '../../src/keys/key.ts';
import { dataKeyOf, hex, kekOf, seededBytes, seededTdesKey, unhex } from '../support/arbitraries.ts';
import { asciiToHex, hkdf, hmac, tdesCbc, tdesEcb } from '../support/oracle/cipher.ts';
import * as codes from '../support/oracle/codeblock.ts';
import * as oracle from '../support/oracle/envelope.ts';
import { lpBytes } from '../support/oracle/lp.ts';
import { bytesOf, changeText, spliced, textOf } from './changes.ts';
import { type Dice, oneIn, pick } from './dice.ts';
import { type Input, law, type Target } from './target.ts';

const KEKS = { T: kekOf('T', seededTdesKey(41, 24)), A: kekOf('A', seededBytes(42, 32)) } as const;
const KEK_HEX = { T: hex(materialOf(KEKS.T)), A: hex(materialOf(KEKS.A)) } as const;
const DATA_KEY = dataKeyOf('T', seededTdesKey(43, 16));
const DATA_HEX = hex(materialOf(DATA_KEY));
const IV = seededBytes(44, 8);

/** The fresh secret of all envelopes here: who knows it can put a right tag under what is wrong. */
const SECRET = hex(seededBytes(45, 32));

const LAYOUTS = ['random-fill', 'F-fill', 'zero-fill'] as const;
const FIELDS = Object.keys(LEGACY_FIELD_BYTES) as LegacyField[];

/** What is opened; then the context, the number of digits, or nothing; then the bytes. */
const CALLS = ['envelope T', 'envelope A', ...LAYOUTS, ...FIELDS, 'ECB', 'CBC'] as const;
const CONTEXTS = ['', 'tenant 1 card 7', '\0\0', 'x'.repeat(300), 'x'.repeat(65_001)] as const;
const COUNTS = ['', '1', '3', '4', '12', '13', '0', '-1', '1.5', 'NaN'] as const;
const PLAINTEXTS = ['', 'a', 'eight by', 'a plaintext of more than one block'] as const;

function envelope(kek: 'T' | 'A', algorithm: oracle.EnvelopeAlgorithm, place: number): Input {
  const context = CONTEXTS[place % 3] ?? '';
  const random = {
    secret: SECRET,
    keyBlockPadding: hex(seededBytes(place, kek === 'T' ? 6 : 14)),
    iv: hex(seededBytes(place, algorithm === 'AES-256-GCM' ? 12 : 8)),
  };
  const [plaintext, bound] = [asciiToHex(PLAINTEXTS[place % PLAINTEXTS.length] ?? ''), asciiToHex(context)];
  const sealed = oracle.sealEnvelope(KEK_HEX[kek], kek, algorithm, plaintext, bound, random);
  return [`envelope ${kek}`, context, textOf(unhex(sealed))];
}

function codeBlock(layout: codes.CodeBlockLayout, digits: string): Input {
  const fill = layout === 'random-fill' ? '0123456789ABCD'.slice(digits.length) : '';
  const block = codes.sealCodeBlock(DATA_HEX, layout, digits, fill);
  return [layout, String(digits.length), textOf(unhex(block))];
}

function legacyField(field: LegacyField, text: string): Input {
  const clear = asciiToHex(text.padEnd(LEGACY_FIELD_BYTES[field], ' '));
  return [field, '', textOf(unhex(tdesCbc(DATA_HEX, '00'.repeat(8), clear, 'encrypt')))];
}

const SEEDS: readonly Input[] = [
  ...[0, 1, 2, 3].flatMap((place) => [
    envelope('T', 'TDES-CBC-HMAC', place),
    envelope('T', 'AES-256-GCM', place),
    envelope('A', 'TDES-CBC-HMAC', place),
    envelope('A', 'AES-256-GCM', place),
  ]),
  ...LAYOUTS.flatMap((layout) => ['123', '0000', '987654321098'].map((digits) => codeBlock(layout, digits))),
  ...FIELDS.flatMap((field) => [legacyField(field, '4000001234567899'), legacyField(field, '')]),
  ['ECB', '', textOf(seededBytes(46, 64))],
  ['CBC', '', textOf(seededBytes(47, 64))],
];

/** An envelope of TDES-CBC-HMAC whose last 32 bytes are the right tag over what stands before. */
function tagged(text: string, context: string): string {
  const before = hex(bytesOf(text.slice(0, -32)));
  const tag = hmac(
    'SHA256',
    hkdf('SHA256', SECRET, '', asciiToHex('mac'), 32),
    lpBytes(before, hex(bytesOf(context))),
  );
  return textOf(unhex(before + tag));
}

/** A nibble changed inside a block under the data key. */
function changeInside(text: string, dice: Dice): string {
  const at = 8 * dice.below(Math.max(1, text.length >>> 3));
  const block = text.slice(at, at + 8);
  if (block.length < 8) return text;
  const clear = tdesEcb(DATA_HEX, hex(bytesOf(block)), 'decrypt');
  const changed = spliced(clear, dice.below(16), 1, pick('0123456789ABCDEF', dice));
  return spliced(text, at, 8, textOf(unhex(tdesEcb(DATA_HEX, changed, 'encrypt'))));
}

function change([call = '', extra = '', text = '']: Input, dice: Dice): Input {
  const isEnvelope = call.startsWith('envelope');
  switch (dice.below(6)) {
    case 0:
      return [pick(CALLS, dice), extra, text];
    case 1:
      return [call, pick(isEnvelope ? CONTEXTS : COUNTS, dice), text];
    case 2:
      return [call, oneIn(4, dice) ? changeText(extra, dice) : extra, changeText(text, dice)];
    case 3: {
      // Bytes of the prefix, where each of them says something.
      const at = dice.below(5);
      return [call, extra, spliced(text, at, 1, String.fromCharCode(dice.below(256)))];
    }
    default: {
      if (!isEnvelope) return [call, extra, changeInside(text, dice)];
      const cut = oneIn(3, dice) ? spliced(text, dice.below(text.length + 1), 1 + dice.below(9), '') : text;
      return extra.length > 65_000 || cut.length > 65_000
        ? [call, extra, cut]
        : [call, extra, tagged(cut, extra)];
    }
  }
}

function runEnvelope(kek: 'T' | 'A', context: string, text: string): void {
  const plaintext = hex(openEnvelope(KEKS[kek], bytesOf(text), bytesOf(context)));
  let theirs: string | undefined;
  try {
    const bytes = hex(bytesOf(text));
    theirs = oracle.openEnvelope(KEK_HEX[kek], kek, bytes, hex(bytesOf(context))).plaintext;
  } catch {}
  law(theirs !== undefined, 'an envelope opens that is not authentic');
  law(plaintext === theirs, 'an envelope gives another plaintext than is in it');
}

function runCode(layout: CodeBlockLayout, count: string, text: string): void {
  const options = count === '' ? {} : { digits: Number(count) };
  const block = bytesOf(text);
  const digits = openCode(DATA_KEY, block, layout, options);
  let theirs: string | undefined;
  try {
    theirs = codes.openCodeBlock(DATA_HEX, layout, hex(block), digits.length);
  } catch {}
  law(digits === theirs, 'two decoders do not agree on a code block');
  law(
    count === '' || digits.length === Number(count),
    'a code has another number of digits than was asked for',
  );
}

function runField(field: LegacyField, text: string): void {
  const bytes = bytesOf(text);
  const found = decryptLegacyField(DATA_KEY, bytes, field);
  law(!found.endsWith(' '), 'a field ends in a space');
  law(legacyField(field, found)[2] === textOf(bytes), 'a field is not what was sent');
}

export const envelopes: Target = {
  name: 'envelope',
  share: 15,
  seeds: SEEDS,
  change,
  run([call = '', extra = '', text = '']) {
    if (call.startsWith('envelope')) return runEnvelope(call.endsWith('T') ? 'T' : 'A', extra, text);
    if (LAYOUTS.some((layout) => layout === call)) return runCode(call as CodeBlockLayout, extra, text);
    if (call === 'ECB' || call === 'CBC') {
      const bytes = bytesOf(text);
      const clear =
        call === 'ECB' ? decryptLegacyBlocks(DATA_KEY, bytes) : decryptLegacyCbc(DATA_KEY, IV, bytes);
      const theirs =
        call === 'ECB'
          ? tdesEcb(DATA_HEX, hex(bytes), 'decrypt')
          : tdesCbc(DATA_HEX, hex(IV), hex(bytes), 'decrypt');
      law(hex(clear) === theirs, `two implementations of ${call} do not agree`);
      return;
    }
    runField(call as LegacyField, text);
  },
};
