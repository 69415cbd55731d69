/** The keeper of vectors/ finds what is out of order: each kind of disorder is planted once. */
import { describe, expect, it } from 'vitest';
import { problems, readVectors, type Texts, withFreshTables } from '../../tools/vectors.ts';

const real = readVectors();

type Json = Record<string, unknown>;

/** The files with one of them changed: the value at a path replaced, or removed where none is given. */
function changed(name: string, path: readonly (string | number)[], value?: unknown): Texts {
  const file = JSON.parse(real.get(name) as string) as Json;
  const last = path[path.length - 1] as string;
  const parent = path.slice(0, -1).reduce<Json>((at, step) => at[step] as Json, file);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return new Map([...real, [name, `${JSON.stringify(file)}\n`]]);
}

describe('npm run vectors -- check', () => {
  it('finds the vectors in order', () => {
    expect(real.size).toBeGreaterThan(29);
    expect(problems(real)).toEqual([]);
  });

  it.each<[string, string, readonly (string | number)[], unknown, RegExp]>([
    ['a source that is not there', 'cvv.json', ['cases', 0, 'source'], 'nobody', /cvv-001: source that/],
    ['a source without a grade', 'pvv.json', ['source', 0, 'id'], 'new', /new has no grade/],
    ['a source that nobody uses', 'pvv.json', ['source', 0, 'id'], 'forge', /no case of source forge/],
    ['a source that says another grade', 'pvv.json', ['source', 0, 'kind'], 'hsm', /another kind/],
    [
      'a source that is another elsewhere',
      'pvv.json',
      ['source', 0, 'version'],
      '2',
      /psec is another one elsewhere/,
    ],
    ['a source without a title', 'pvv.json', ['source', 0, 'title'], undefined, /without title/],
    ['one of ours without a kind', 'self/csc.json', ['source', 0, 'kind'], undefined, /kind self or own/],
    ['one of ours called a standard', 'self/csc.json', ['source', 0, 'kind'], 'standard', /kind self or own/],
    ['an id twice in a file', 'pvv.json', ['cases', 1, 'id'], 'pvv-001', /id pvv-001 is in pvv\.json too/],
    ['an id of another file', 'pvv.json', ['cases', 0, 'id'], 'cvv-001', /id cvv-001 is in cvv\.json too/],
    ['an id of other characters', 'pvv.json', ['cases', 0, 'id'], 'pvv 1', /id "pvv 1"/],
    ['no comment', 'pvv.json', ['cases', 0, 'comment'], undefined, /no comment/],
    ['lower-case hex', 'pvv.json', ['cases', 0, 'pvk'], '0123456789abcdef', /lower-case hex in pvk/],
    [
      'lower-case hex inside',
      'cvv.json',
      ['cases', 8, 'intermediates', 'encA'],
      'b76a',
      /hex in intermediates\.encA/,
    ],
    ['a case of ours that fails', 'self/csc.json', ['cases', 0, 'csc'], '00000', /failed; a case of our own/],
    [
      'a case of ours that is not run',
      'self/csc.json',
      ['cases', 0, 'op'],
      'amex.csc6',
      /unsupported; a case of our/,
    ],
    ['no cases', 'pvv.json', ['cases'], [], /no cases/],
    ['no notes', 'pvv.json', ['notes'], undefined, /no notes/],
  ])('finds %s', (_, name, path, value, message) => {
    expect(problems(changed(name, path, value)).join('\n')).toMatch(message);
  });

  it('finds a file that is none', () => {
    expect(problems(new Map([...real, ['pvv.json', '{']]))).toEqual(['pvv.json: not JSON']);
    expect(problems(new Map([...real, ['notes.txt', '']]))).toEqual([
      'notes.txt: not a file for this folder',
    ]);
  });

  it('finds tables that are out of step, and a page that is missing', () => {
    const { cases } = JSON.parse(real.get('pvv.json') as string) as { cases: unknown[] };
    const one = changed('pvv.json', ['cases'], cases.slice(0, -1));
    expect(problems(one)).toEqual([
      'README.md: its tables are out of step: npm run vectors -- table',
      'SOURCES.md: its tables are out of step: npm run vectors -- table',
    ]);
    const without = new Map([...real].filter(([name]) => name !== 'SOURCES.md'));
    expect(problems(without)).toEqual(['SOURCES.md: missing']);
    const edited = (real.get('README.md') as string).replace('1757 published', '1758 published');
    expect(problems(new Map([...real, ['README.md', edited]]))).toHaveLength(1);
  });
});

describe('npm run vectors -- table', () => {
  it('changes nothing when all is in step, and brings back what is not', () => {
    for (const [name, text] of withFreshTables(real)) expect(text, name).toBe(real.get(name));
    const page = (real.get('README.md') as string).replace('1757 published', '3 published');
    expect(withFreshTables(new Map([...real, ['README.md', page]])).get('README.md')).toBe(
      real.get('README.md'),
    );
  });
});
