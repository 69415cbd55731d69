/** JS-12, JS-13: the instrument misses no way in which a program can go one way or the other. */
import { describe, expect, it } from 'vitest';
import { instrumented } from './instrument.ts';
import { describeSites, installRecorder, recorded } from './recorder.ts';
import { Sites } from './sites.ts';

/** What a function does with a secret `s`, which is 0 or 1, so that its trace tells which. */
const CONSTRUCTS: { readonly [name: string]: string } = {
  if: 'if (s) x++;',
  'if … else': 'if (s) x++; else x--;',
  'a conditional expression': 'x = s ? 1 : 2;',
  '&&': 's && x++;',
  '||': 's || x++;',
  '??': 'x = maybe ?? 3;',
  '?.': 'x = maybe?.length;',
  '?.[ ]': 'x = maybe?.[0];',
  '??=': 'let y = maybe; y ??= 2;',
  '||=': 'let y = s; y ||= 2;',
  '&&=': 'let y = s; y &&= 2;',
  while: 'let n = s; while (n-- > 0) x++;',
  'do … while': 'let n = s; do x++; while (n-- > 0);',
  for: 'for (let i = 0; i < s; i++) x++;',
  'for … of': "for (const c of 'a'.repeat(s)) x++;",
  switch: 'switch (s) { case 0: x = 1; }',
  'try … catch': 'try { JSON.parse(String(1 / (1 - s))); } catch { x = 1; }',
  'a default of a parameter': '((y = 1) => y)(maybe);',
  'a default of a property': 'const { y = 1 } = { y: maybe };',
  'an index': 'x = [1, 2][s];',
  'an index that is written to': '[1, 2][s] = 3;',
  'an index of a text': "x = 'ab'[s];",
  'a place in a text': "x = 'ab'.charCodeAt(s);",
  'a slice': 'x = [1, 2].slice(s);',
  'a key': 'x = new Map([[1, 2]]).get(s);',
  'a call of a function': 'Array.from({ length: s }, () => x++);',
  'texts that agree by so many characters':
    "x = 'ab' === 'aa'.replace('a', () => String.fromCharCode(97 + s));",
};

/** The same whatever the secret is. */
const SOUND: { readonly [name: string]: string } = {
  arithmetic: 'x = (s ^ 1) & (s << 3) | (s * 7 % 3);',
  'a condition as a number': 'x = Number(s === 1) + Number(!s);',
  'an index by a counter': 'for (let i = 0; i < 4; i++) x += [s, 1, 2, s][i];',
};

/** Something where the secret is 1, nothing where it is 0; and no branch says so. */
const MAYBE = "const maybe = Object.fromEntries([[String.fromCharCode(120 + s), '2']]).y;";

/** Whether the traces of 0 and 1 differ; those of 0 and 0 must not. */
async function isTold(body: string): Promise<boolean> {
  const sites = new Sites();
  const text = instrumented(
    'sample.ts',
    `export function sample(s) { let x = 0; ${MAYBE} ${body} return x; }`,
    sites,
  );
  describeSites(sites.functionOf, sites.functions.length);
  const { sample }: { readonly sample: (secret: number) => unknown } = await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(text)}`
  );
  const traceOf = async (secret: number): Promise<string> =>
    (await recorded(async () => void sample(secret))).join();
  expect(await traceOf(0)).toBe(await traceOf(0));
  return (await traceOf(0)) !== (await traceOf(1));
}

describe('JS-12, JS-13 the instrument', () => {
  installRecorder();

  it.each(Object.entries(CONSTRUCTS))('tells %s', async (_name, body) => {
    expect(await isTold(body)).toBe(true);
  });

  it.each(Object.entries(SOUND))('tells nothing of %s', async (_name, body) => {
    expect(await isTold(body)).toBe(false);
  });
});
