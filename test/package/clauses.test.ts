/** The clauses of the standards: each has a status and a reason, and what is said to be tested is. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CLAUSES, type Clause } from '../../tools/evidence/clauses.ts';
import { withoutNumbers } from '../attack/catalogue.ts';
import { testNamesIn } from '../support/test-names.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const namesOf = new Map<string, readonly string[]>();

/** What is wrong with a reference to a test; nothing where a test or group has the name, or one that begins so. */
function wrongWith(reference: string): string | undefined {
  const [, path, name] = /^(test\/[\w/-]+\.test\.ts) > (\S.*)$/.exec(reference) ?? [];
  if (path === undefined || name === undefined) return `${reference}: not of the form`;
  if (!existsSync(`${ROOT}${path}`)) return `${reference}: no such file`;
  const names = namesOf.get(path) ?? testNamesIn(`${ROOT}${path}`);
  namesOf.set(path, names);
  const found = names.some((full) =>
    // Numbers of attacks come and go without a change of what is tested.
    [full, withoutNumbers(full)].some(
      (one) =>
        one === name || (name.length >= 16 && one.startsWith(name) && /^\W/.test(one.slice(name.length))),
    ),
  );
  return found ? undefined : `${reference}: no such name`;
}

/** The requirements that a clause of PCI PIN is about, `13 and 14` as two, a part as its whole. */
function requirementsOf({ clause }: Clause): number[] {
  const [, said = ''] = /requirements? ([\d and-]+)/.exec(clause) ?? [];
  return said.split(' and ').flatMap((one) => (one === '' ? [] : [Number.parseInt(one, 10)]));
}

describe('each clause', () => {
  it('is there once', () => {
    const names = CLAUSES.map(({ standard, clause }) => `${standard}, ${clause}`);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    expect(names.length).toBeGreaterThan(100);
  });

  it('says what it is about, and what is done, by whom, or why not', () => {
    for (const { standard, clause, about, how } of CLAUSES) {
      expect(about, `${standard}, ${clause}`).toMatch(/^\S.{15}/);
      expect(how, `${standard}, ${clause}`).toMatch(/^\S.{10}.*\.$/);
    }
  });

  it('has a test where it is supported', () => {
    const bare = CLAUSES.filter(({ status, tests }) => status === 'supported' && tests.length === 0);
    expect(bare.map(({ standard, clause }) => `${standard}, ${clause}`)).toEqual([]);
  });

  it('refers to tests that exist', () => {
    expect(CLAUSES.flatMap(({ tests }) => tests.flatMap((one) => wrongWith(one) ?? []))).toEqual([]);
  });
});

describe('of PCI PIN', () => {
  const pin = CLAUSES.filter(({ standard }) => standard === 'PCI PIN Security 3.1');

  it('every requirement from 1 to 33 is there, under its control objective', () => {
    const last = [0, 4, 7, 11, 16, 20, 28, 33];
    const found = pin.flatMap((clause) => {
      const [, objective] = /^objective (\d), /.exec(clause.clause) ?? [];
      return requirementsOf(clause).map((number) => [number, Number(objective)] as const);
    });
    const all = Array.from({ length: 33 }, (_, i) => i + 1);
    expect(all.filter((number) => !found.some(([one]) => one === number))).toEqual([]);
    for (const [number, objective] of found)
      expect(
        last.findIndex((end) => number <= end),
        `requirement ${number}`,
      ).toBe(objective);
  });
});

describe('a reference', () => {
  const path = 'test/package/clauses.test.ts';

  it('is found by its whole name, by a beginning of whole words, and without the numbers of attacks', () => {
    const good = [
      `${path} > a reference`,
      `${path} > is found by its whole name, by a beginning`,
      'test/attack/key-block.test.ts > every character of the whole block',
      'test/attack/key-block.test.ts > KM-07 every character of the whole block',
      'test/attack/key-confusion.test.ts > the key confusion matrix',
    ];
    expect(good.map(wrongWith)).toEqual(good.map(() => undefined));
  });

  it('that is broken is noticed', () => {
    const broken = [
      `${path} > a referenc`,
      `${path} > is found by its whole na`,
      `${path} > is found by`,
      `${path} > is found by its whole names`,
      `${path} > found by its whole name, by a beginning`,
      `${path} >`,
      `${path}`,
      'test/package/clause.test.ts > a reference',
      'test/support/test-names.ts > a reference',
    ];
    for (const one of broken) expect(wrongWith(one), one).toMatch(/not of the form|no such (?:file|name)/);
  });
});
