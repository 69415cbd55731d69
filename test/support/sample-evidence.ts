/** A report as a run would make it, with real vectors, clauses and attacks, and made-up outcomes and figures. */
import { totalOf } from '../../src/conformance/report.ts';
import { CLAIMS } from '../../tools/evidence/claims.ts';
import { CLAUSES } from '../../tools/evidence/clauses.ts';
import type { Evidence, MutationRow } from '../../tools/evidence/evidence.ts';
import { problemsOf } from '../../tools/evidence/problems.ts';
import { attackRows, clauseRows, countOf, suitesOf, type TestResult } from '../../tools/evidence/tests.ts';
import { vectorRows } from '../../tools/evidence/vectors.ts';
import { GROUPS } from '../../tools/mutation/groups.ts';
import { ATTACKS } from '../attack/catalogue.ts';

/** Tests that all passed: those that clauses name, and two for each attack, one of them of its guard. */
function sampleResults(): readonly TestResult[] {
  const outcome = 'passed' as const;
  const named = CLAUSES.flatMap(({ tests }) => tests).map((reference) => {
    const at = reference.indexOf(' > ');
    return { file: reference.slice(0, at), names: [reference.slice(at + 3)], outcome };
  });
  const attacks = ATTACKS.flatMap(({ id, attack }) => [
    { file: 'test/attack/sample.test.ts', names: [`${id} ${attack}`], outcome },
    { file: 'test/teeth/teeth.test.ts', names: ['sample', `teeth: ${id} ${attack}`], outcome },
  ]);
  return [...named, ...attacks];
}

const row = (folder: string): MutationRow => ({
  folder,
  commits: '0123456789',
  mutants: 1_000,
  killed: 960,
  survived: 40,
});

/** The report. */
export function sampleEvidence(results: readonly TestResult[] = sampleResults()): Evidence {
  const vectors = vectorRows();
  const long = 'a name of a test that goes on for much longer than any line of a phone could hold '.repeat(3);
  const found: Omit<Evidence, 'verdict'> = {
    title: 'cardwright evidence',
    profile: 'quick',
    seed: 7,
    subject: {
      version: '0.0.0',
      commit: '0123456789abcdef0123456789abcdef01234567',
      changed: false,
      lockfile: '0'.repeat(64),
      node: '20.0.0',
      v8: '11',
      openssl: '3',
      npm: '10',
      platform: 'linux x64',
    },
    steps: [{ step: 'tests', exit: 0 }],
    suites: suitesOf(results),
    total: countOf(results),
    failures: [],
    skipped: [`test/sample.test.ts: ${long}`],
    packageChecks: { passed: 16, failed: 0 },
    vectors,
    vectorTotal: totalOf(vectors),
    clauses: clauseRows(results),
    attacks: attackRows(results),
    figures: ['fault', 'input', 'hash', 'trace', 'browser'].map((group) => ({
      group,
      name: 'sample',
      figures: { lost: 0, duplicates: 0, hash: '0123456789ABCDEF'.repeat(4) },
      measured: { acknowledged: 422 },
    })),
    fuzz: [{ name: 'key blocks', cases: 1_000, accepted: 1, refused: 999, findings: 0 }],
    coverage: ['pin', 'pinblock'].map((folder) => ({
      folder,
      branches: 100,
      measured: { covered: 99 },
    })),
    mutation: {
      stryker: '1.0.0',
      folders: Object.keys(GROUPS).map((name) => row(name === 'input' ? 'src' : name)),
      all: row('all'),
      guards: row('guards'),
      survivors: [
        {
          file: 'pin/pvv.ts',
          line: 1,
          mutator: 'StringLiteral',
          original: "'x'.repeat(80)".repeat(6),
          instead: '""',
          reason: long,
        },
      ],
    },
    supplyChain: {
      tarball: { sha512: '0'.repeat(128), again: '0'.repeat(128), bytes: 1, files: 1 },
      dependencies: [{ name: 'sample', version: '1.0.0', licence: 'MIT' }],
      carried: [],
      development: { MIT: 1 },
      sbom: { cyclonedx: '0'.repeat(64), spdx: '0'.repeat(64) },
      lifecycleScripts: [],
      allowedFiles: ['dist'],
    },
    claims: CLAIMS,
    measured: {
      started: '2026-01-01T00:00:00.000Z',
      ended: '2026-01-01T00:10:00.000Z',
      machine: 'sample',
      seconds: { tests: 300 },
    },
  };
  const problems = problemsOf(found);
  return { ...found, verdict: { passed: problems.length === 0, problems } };
}
