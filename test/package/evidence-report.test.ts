/** The report of `npm run evidence`: what it counts, what it calls a problem, what may differ between two runs. */
import { describe, expect, it } from 'vitest';
import { totalOf } from '../../src/conformance/report.ts';
import { differences } from '../../tools/evidence/compare.ts';
import type { Evidence, Mutation, SupplyChain } from '../../tools/evidence/evidence.ts';
import { evidencePage } from '../../tools/evidence/page.ts';
import { problemsOf } from '../../tools/evidence/problems.ts';
import { ROOT } from '../../tools/evidence/run-step.ts';
import { carriedIn, comparable, developmentLicences } from '../../tools/evidence/supply-chain.ts';
import { attackRows, readResults, suitesOf } from '../../tools/evidence/tests.ts';
import { NO_REASON } from '../../tools/mutation/reasons.ts';
import { sampleEvidence } from '../support/sample-evidence.ts';

const good = sampleEvidence();
const chain = good.supplyChain as SupplyChain;
const mutants = good.mutation as Mutation;

/** A report as vitest writes it. */
const reportOf = (
  file: string,
  tests: readonly (readonly [names: string[], status: string])[],
  status = 'passed',
) =>
  JSON.stringify({
    testResults: [
      {
        name: `${ROOT}${file}`,
        status,
        assertionResults: tests.map(([names, state]) => ({
          ancestorTitles: names.slice(0, -1),
          title: names.at(-1),
          status: state,
        })),
      },
    ],
  });

describe('the report', () => {
  it('of a run in which all passed has no problem', () => {
    expect(good.verdict).toEqual({ passed: true, problems: [] });
    expect(evidencePage(good)).toContain('Nothing failed.');
  });

  /** Each change of a good report, and what is said of it. */
  const WRONG: readonly (readonly [string, (evidence: Evidence) => Partial<Evidence>, string])[] = [
    ['a test failed', ({ total }) => ({ total: { ...total, failed: 1 } }), '1 tests failed'],
    ['nothing ran', ({ total }) => ({ total: { ...total, passed: 0 } }), 'no test ran'],
    ['a check of the package failed', () => ({ packageChecks: { passed: 15, failed: 1 } }), 'packed package'],
    ['no check of the package ran', () => ({ packageChecks: { passed: 0, failed: 0 } }), 'packed package'],
    [
      'a vector failed',
      ({ vectorTotal }) => ({ vectorTotal: { ...vectorTotal, failed: 2 } }),
      '2 vectors failed',
    ],
    [
      'a clause names a test that did not run',
      ({ clauses }) => ({
        clauses: clauses.map((row) => ({
          ...row,
          tests: row.tests.map(({ name }) => ({ name, outcome: 'missing' as const })),
        })),
      }),
      'did not run',
    ],
    [
      'an attack has no test',
      ({ attacks }) => ({ attacks: attacks.map((row) => ({ ...row, passed: 0 })) }),
      'PIN-01: no test',
    ],
    [
      'a guard was not cut',
      ({ attacks }) => ({ attacks: attacks.map((row) => ({ ...row, teeth: 0 })) }),
      'PIN-01: no guard',
    ],
    [
      'an attack succeeded',
      ({ attacks }) => ({ attacks: attacks.map((row) => ({ ...row, failed: 1 })) }),
      'PIN-01: 1 tests',
    ],
    ['nothing was fuzzed', () => ({ fuzz: [] }), 'nothing was fuzzed'],
    [
      'the fuzzer found something',
      ({ fuzz }) => ({ fuzz: fuzz.map((row) => ({ ...row, findings: 3 })) }),
      '3 findings',
    ],
    [
      'mutants survived',
      () => ({ mutation: { ...mutants, all: { ...mutants.all, killed: 899 } } }),
      'fewer than 90 %',
    ],
    [
      'mutants of guards survived',
      () => ({ mutation: { ...mutants, guards: { ...mutants.guards, killed: 949 } } }),
      'fewer than 95 %',
    ],
    [
      'packs differ',
      () => ({ supplyChain: { ...chain, tarball: { ...chain.tarball, again: 'x' } } }),
      'two packs',
    ],
    [
      'the package runs scripts',
      () => ({ supplyChain: { ...chain, lifecycleScripts: ['postinstall'] } }),
      'runs scripts',
    ],
    ['the supply chain is unknown', () => ({ supplyChain: null }), 'was not looked at'],
    [
      'a step ended badly though no test failed',
      () => ({ steps: [{ step: 'tests', exit: 1 }] }),
      'tests: ended with 1',
    ],
    ['no vector ran', () => ({ vectors: [], vectorTotal: totalOf([]) }), 'no vector passed'],
    ['branches were not counted', () => ({ coverage: [] }), 'branches were not counted'],
    ['faults told no figures', () => ({ figures: [] }), 'no figures of "fault"'],
    [
      'a parser was not fuzzed',
      ({ fuzz }) => ({ fuzz: fuzz.map((row) => ({ ...row, cases: 0 })) }),
      'was not fuzzed',
    ],
    ['nothing is known of mutants', () => ({ mutation: null }), 'no report on mutants'],
    ['a folder was not mutated', () => ({ mutation: { ...mutants, folders: [] } }), 'no mutants of pinblock'],
    [
      'there was no mutant',
      () => ({ mutation: { ...mutants, all: { ...mutants.all, mutants: 0, killed: 0 } } }),
      '0 of 0 mutants',
    ],
    [
      'a survivor has no reason',
      () => ({
        mutation: { ...mutants, survivors: mutants.survivors.map((one) => ({ ...one, reason: NO_REASON })) },
      }),
      'without a reason',
    ],
  ];

  it.each(WRONG)('says that %s', (_, change, said) => {
    expect(problemsOf({ ...good, ...change(good) }).join('\n')).toContain(said);
  });

  it('has a page where the supply chain and mutants are unknown', () => {
    const page = evidencePage({ ...good, supplyChain: null, mutation: null });
    expect(page).toContain('It could not be looked at.');
    expect(page).toContain('There is no report on mutants.');
  });

  it('shows every survivor on paper, and names every drawing', () => {
    const page = evidencePage(good);
    expect(page).not.toContain('<details');
    for (const { file, line } of mutants.survivors) expect(page).toContain(`${file}:${line}`);
    const drawings = page.match(/<svg/g)?.length ?? 0;
    expect(drawings).toBe(3);
    expect(page.match(/<div role="img" aria-label="[^"]+"><svg/g)?.length).toBe(drawings);
  });

  it('says on its page that something failed', () => {
    const bad = { ...good, verdict: { passed: false, problems: ['1 tests failed'] } };
    expect(evidencePage(bad)).toContain('Something failed.');
  });

  it('of two runs may differ below "measured" and nowhere else', () => {
    const later = structuredClone(good) as { measured: object; total: { passed: number } } & typeof good;
    later.measured = { ...good.measured, started: 'later' };
    expect(differences(good, later)).toEqual([]);
    later.total = { ...good.total, passed: 0 };
    expect(differences(good, later)).toEqual(['/total/passed']);
  });
});

describe('what is read from the tests', () => {
  it('is file, names and outcome', () => {
    const text = reportOf('test/pin/a.test.ts', [
      [['group', 'KM-01, PIN-06 holds'], 'passed'],
      [['group', 'other'], 'failed'],
      [['later'], 'pending'],
    ]);
    const results = readResults(text);
    expect(results.map(({ outcome }) => outcome)).toEqual(['passed', 'failed', 'skipped']);
    expect(suitesOf(results)).toMatchObject([
      { suite: 'pin', files: 1, tests: 3, passed: 1, failed: 1, skipped: 1 },
    ]);
    const rows = new Map(attackRows(results).map((row) => [row.id, row]));
    expect(rows.get('PIN-06')).toMatchObject({ passed: 1, failed: 0, teeth: 0 });
    expect(rows.get('PIN-07')).toMatchObject({ passed: 0 });
  });

  it('counts a file that could not be loaded as one that failed, and an empty one not at all', () => {
    expect(readResults(reportOf('test/x.test.ts', [], 'failed'))).toMatchObject([{ outcome: 'failed' }]);
    expect(readResults(reportOf('test/x.test.ts', []))).toEqual([]);
  });

  it('counts a file that failed after its tests, or before them', () => {
    for (const status of ['passed', 'skipped'])
      expect(readResults(reportOf('test/x.test.ts', [[['a'], status]], 'failed'))).toMatchObject([
        { outcome: status },
        { names: ['runs to its end'], outcome: 'failed' },
      ]);
    expect(readResults(reportOf('test/x.test.ts', [[['a'], 'failed']], 'failed')).length).toBe(1);
  });

  it('counts teeth only where a guard was cut out and the attack succeeded', () => {
    const rows = (status: string, title: string) =>
      attackRows(readResults(reportOf('test/teeth/teeth.test.ts', [[['g', title], status]]))).find(
        ({ id }) => id === 'CT-01',
      )?.teeth;
    expect(rows('passed', 'teeth: CT-01 x')).toBe(1);
    expect(rows('failed', 'teeth: CT-01 x')).toBe(0);
    expect(rows('passed', 'holds: CT-01 x')).toBe(0);
  });
});

describe('the supply chain', () => {
  it('compares bills of materials without serial numbers and times', () => {
    const bill = (time: string) =>
      JSON.stringify({ serialNumber: time, metadata: { timestamp: time, tools: [] }, a: 1 });
    expect(comparable(bill('1'))).toBe(comparable(bill('2')));
    expect(comparable(bill('1'))).toContain('"a":1');
  });

  it('counts the licences of what is for development', () => {
    const packages = {
      a: { dev: true, license: 'MIT' },
      b: { dev: true, license: 'MIT' },
      c: { license: 'X' },
      d: { dev: true },
    };
    expect(developmentLicences({ packages })).toEqual({ MIT: 2, 'not said': 1 });
  });

  it('reads what the program carries from its notices', () => {
    expect(carriedIn('x\n\na-b 1.2.3 (MIT)\n\ntext 2 of (c)\n')).toEqual([
      { name: 'a-b', version: '1.2.3', licence: 'MIT' },
    ]);
  });
});
