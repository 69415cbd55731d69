/** The report on mutants: what counts as noticed, what a later run replaces, and that its groups are of files that exist. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import { MUTATION_FILE } from '../../tools/evidence/mutation.ts';
import { ROOT } from '../../tools/evidence/run-step.ts';
import { GROUPS, GUARDS } from '../../tools/mutation/groups.ts';
import { NO_REASON, reasonFor } from '../../tools/mutation/reasons.ts';
import { merged, readReport, rowsOf, type StrykerReport } from '../../tools/mutation/report.ts';

const at = (line: number, column: number) => ({ line, column });
const mutant = (status: string, line: number, from: number, to: number) => ({
  status,
  mutatorName: 'StringLiteral',
  replacement: '""',
  location: { start: at(line, from), end: at(line, to) },
});

/** Two lines: a refusal whose last word is "b", and a name. */
const source = "fail('ERR_INPUT', 'a', 'x', 'b');\nconst name = 'c';";
const report: StrykerReport = {
  files: {
    'src/pin/a.ts': {
      source,
      mutants: [
        mutant('Killed', 1, 6, 17),
        mutant('Timeout', 1, 19, 22),
        mutant('Survived', 1, 29, 32),
        mutant('NoCoverage', 2, 14, 17),
        mutant('RuntimeError', 2, 14, 17),
        mutant('Ignored', 2, 14, 17),
      ],
    },
  },
};

describe('the rows of a run', () => {
  const { files, survivors } = rowsOf(report, 'c0ffee');

  it('count what was noticed, in time or not, and what was not; what does not run is neither', () => {
    expect(files).toEqual([{ file: 'pin/a.ts', commit: 'c0ffee', mutants: 4, killed: 2, survived: 2 }]);
  });

  it('say of each survivor where it is, what stood there, and why it lives', () => {
    const common = { file: 'pin/a.ts', mutator: 'StringLiteral', instead: '""' };
    expect(survivors).toEqual([
      { ...common, line: 1, original: "'b'", reason: expect.stringContaining('words of a refusal') },
      { ...common, line: 2, original: "'c'", reason: NO_REASON },
    ]);
  });

  it('take the place of those of the same files, and of no others', () => {
    const row = (file: string, commit: string) => ({ file, commit, mutants: 1, killed: 0, survived: 1 });
    const alive = (file: string, line: number) =>
      ({ ...survivors[0], file, line }) as (typeof survivors)[number];
    const before = {
      stryker: '1',
      files: [row('b.ts', 'old'), row('c.ts', 'old')],
      survivors: [alive('b.ts', 9), alive('c.ts', 9)],
    };
    const later = {
      files: [row('b.ts', 'new'), row('a.ts', 'new')],
      survivors: [alive('b.ts', 7), alive('b.ts', 3)],
    };
    const after = merged(before, '2', later);
    expect(after.stryker).toBe('2');
    expect(after.files.map(({ file, commit }) => `${file} ${commit}`)).toEqual([
      'a.ts new',
      'b.ts new',
      'c.ts old',
    ]);
    expect(after.survivors.map(({ file, line }) => `${file} ${line}`)).toEqual([
      'b.ts 3',
      'b.ts 7',
      'c.ts 9',
    ]);
    expect(merged(undefined, '2', later).files.map(({ file }) => file)).toEqual(['a.ts', 'b.ts']);
  });
});

describe('a reason', () => {
  const survivor = { file: 'a.ts', line: 1, mutator: 'BlockStatement', original: '{', instead: '{}' };

  it('is given by rules, and is missing where no rule fits', () => {
    expect(reasonFor(survivor, '} finally {')).toContain('wipes memory');
    expect(reasonFor(survivor, 'if (a) {')).toBe(NO_REASON);
    expect(
      reasonFor({ ...survivor, mutator: 'EqualityOperator', original: 'i < MOST_DRAWS' }, 'for'),
    ).toContain('search');
    expect(reasonFor({ ...survivor, mutator: 'StringLiteral', original: "'x'" }, 'const a = x')).toBe(
      NO_REASON,
    );
  });
});

describe('groups and guards', () => {
  it('are of files and tests that exist', () => {
    const missing = Object.values(GROUPS).flatMap(({ mutate, tests }) => [
      ...mutate.map((path) => `src/${path.replace(/^!/, '')}`),
      ...tests.map((path) => `test/${path}.test.ts`),
    ]);
    expect(missing.filter((pattern) => globSync(pattern, { cwd: ROOT }).length === 0)).toEqual([]);
    expect(GUARDS.filter((file) => !existsSync(join(ROOT, 'src', file)))).toEqual([]);
  });

  it('are of all layers from 1 to 4, the kernel’s binary aside', () => {
    const layers = ['bytes', 'des', 'aes', 'mode', 'keys', 'tries', 'pan', 'ff1', 'token', 'envelope'];
    expect(Object.keys(GROUPS).sort()).toEqual(
      ['cvv', 'dcvv2', 'input', 'pin', 'pinblock', ...layers].sort(),
    );
  });

  it('the report that is kept is of files that exist, and its rows add up', () => {
    const { files, survivors } = readReport(MUTATION_FILE);
    expect(files.filter(({ file }) => !existsSync(join(ROOT, 'src', file)))).toEqual([]);
    for (const { file, mutants, killed, survived } of files) {
      expect(killed + survived, file).toBe(mutants);
      expect(survivors.filter((one) => one.file === file).length, file).toBe(survived);
    }
  });
});
