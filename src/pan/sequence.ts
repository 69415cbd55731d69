/**
 * PANs by a keyed permutation: number n of a range, for n = 0, 1, 2, …
 *
 * The account number is FF1 of n as digits, so no PAN comes twice, the range is used to its last
 * number, no memory grows, and the next PAN cannot be guessed without the key. Key and range are
 * fixed for the life of the range, with one counter: a change half-way gives duplicates. A unique
 * index under it remains the net against a counter restored from a backup.
 */
import type { Pan } from '../brand.ts';
import { fail, kindOf } from '../error.ts';
import { readOptions, requireWhole } from '../input.ts';
import { cipherFor, type Key } from '../keys/key.ts';
import { FF1_MIN_DOMAIN, ff1 } from '../mode/ff1.ts';
import { isExcluded, type PanRange, panOf, panRanges } from './range.ts';

/**
 * The n-th PAN of a range; `undefined` where it is excluded: n is spent, take the next.
 *
 * @param key    AES, usage D0, mode B, E or N; for this range only
 * @param range  at least 6 account digits
 * @param n      0 to capacity - 1
 * @throws ERR_PAN_SPACE         n is the capacity of the range or more
 * @throws ERR_DOMAIN_TOO_SMALL  the range has fewer than 6 account digits
 * @throws ERR_INPUT             n is negative or not whole, range not of `definePanRange`
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the key may not
 * @cost 10 AES blocks and those of a 21-byte tweak
 * @source NIST SP 800-38G Rev. 1 (2PD, 2025), 5.1; construction ours · evidence: vectors/self/pan-sequence, vectors/ff1
 */
export function panFromSequence(key: Key<'D0'>, range: PanRange, n: number | bigint): Pan | undefined {
  const internals = panRanges.require(range, 'range');
  const cipher = cipherFor(key, 'panFromSequence');
  if (range.capacity < FF1_MIN_DOMAIN)
    fail(
      'ERR_DOMAIN_TOO_SMALL',
      'range',
      'at least 6 account digits',
      `accountDigits=${range.accountDigits}`,
    );
  const whole = typeof n === 'bigint' ? n >= 0n : Number.isSafeInteger(n) && n >= 0;
  if (!whole)
    fail(
      'ERR_INPUT',
      'n',
      'a whole number that is not negative',
      typeof n === 'number' ? undefined : kindOf(n),
    );
  if (n >= range.capacity) fail('ERR_PAN_SPACE', 'n', 'a number below the capacity of the range');
  const account = ff1(cipher, 10).cryptDigits(
    String(n).padStart(range.accountDigits, '0'),
    internals.tweak,
    'encrypt',
  );
  return isExcluded(internals, Number(account)) ? undefined : panOf(range, account);
}

/**
 * The first PAN of the sequence at `n` or after it that is not excluded.
 *
 * @param n        where to start, as for `panFromSequence`
 * @param options  mostSkips: excluded numbers to pass over, 0 to 100 000; 1 000 unless said
 * @returns        the PAN and `next`, the n to store before the PAN leaves
 * @throws ERR_PAN_SPACE  the range ends, or only excluded numbers came
 * @throws as `panFromSequence`
 * @source as `panFromSequence` · evidence: vectors/self/pan-sequence
 */
export function nextPanFromSequence(
  key: Key<'D0'>,
  range: PanRange,
  n: number,
  options?: { readonly mostSkips?: number },
): { readonly pan: Pan; readonly next: number } {
  const { mostSkips } = readOptions(options, 'options', ['mostSkips']);
  const skips = requireWhole(mostSkips ?? 1000, 'mostSkips', 0, 100_000);
  const first = requireWhole(n, 'n', 0, Number.MAX_SAFE_INTEGER - skips);
  for (let at = first; at <= first + skips; at++) {
    const pan = panFromSequence(key, range, at);
    if (pan !== undefined) return { pan, next: at + 1 };
  }
  return fail('ERR_PAN_SPACE', 'range', `a PAN that is not excluded within ${skips} skips`);
}
