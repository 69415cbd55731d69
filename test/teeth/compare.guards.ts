/** Guards of comparisons: how long one takes must not tell how much of a guess is right. */
import { generateCvv2, parseExpiry, parsePan, randomKey, verifyCvv2 } from '../../src/index.ts';
import type { Guard } from './guard.ts';

const cvk = randomKey({ usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' }, 16);
const card = { pan: parsePan('4000001234567899'), expiry: parseExpiry('2912') };

/** A stopwatch without error: how many characters are looked at while something runs. */
function charactersIn(run: () => void): number {
  const { charCodeAt } = String.prototype;
  let count = 0;
  String.prototype.charCodeAt = function (this: string, at: number): number {
    count++;
    return charCodeAt.call(this, at);
  };
  try {
    run();
  } finally {
    String.prototype.charCodeAt = charCodeAt;
  }
  return count;
}

/** Whether a code is found digit by digit: the digit is right after which the comparison goes on for longest. */
function foundByTime(): boolean {
  let found = '';
  while (found.length < 3) {
    const times = Array.from({ length: 10 }, (_, digit) => {
      const guess = `${found}${digit}`.padEnd(3, '-');
      return charactersIn(() => verifyCvv2(cvk, card, guess));
    });
    const longest = Math.max(...times);
    // The last digit shows in the answer.
    const isRight = (digit: number): boolean =>
      found.length === 2 ? verifyCvv2(cvk, card, `${found}${digit}`) : times[digit] === longest;
    const digits = times.map((_, digit) => digit).filter(isRight);
    if (digits.length !== 1) return false;
    found += digits[0];
  }
  return found === generateCvv2(cvk, card);
}

export const GUARDS: readonly Guard[] = [
  {
    ids: ['JS-12'],
    guard: 'a comparison looks at everything, whatever it has found',
    cuts: [
      {
        file: 'bytes/equal.ts',
        passage: 'for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);',
        instead:
          'for (let i = 0; i < a.length && difference === 0; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);',
      },
    ],
    attack: foundByTime,
  },
];
