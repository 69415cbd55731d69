// Second implementation (test oracle), independent of src: PIN blocks of ISO 9564-1, formats 0 to 4.
import { aesEcb, tdesEcb, xorHex } from './cipher.ts';

export type PinBlockFormat = 'ISO-0' | 'ISO-1' | 'ISO-2' | 'ISO-3';

function bad(): Error {
  return new Error('oracle: not a PIN block');
}

/** The twelve rightmost PAN digits without the check digit, left-padded with zeros. */
export function pan12(pan: string): string {
  return pan.slice(0, -1).slice(-12).padStart(12, '0');
}

function panFieldFor(format: PinBlockFormat, pan: string): string {
  return format === 'ISO-0' || format === 'ISO-3' ? `0000${pan12(pan)}` : '0'.repeat(16);
}

/** The clear block; `fill` gives the random digits of formats 1 and 3, from the left. */
export function encodePinBlock(format: PinBlockFormat, pin: string, pan: string, fill: string): string {
  if (!/^\d{4,12}$/.test(pin)) throw new Error('oracle: PIN');
  const control = format.charAt(4);
  const length = pin.length.toString(16).toUpperCase();
  const fillLength = 14 - pin.length;
  let tail = 'F'.repeat(fillLength);
  if (format === 'ISO-1' || format === 'ISO-3') {
    if (fill.length !== fillLength) throw new Error('oracle: fill length');
    if (!(format === 'ISO-1' ? /^[0-9A-F]*$/ : /^[A-F]*$/).test(fill)) throw new Error('oracle: fill');
    tail = fill;
  }
  return xorHex(control + length + pin + tail, panFieldFor(format, pan));
}

/** The PIN of a clear block; throws one error for anything wrong. */
export function decodePinBlock(format: PinBlockFormat, block: string, pan: string): string {
  if (!/^[0-9A-F]{16}$/.test(block)) throw bad();
  const field = xorHex(block, panFieldFor(format, pan));
  if (field.charAt(0) !== format.charAt(4)) throw bad();
  const length = Number.parseInt(field.charAt(1), 16);
  if (length < 4 || length > 12) throw bad();
  const pin = field.slice(2, 2 + length);
  const fill = field.slice(2 + length);
  if (!/^\d+$/.test(pin)) throw bad();
  if ((format === 'ISO-0' || format === 'ISO-2') && !/^F+$/.test(fill)) throw bad();
  if (format === 'ISO-3' && !/^[A-F]+$/.test(fill)) throw bad();
  return pin;
}

export function encryptPinBlock(
  keyHex: string,
  format: PinBlockFormat,
  pin: string,
  pan: string,
  fill: string,
): string {
  return tdesEcb(keyHex, encodePinBlock(format, pin, pan, fill), 'encrypt');
}

export function decryptPinBlock(
  keyHex: string,
  format: PinBlockFormat,
  encryptedBlock: string,
  pan: string,
): string {
  return decodePinBlock(format, tdesEcb(keyHex, encryptedBlock, 'decrypt'), pan);
}

/** Format 4: control, length, PIN, A to 8 bytes, then 8 random bytes. */
export function iso4PinField(pin: string, randomFillHex: string): string {
  if (!/^\d{4,12}$/.test(pin)) throw new Error('oracle: PIN');
  if (!/^[0-9A-F]{16}$/.test(randomFillHex)) throw new Error('oracle: 8 random bytes');
  const length = pin.length.toString(16).toUpperCase();
  return `4${length}${pin}`.padEnd(16, 'A') + randomFillHex;
}

export function iso4PinFromField(field: string): string {
  if (!/^[0-9A-F]{32}$/.test(field)) throw bad();
  if (field.charAt(0) !== '4') throw bad();
  const length = Number.parseInt(field.charAt(1), 16);
  if (length < 4 || length > 12) throw bad();
  const pin = field.slice(2, 2 + length);
  if (!/^\d+$/.test(pin)) throw bad();
  if (!/^A+$/.test(field.slice(2 + length, 16))) throw bad();
  return pin;
}

/** Format 4: PAN length − 12, the PAN (at least 12 digits, left-padded), zeros to 16 bytes. */
export function iso4PanField(pan: string): string {
  if (!/^\d{1,19}$/.test(pan)) throw new Error('oracle: PAN');
  const padded = pan.padStart(12, '0');
  return (String(padded.length - 12) + padded).padEnd(32, '0');
}

export function iso4Encipher(keyHex: string, pin: string, pan: string, randomFillHex: string): string {
  const blockA = aesEcb(keyHex, iso4PinField(pin, randomFillHex), 'encrypt');
  return aesEcb(keyHex, xorHex(blockA, iso4PanField(pan)), 'encrypt');
}

export function iso4Decipher(keyHex: string, block: string, pan: string): string {
  if (!/^[0-9A-F]{32}$/.test(block)) throw bad();
  const blockB = xorHex(aesEcb(keyHex, block, 'decrypt'), iso4PanField(pan));
  return iso4PinFromField(aesEcb(keyHex, blockB, 'decrypt'));
}
