/** What the tests say: by folder, by attack, by clause. Read from vitest's report, names and outcomes only. */
import { relative } from 'node:path';
import * as v from 'valibot';
import { ATTACK_NUMBER, ATTACKS, withoutNumbers } from '../../test/attack/catalogue.ts';
import { CLAUSES } from './clauses.ts';
import type { AttackRow, ClauseRow, Outcome, Suite } from './evidence.ts';
import { ROOT } from './run-step.ts';

const Report = v.object({
  testResults: v.array(
    v.object({
      name: v.string(),
      status: v.string(),
      assertionResults: v.array(
        v.object({ ancestorTitles: v.array(v.string()), title: v.string(), status: v.string() }),
      ),
    }),
  ),
});

/** A test that was run. */
export interface TestResult {
  /** From the root. */
  readonly file: string;
  /** Of its groups and its own, from outside to inside. */
  readonly names: readonly string[];
  readonly outcome: Exclude<Outcome, 'missing'>;
}

/** The tests of a report; a file that could not be loaded, or not be tidied up after, counts as a test that failed. */
export function readResults(text: string): readonly TestResult[] {
  return v.parse(Report, JSON.parse(text)).testResults.flatMap(({ name, status, assertionResults }) => {
    const file = relative(ROOT, name).replaceAll('\\', '/');
    if (assertionResults.length === 0)
      return status === 'passed' ? [] : [{ file, names: ['is loaded'], outcome: 'failed' as const }];
    const tests: readonly TestResult[] = assertionResults.map((test) => ({
      file,
      names: [...test.ancestorTitles, test.title],
      outcome: test.status === 'passed' || test.status === 'failed' ? test.status : 'skipped',
    }));
    // What fails before or after the tests of a file leaves none of them failed.
    return status === 'passed' || tests.some(({ outcome }) => outcome === 'failed')
      ? tests
      : [...tests, { file, names: ['runs to its end'], outcome: 'failed' }];
  });
}

/** What the folders of test/ hold. */
const SUITES: { readonly [folder: string]: string } = {
  vectors: 'published values, and the program that runs them',
  property: 'laws, over generated values',
  differential: 'independent implementations give the same',
  attack: 'published attacks against the library',
  teeth: 'each attack with its guard, and without',
  trace: 'instructions and places are the same for every secret',
  behaviour: 'wrong input, leaks, edges',
  fuzz: 'malformed input by structure, in short form',
  hsm: 'the emulated HSM',
  store: 'stores and their contract',
  fault: 'stores and issuers under faults',
  issuer: 'every operation of the issuer on every store',
  node: 'files and locks',
  browser: 'in Chromium',
  package: 'layers, documents, exports, examples',
};

/** The counts of some tests. */
export function countOf(results: readonly TestResult[]): Omit<Suite, 'suite' | 'about'> {
  const of = (outcome: Outcome): number => results.filter((test) => test.outcome === outcome).length;
  return {
    files: new Set(results.map(({ file }) => file)).size,
    tests: results.length,
    passed: of('passed'),
    failed: of('failed'),
    skipped: of('skipped'),
  };
}

const folderOf = ({ file }: TestResult): string => file.split('/')[1] ?? '';

/** The suites, in the order in which they are read; folders without a name here come last. */
export function suitesOf(results: readonly TestResult[]): readonly Suite[] {
  const folders = [...new Set([...Object.keys(SUITES), ...results.map(folderOf).sort()])];
  return folders
    .map((suite) => ({
      suite,
      about: SUITES[suite] ?? '',
      ...countOf(results.filter((test) => folderOf(test) === suite)),
    }))
    .filter(({ tests }) => tests > 0);
}

/** A row for each attack: the tests that carry its number. */
export function attackRows(results: readonly TestResult[]): readonly AttackRow[] {
  const byId = new Map<string, TestResult[]>();
  for (const test of results)
    for (const id of new Set(test.names.join(' ').match(ATTACK_NUMBER) ?? [])) {
      const list = byId.get(id);
      if (list === undefined) byId.set(id, [test]);
      else list.push(test);
    }
  return ATTACKS.map((attack) => {
    const tests = byId.get(attack.id) ?? [];
    const { passed, failed, skipped } = countOf(tests);
    const teeth = tests.filter(
      ({ file, names, outcome }) =>
        outcome === 'passed' && file.startsWith('test/teeth/') && names.at(-1)?.startsWith('teeth: '),
    ).length;
    return { ...attack, passed, failed, skipped, teeth };
  });
}

/** A name as it is written, up to what is filled in when it runs. */
const written = (name: string): string => name.split(/\$\{|%[sdifjoO]|\$[a-z]/)[0] as string;

/** How the tests of one reference went. */
function outcomeOf(reference: string, byFile: ReadonlyMap<string, readonly TestResult[]>): Outcome {
  const at = reference.indexOf(' > ');
  const name = written(reference.slice(at + 3));
  const tests = (byFile.get(reference.slice(0, at)) ?? []).filter(({ names }) =>
    names.some((one) => withoutNumbers(one).startsWith(name) || one.startsWith(name)),
  );
  for (const outcome of ['failed', 'passed', 'skipped'] as const)
    if (tests.some((test) => test.outcome === outcome)) return outcome;
  return 'missing';
}

/** The clauses, with how their tests went. */
export function clauseRows(results: readonly TestResult[]): readonly ClauseRow[] {
  const byFile = new Map<string, TestResult[]>();
  for (const test of results) {
    const list = byFile.get(test.file);
    if (list === undefined) byFile.set(test.file, [test]);
    else list.push(test);
  }
  return CLAUSES.map(({ tests, ...clause }) => ({
    ...clause,
    tests: tests.map((name) => ({ name, outcome: outcomeOf(name, byFile) })),
  }));
}
