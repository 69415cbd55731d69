// Second implementation (test oracle), independent of src: the Luhn check digit of ISO/IEC 7812-1, Annex B.

/** Digit sum after doubling every second digit, beginning with the rightmost digit or the one before it. */
function luhnSum(digits: string, doubleRightmost: boolean): number {
  let sum = 0;
  let doubled = doubleRightmost;
  for (const character of [...digits].reverse()) {
    const value = Number(character) * (doubled ? 2 : 1);
    sum += Math.floor(value / 10) + (value % 10);
    doubled = !doubled;
  }
  return sum;
}

/** The check digit to append to a payload. */
export function luhnCheckDigit(payload: string): string {
  if (!/^\d+$/.test(payload)) throw new Error('oracle: Luhn takes digits');
  return String((10 - (luhnSum(payload, true) % 10)) % 10);
}

/** Whether the last digit is the check digit of those before it. */
export function isLuhnValid(number: string): boolean {
  if (!/^\d{2,}$/.test(number)) return false;
  return luhnSum(number, false) % 10 === 0;
}
