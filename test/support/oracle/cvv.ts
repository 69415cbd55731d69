// Second implementation (test oracle), independent of src: the CVV algorithm as printed in the public worked
// examples (CVV, CVV2, iCVV differ in the service code only), and the two-pass selection of digits.
import { tdesEcb, xorHex } from './cipher.ts';

export interface CvvResult {
  /** The selected digits. */
  readonly cvv: string;
  /** The block the digits are selected from. */
  readonly block: string;
  readonly secondPass: boolean;
  readonly intermediates: {
    readonly encA: string;
    readonly xored: string;
    readonly encC: string;
    readonly decB: string;
    readonly final: string;
  };
}

/** Decimal digits from left to right; if there are too few, A to F follow as 0 to 5. */
export function selectDigits(blockHex: string, count: number): string {
  const nibbles = [...blockHex.toUpperCase()];
  const firstPass = nibbles.filter((nibble) => '0123456789'.includes(nibble));
  const letters = nibbles.filter((nibble) => 'ABCDEF'.includes(nibble));
  const secondPass = letters.map((letter) => String('ABCDEF'.indexOf(letter)));
  const all = firstPass.join('') + secondPass.join('');
  if (all.length < count) throw new Error('oracle: block too short for the selection');
  return all.slice(0, count);
}

/** Whether selecting that many digits needs letters. */
export function needsSecondPass(blockHex: string, count: number): boolean {
  return blockHex.replace(/[A-F]/gi, '').length < count;
}

/** The CVV for any service code; the expiry enters as given. */
export function cvv(cvkHex: string, pan: string, expiry: string, serviceCode: string, digits = 3): CvvResult {
  if (cvkHex.length !== 32) throw new Error('oracle: a CVK has 16 bytes');
  if (digits < 1 || digits > 5) throw new Error('oracle: 1 to 5 digits');
  if (!/^\d{4}$/.test(expiry) || !/^\d{3}$/.test(serviceCode)) throw new Error('oracle: CVV input');
  const keyA = cvkHex.slice(0, 16);
  const keyB = cvkHex.slice(16);
  const input = (pan + expiry + serviceCode).padEnd(32, '0');
  if (!/^\d{32}$/.test(input)) throw new Error('oracle: CVV input');
  const encA = tdesEcb(keyA, input.slice(0, 16), 'encrypt');
  const xored = xorHex(encA, input.slice(16));
  const encC = tdesEcb(keyA, xored, 'encrypt');
  const decB = tdesEcb(keyB, encC, 'decrypt');
  const final = tdesEcb(keyA, decB, 'encrypt');
  return {
    cvv: selectDigits(final, digits),
    block: final,
    secondPass: needsSecondPass(final, digits),
    intermediates: { encA, xored, encC, decB, final },
  };
}
