/**
 * Cases that go where none has been: an input that comes to a branch for the first time, or more often than any before
 * it, is kept, and changed in its turn. The branches count themselves: tools/fuzz/instrument.ts puts the counters in.
 */
import { changeText } from './changes.ts';
import { type Dice, diceOf, oneIn, pick } from './dice.ts';
import { type Finding, type Input, judge, type Target } from './target.ts';

const counters = (globalThis as unknown as { readonly cardwrightCounters?: Uint8Array }).cardwrightCounters;

/** Most characters of an input that is kept, and most changes that make a case of one. */
const MOST_CHARACTERS = 30_000;
const MOST_CHANGES = 5;

/** How far back what is new reaches. */
const RECENT = 24;

/** What a run came to. */
export interface Guided {
  readonly accepted: number;
  readonly refused: number;
  /** Branches, each in up to eight magnitudes of how often. */
  readonly features: number;
  readonly findings: readonly (Finding & { readonly run: number; readonly input: Input })[];
  /** The inputs that were kept, the seeds among them. */
  readonly corpus: readonly Input[];
}

/** The features that have been seen, and whether a case adds to them. */
class Seen {
  readonly #magnitudes: Uint8Array;
  count = 0;

  constructor(size: number) {
    this.#magnitudes = new Uint8Array(size);
  }

  /** Takes what was counted since it was cleared, and clears it. */
  take(counted: Uint8Array): boolean {
    let isNew = false;
    const words = new Uint32Array(counted.buffer, counted.byteOffset, counted.length >>> 2);
    for (let word = 0; word < words.length; word++) {
      if (words[word] === 0) continue;
      for (let at = 4 * word; at < 4 * word + 4; at++) {
        const times = counted[at] as number;
        if (times === 0) continue;
        const bit = 1 << (31 - Math.clz32(times));
        const known = this.#magnitudes[at] as number;
        if ((known & bit) !== 0) continue;
        this.#magnitudes[at] = known | bit;
        this.count++;
        isNew = true;
      }
      words[word] = 0;
    }
    return isNew;
  }
}

const sizeOf = (input: Input): number => input.reduce((sum, text) => sum + text.length, 0);

/** Text of one input that goes over into that of another. */
function crossed(input: Input, other: Input, dice: Dice): Input {
  const at = dice.below(input.length);
  const [one = '', two = ''] = [input[at], other[at]];
  return input.with(at, one.slice(0, dice.below(one.length + 1)) + two.slice(dice.below(two.length + 1)));
}

/** A case out of what was kept: what is new is taken more often, and so are the seeds, which go the farthest. */
function caseOf(target: Target, corpus: readonly Input[], dice: Dice): Input {
  let input = pick(pick([corpus.slice(-RECENT), corpus, target.seeds], dice), dice);
  if (oneIn(10, dice)) input = crossed(input, pick(corpus, dice), dice);
  for (let left = 1 + dice.below(MOST_CHANGES); left > 0; left--)
    input = oneIn(6, dice)
      ? input.with(input.length - 1, changeText(input.at(-1) ?? '', dice))
      : target.change(input, dice);
  return input;
}

/** Runs so many cases, from the seeds of the target and from what an earlier run kept. */
export async function guide(
  target: Target,
  {
    seed,
    runs,
    earlier = [],
  }: { readonly seed: number; readonly runs: number; readonly earlier?: readonly Input[] },
  started?: (run: number) => void,
): Promise<Guided> {
  if (counters === undefined) throw new Error('a build without counters');
  const dice = diceOf(seed);
  const begin = [...target.seeds, ...earlier];
  const corpus: Input[] = [];
  const findings = new Map<string, Guided['findings'][number]>();
  const seen = new Seen(counters.length);
  const tally = { accepted: 0, refused: 0 };
  for (let run = 0; run < runs; run++) {
    const input = begin[run] ?? caseOf(target, corpus, dice);
    started?.(run);
    let isNew = false;
    counters.fill(0);
    const verdict = await judge(target, input, () => {
      isNew = seen.take(counters);
    });
    if (typeof verdict === 'string') {
      tally[verdict]++;
      if (run < begin.length || (isNew && sizeOf(input) <= MOST_CHARACTERS)) corpus.push(input);
    } else if (!findings.has(`${verdict.kind} ${verdict.what}`))
      findings.set(`${verdict.kind} ${verdict.what}`, { ...verdict, run, input });
  }
  return { ...tally, features: seen.count, findings: [...findings.values()], corpus };
}
