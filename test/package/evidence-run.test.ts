/** The steps of `npm run evidence`: how each ends, what it leaves, and where. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { coverageRows } from '../../tools/evidence/coverage.ts';
import { figuresIn, fuzzIn, hashesIn, packageChecksIn } from '../../tools/evidence/left.ts';
import { emptyFolder, ROOT, Steps } from '../../tools/evidence/run-step.ts';

describe('a run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cardwright-evidence-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('goes on after a step that fails, and knows how each ended', async () => {
    const steps = new Steps(folder);
    const node = (code: string): string[] => [process.execPath, '-e', code];
    expect(await steps.run('fine', node("console.log('said')"))).toBe(0);
    expect(await steps.run('not fine', node('process.exit(3)'))).toBe(3);
    expect(await steps.run('killed', node("process.kill(process.pid, 'SIGKILL')"))).toBe(1);
    expect(await steps.run('no program', [join(folder, 'nowhere')])).toBe(1);
    expect(await steps.here('here', () => 7, 0)).toBe(7);
    const broken = (): number => {
      throw new Error('broken');
    };
    expect(await steps.here('not here', broken, 0)).toBe(0);
    expect(steps.ended.map(({ exit }) => exit)).toEqual([0, 3, 1, 1, 0, 1]);
    expect(Object.keys(steps.seconds)).toEqual(steps.ended.map(({ step }) => step));
    expect(readFileSync(join(folder, 'logs', 'fine.log'), 'utf8')).toBe('said\n');
    expect(readFileSync(join(folder, 'logs', 'no-program.log'), 'utf8')).toContain('ENOENT');
    expect(readFileSync(join(folder, 'logs', 'not-here.log'), 'utf8')).toContain('broken');
  });

  it('empties the folder of a report, and no other', () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'mine.txt'), 'x');
    expect(() => emptyFolder(other)).toThrow('of no report');
    expect(existsSync(join(other, 'mine.txt'))).toBe(true);
    mkdirSync(join(other, 'logs'));
    writeFileSync(join(other, 'logs', 'build.log'), '');
    emptyFolder(other);
    expect(readdirSync(other)).toEqual([]);
    emptyFolder(other);
    emptyFolder(join(folder, 'new'));
    expect(readdirSync(join(folder, 'new'))).toEqual([]);
  });

  it('finds nothing in files that steps did not leave', () => {
    const nowhere = join(folder, 'nowhere');
    expect(coverageRows(nowhere)).toEqual([]);
    expect(fuzzIn(nowhere)).toEqual([]);
    expect(figuresIn(nowhere)).toEqual([]);
    expect(hashesIn(nowhere, 10)).toEqual([]);
    expect(packageChecksIn(nowhere)).toEqual({ passed: 0, failed: 0 });
  });

  it('reads what they left', () => {
    const left = (content: unknown): string => {
      const path = join(folder, 'left');
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
      return path;
    };
    expect(packageChecksIn(left('ok a\nFAIL b\nok c\n'))).toEqual({ passed: 2, failed: 1 });
    const branches = (total: number, covered: number) => ({ branches: { total, covered } });
    const summary = {
      total: branches(99, 9),
      [join(ROOT, 'src', 'pin', 'a.ts')]: branches(3, 1),
      [join(ROOT, 'src', 'pin', 'b.ts')]: branches(4, 4),
      [join(ROOT, 'src', 'input.ts')]: branches(2, 2),
      [join(ROOT, 'src', 'cvv', 'types.ts')]: branches(0, 0),
    };
    expect(coverageRows(left(summary))).toEqual([
      { folder: 'pin', branches: 7, measured: { covered: 5 } },
      { folder: 'src', branches: 2, measured: { covered: 2 } },
    ]);
    const counts = { name: 'a', cases: 3, accepted: 1, refused: 2 };
    expect(fuzzIn(left({ targets: [{ ...counts, findings: [{}, {}] }] }))).toEqual([
      { ...counts, findings: 2 },
    ]);
    const told = ['b', 'a'].map((name) => ({ group: 'hash', name, figures: {}, measured: {} }));
    expect(figuresIn(left(`${told.map((one) => JSON.stringify(one)).join('\n')}\n`))).toEqual([
      told[1],
      told[0],
    ]);
    const hashes = { 100: 'f'.repeat(64) };
    const agreed = { families: { luhn: { other: 'x', hashes }, pan: { other: 'y', hashes: {} } } };
    expect(hashesIn(left(agreed), 100)).toEqual([
      {
        group: 'hash',
        name: 'luhn',
        figures: { cases: 100, hash: 'f'.repeat(16), other: 'x', 'cases of the other': 100 },
        measured: {},
      },
    ]);
  });
});
