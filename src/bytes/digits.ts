/**
 * Decimal digit strings: ASCII 0 to 9 and nothing that Unicode also calls a digit.
 */

/** Whether every character is an ASCII digit; true for the empty string. */
export function isDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

/** Digit by digit (a + b) mod 10, without carry. Both strings have one length. */
export function addDigits(a: string, b: string): string {
  let out = '';
  for (let i = 0; i < a.length; i++) out += String((a.charCodeAt(i) + b.charCodeAt(i) - 96) % 10);
  return out;
}

/** Digit by digit (a - b) mod 10, without borrow. Both strings have one length. */
export function subtractDigits(a: string, b: string): string {
  let out = '';
  for (let i = 0; i < a.length; i++) out += String((a.charCodeAt(i) - b.charCodeAt(i) + 10) % 10);
  return out;
}

/** Values 0 to 9 as text. */
export function digitsToText(digits: Uint8Array): string {
  let text = '';
  for (const digit of digits) text += String(digit);
  return text;
}

/** The values of a string of digits, which are not checked. */
export function textToDigits(text: string): Uint8Array<ArrayBuffer> {
  const digits = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) digits[i] = text.charCodeAt(i) & 15;
  return digits;
}

/** 000 to 999 and 0000 to 9999, made when they are first asked for: putting the text together takes a while. */
let threes: readonly string[] | undefined;
let fours: readonly string[] | undefined;

function texts(digits: number): readonly string[] {
  return Array.from({ length: 10 ** digits }, (_, number) => String(number).padStart(digits, '0'));
}

/** A number of at most so many digits as text with leading zeros. */
export function numberText(number: number, digits: number): string {
  if (digits === 3) {
    threes ??= texts(3);
    return threes[number] as string;
  }
  if (digits === 4) {
    fours ??= texts(4);
    return fours[number] as string;
  }
  return String(number).padStart(digits, '0');
}
