/** PIN blocks of ISO 9564-1, on PANs of any length below the guards. */
import { aes } from '../aes/block.ts';
import type { Pan } from '../brand.ts';
import { isDigits } from '../bytes/digits.ts';
import { bytesToHex, hexToBytes } from '../bytes/hex.ts';
import { tdes } from '../des/tdes.ts';
import { fail } from '../error.ts';
import { decryptEcb, encryptEcb } from '../mode/ecb.ts';
import { packAccount } from '../pan/account.ts';
import { parsePin, pinDigits } from '../pin/clear-pin.ts';
import { digitsOfCandidate } from '../pin/pin-candidate.ts';
import { blockBytes, blockWords } from '../pinblock/field.ts';
import { decodeField, encodeField, formatBytes, type PinBlockFormat } from '../pinblock/format.ts';
import {
  decipherIso4,
  decodeIso4PinField,
  encipherIso4,
  encodeIso4PanField,
  encodeIso4PinField,
} from '../pinblock/iso4.ts';
import { type VectorCase, VectorFormatError } from './vector-file.ts';
import { type Operations, refuses, same, sameBytes, Unsupported } from './verdict.ts';

/** The names in use for the formats; several are names of one. */
const FORMATS: { readonly [name: string]: PinBlockFormat } = {
  'ISO-0': 'ISO-0',
  'ANSI-X9.8': 'ISO-0',
  'VISA-1': 'ISO-0',
  'VISA-4': 'ISO-0',
  'ECI-1': 'ISO-0',
  'ECI-4': 'ISO-0',
  'ISO-1': 'ISO-1',
  'ISO-2': 'ISO-2',
  'ISO-3': 'ISO-3',
  'ISO-4': 'ISO-4',
};

function formatOf(name: string): PinBlockFormat {
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  if (format === undefined) throw new Unsupported(`PIN block format ${name}`);
  return format;
}

/** The twelve account digits that a case gives or its PAN has; formats without a PAN need none. */
function tail12Of(vector: VectorCase, format: PinBlockFormat): string {
  const text = vector.has('accountNumber12')
    ? vector.text('accountNumber12')
    : vector.has('pan')
      ? vector.text('pan').slice(0, -1).slice(-12).padStart(12, '0')
      : undefined;
  if (text !== undefined && isDigits(text) && text.length === 12) return text;
  if (format === 'ISO-1' || format === 'ISO-2') return '000000000000';
  throw new VectorFormatError('neither "pan" nor "accountNumber12"');
}

function panOf(vector: VectorCase): Pan {
  const pan = vector.text('pan');
  if (!isDigits(pan) || pan.length < 1 || pan.length > 19) throw new VectorFormatError('"pan" is not a PAN');
  return pan as Pan;
}

/** The clear block of a PIN with the fill nibbles given, the last one repeated. */
function encodeWith(format: PinBlockFormat, pin: string, tail12: string, fill: string): Uint8Array {
  const nibbles = Uint8Array.from(fill.padEnd(14, fill.slice(-1)), (digit) => Number.parseInt(digit, 16));
  const block = new Int32Array(2);
  encodeField(block, format, pinDigits(parsePin(pin)), accountOf(tail12), nibbles);
  return blockBytes(block);
}

/** The fill digits in a clear block of formats 1 and 3. */
function fillIn(block: Uint8Array, format: PinBlockFormat, tail12: string, pinLength: number): string {
  const account = format === 'ISO-3' ? hexToBytes(`0000${tail12}`) : new Uint8Array(8);
  return bytesToHex(block.map((byte, i) => byte ^ (account[i] as number))).slice(2 + pinLength);
}

/** The account number field of twelve digits: a check digit behind them says nothing. */
function accountOf(tail12: string): Int32Array {
  const account = new Int32Array(2);
  packAccount(`${tail12}0`, account);
  return account;
}

function textOf(digits: Uint8Array): string {
  return Array.from(digits).join('');
}

function decode(format: PinBlockFormat, block: Uint8Array, tail12: string): string {
  if (block.length !== formatBytes(format))
    fail('ERR_INPUT', 'block', `${formatBytes(format)} bytes`, `length=${block.length}`);
  const digits = digitsOfCandidate(decodeField(format, blockWords(block), accountOf(tail12)));
  return digits === undefined ? fail('ERR_PIN_BLOCK', 'block', 'a PIN block') : textOf(digits);
}

/** Encodes with the fill that the case states, or that the published block has. */
function encode(vector: VectorCase, format: PinBlockFormat, published: Uint8Array): Uint8Array {
  const pin = vector.text('pin');
  const tail12 = tail12Of(vector, format);
  const random = format === 'ISO-1' || format === 'ISO-3';
  const fill = vector.has('fill')
    ? vector.text('fill')
    : random
      ? fillIn(published, format, tail12, pin.length)
      : 'F';
  return encodeWith(format, pin, tail12, fill);
}

function iso4Field(vector: VectorCase, field: string): Uint8Array {
  const bytes = vector.bytes(field);
  if (bytes.length !== 8 && bytes.length !== 16)
    throw new VectorFormatError(`"${field}" is not 8 or 16 bytes`);
  const whole = new Uint8Array(16);
  whole.set(bytes);
  return whole;
}

function iso4Decipher(vector: VectorCase, field: string, key: string): Uint8Array {
  const block = vector.bytes(field);
  if (block.length !== 16) fail('ERR_INPUT', field, '16 bytes', `length=${block.length}`);
  const panField = encodeIso4PanField(panOf(vector));
  return blockBytes(decipherIso4(aes(vector.bytes(key)), blockWords(block), panField));
}

/** A PIN field both ways, with the random half that the case has. */
function checkPinField(vector: VectorCase, name: string): 'passed' {
  const published = iso4Field(vector, name);
  const field = new Int32Array(4);
  encodeIso4PinField(field, pinDigits(parsePin(vector.text('pin'))), blockWords(published.subarray(8)));
  sameBytes(name, blockBytes(field), published);
  same('pin', iso4Pin(published), vector.text('pin'));
  return 'passed';
}

/** An enciphered block both ways, with the random half that the case states or the block has. */
function checkIso4(vector: VectorCase, name: string, key: string): 'passed' {
  const published = iso4Decipher(vector, name, key);
  same('pin', iso4Pin(published), vector.text('pin'));
  const random = vector.has('randomFill') ? vector.bytes('randomFill') : published.subarray(8);
  if (random.length !== 8) throw new VectorFormatError('"randomFill" is not 8 bytes');
  const field = new Int32Array(4);
  encodeIso4PinField(field, pinDigits(parsePin(vector.text('pin'))), blockWords(random));
  encipherIso4(aes(vector.bytes(key)), field, encodeIso4PanField(panOf(vector)));
  sameBytes(name, blockBytes(field), vector.bytes(name));
  return 'passed';
}

/** The PIN of the input block of a translation, formats 0 to 3. */
function translated(vector: VectorCase, from: PinBlockFormat): string {
  const input = decryptEcb(tdes(vector.bytes('inputKey')), vector.bytes('inputPinBlock'));
  return decode(from, input, tail12Of(vector, from));
}

function iso4Pin(field: Uint8Array): string {
  const digits = digitsOfCandidate(decodeIso4PinField(blockWords(field)));
  return digits === undefined ? fail('ERR_PIN_BLOCK', 'block', 'a PIN block') : textOf(digits);
}

export const pinblock: Operations = {
  'pinblock.encode': (vector) => {
    const format = formatOf(vector.text('format'));
    if (format === 'ISO-4') return checkPinField(vector, 'pinBlock');
    const published = vector.bytes('pinBlock');
    sameBytes('pinBlock', encode(vector, format, published), published);
    return 'passed';
  },
  'pinblock.decode': (vector) => {
    const format = formatOf(vector.text('format'));
    const pin =
      format === 'ISO-4'
        ? iso4Pin(iso4Field(vector, 'pinBlock'))
        : decode(format, vector.bytes('pinBlock'), tail12Of(vector, format));
    same('pin', pin, vector.text('pin'));
    return 'passed';
  },
  'pinblock.reject': (vector) => {
    const format = formatOf(vector.text('format'));
    if (format === 'ISO-4') return refuses(() => iso4Pin(iso4Field(vector, 'pinBlock')));
    return refuses(() => decode(format, vector.bytes('pinBlock'), tail12Of(vector, format)));
  },
  'pinblock.encrypted': (vector) => {
    const format = formatOf(vector.text('format'));
    if (format === 'ISO-4') return checkIso4(vector, 'encryptedPinBlock', 'key');
    const published = vector.bytes('encryptedPinBlock');
    const cipher = tdes(vector.bytes('key'));
    const clear = decryptEcb(cipher, published);
    same('pin', decode(format, clear, tail12Of(vector, format)), vector.text('pin'));
    sameBytes('encryptedPinBlock', encryptEcb(cipher, encode(vector, format, clear)), published);
    return 'passed';
  },
  'pinblock.translate': (vector) => {
    const from = formatOf(vector.text('inputFormat'));
    const to = formatOf(vector.text('outputFormat'));
    const pin =
      from === 'ISO-4'
        ? iso4Pin(iso4Decipher(vector, 'inputPinBlock', 'inputKey'))
        : translated(vector, from);
    if (vector.has('pin')) same('pin', pin, vector.text('pin'));
    if (to === 'ISO-4') {
      same('outputPinBlock', iso4Pin(iso4Decipher(vector, 'outputPinBlock', 'outputKey')), pin);
      return 'passed';
    }
    const cipher = tdes(vector.bytes('outputKey'));
    const published = vector.bytes('outputPinBlock');
    const tail12 = tail12Of(vector, to);
    const clear = decryptEcb(cipher, published);
    const random = to === 'ISO-1' || to === 'ISO-3';
    const output = encodeWith(to, pin, tail12, random ? fillIn(clear, to, tail12, pin.length) : 'F');
    sameBytes('outputPinBlock', encryptEcb(cipher, output), published);
    return 'passed';
  },
  'pinblock.iso4-pin-field': (vector) => checkPinField(vector, 'pinField'),
  'pinblock.iso4-pan-field': (vector) => {
    sameBytes('panField', blockBytes(encodeIso4PanField(panOf(vector))), vector.bytes('panField'));
    return 'passed';
  },
  'pinblock.iso4-encipher': (vector) => checkIso4(vector, 'pinBlock', 'key'),
  'pinblock.iso4-decipher': (vector) => {
    same('pin', iso4Pin(iso4Decipher(vector, 'pinBlock', 'key')), vector.text('pin'));
    return 'passed';
  },
  'pinblock.iso4-reject': (vector) => refuses(() => iso4Pin(iso4Decipher(vector, 'pinBlock', 'key'))),
  'pinblock.iso4-pin-field-reject': (vector) => refuses(() => iso4Pin(iso4Field(vector, 'pinField'))),
};
