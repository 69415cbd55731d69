// Second implementation (test oracle), independent of src: American Express CSC version 1, from the one worked
// example in public circulation (expiry YYMM, then PAN digits 3 to 14, under TDES; 5 digits, then 4).
import { tdesEcb } from './cipher.ts';
import { needsSecondPass, selectDigits } from './cvv.ts';

export interface CscResult {
  readonly csc5: string;
  readonly csc4: string;
  readonly block: string;
  /** Whether the five, and the nine, digits needed letters. */
  readonly secondPass5: boolean;
  readonly secondPass4: boolean;
}

export function csc(csckHex: string, pan: string, expiry: string): CscResult {
  if (!/^\d{15}$/.test(pan)) throw new Error('oracle: an American Express PAN has 15 digits');
  if (!/^\d{4}$/.test(expiry)) throw new Error('oracle: expiry');
  const block = tdesEcb(csckHex, expiry + pan.slice(2, 14), 'encrypt');
  const nine = selectDigits(block, 9);
  return {
    csc5: nine.slice(0, 5),
    csc4: nine.slice(5, 9),
    block,
    secondPass5: needsSecondPass(block, 5),
    secondPass4: needsSecondPass(block, 9),
  };
}
