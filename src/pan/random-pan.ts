/** A random PAN of a range. */
import type { Pan } from '../brand.ts';
import { type RandomOptions, randomInteger, randomSource } from '../bytes/random.ts';
import { readOptions } from '../input.ts';
import { type PanRange, panOf, panRanges } from './range.ts';

/**
 * A PAN drawn uniformly from what a range has left after its exclusions.
 *
 * Nothing remembers it: claim it in a registry, or use `panFromSequence`, to never issue it again.
 *
 * @throws ERR_INPUT  not a range of `definePanRange`
 * @source ISO/IEC 7812-1:2017, clause 4
 */
export function randomPan(range: PanRange, options?: RandomOptions): Pan {
  const { random } = readOptions(options, 'options', ['random']);
  const { intervals } = panRanges.require(range, 'range');
  // The index among the numbers left is turned into a number by stepping over what is left out.
  let account = randomInteger(range.available, randomSource(random));
  for (const { from, to } of intervals) if (account >= from) account += to - from + 1;
  return panOf(range, String(account).padStart(range.accountDigits, '0'));
}
