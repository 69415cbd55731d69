/** What makes a guided run: counters in the text of a file, and inputs that are kept since they came further. */
import ts from 'typescript';
import { expect, it } from 'vitest';
import { withCounters } from '../../tools/fuzz/instrument.ts';
import { runTarget } from './cases.ts';
import { changeText } from './changes.ts';
import { law, type Target } from './target.ts';

const counters = new Uint8Array(1024);
Object.defineProperty(globalThis, 'cardwrightCounters', { value: counters });
const { guide } = await import('./guided.ts');

/** Every form of a branch, in a function of a number. */
const BRANCHES = `const all = (n: number): string => {
  const arrow = (x: number): number => x > 2 ? x : -x;
  let out = n > 5 ? 'more' : n > 1 && n < 4 ? 'few' : '';
  if (n === 0) out += 'none'; else out += arrow(n);
  for (let i = 0; i < n; i++) out += i;
  for (const x of [n]) out += x
  while (out.length > 40) out = out.slice(1);
  switch (n) { case 1: case 2: out += 'case'; break; default: }
  class One { get value(): string { return out ?? 'nothing'; } }
  function last(this: void, t: string): t is 'a' { return t === 'a' || t === 'b'; }
  try { if (n < 0) throw new Error(); } catch { out += 'caught'; }
  return new One().value + ({ a: () => ({ b: last(out) }) }).a().b;
}`;

it('counters change nothing, and tell one way from another', () => {
  const compiled = (text: string): ((n: number) => string) =>
    new Function(
      'cardwrightCounters',
      `${ts.transpile(text, { target: ts.ScriptTarget.ES2023 })}; return all`,
    )(counters);
  const { text, counters: count } = withCounters(BRANCHES, 0);
  expect(count).toBe(19);
  const [plain, counted] = [compiled(BRANCHES), compiled(text)];
  const ways = new Set<string>();
  for (let n = -2; n < 12; n++) {
    counters.fill(0);
    expect(counted(n)).toBe(plain(n));
    ways.add(counters.map((times) => Math.min(times, 1)).join(''));
  }
  expect(ways.size).toBeGreaterThan(5);
});

/** Three characters in a row, each of which is a branch of its own: by chance nobody comes to the end. */
const SECRET = '7A2';
const staircase: Target = {
  name: 'staircase',
  share: 1,
  seeds: [['---']],
  change: ([text = ''], dice) => [changeText(text, dice)],
  run: ([text = '']) => {
    let steps = 0;
    while (steps < SECRET.length && text[steps] === SECRET[steps]) counters[++steps] = 1;
    law(steps < SECRET.length, 'the end of the staircase');
  },
};

it('comes to where chance does not, and the same way for the same seed', async () => {
  const runs = 20_000;
  expect((await runTarget(staircase, 1, runs)).findings).toEqual([]);
  const one = await guide(staircase, { seed: 1, runs });
  expect(one.findings.map(({ what }) => what)).toEqual(['the end of the staircase']);
  expect(one.corpus.length).toBe(SECRET.length);
  expect(await guide(staircase, { seed: 1, runs })).toEqual(one);
  expect(await guide(staircase, { seed: 2, runs })).not.toEqual(one);
});
