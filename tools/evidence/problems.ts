/** What makes a report say that something failed. */
import type { Evidence } from './evidence.ts';

/** The shares of mutants that have to be noticed. */
export const MUTATION_GOALS = { all: 0.9, guards: 0.95 } as const;

/** Each problem in one line; none where all is well. */
export function problemsOf(found: Omit<Evidence, 'verdict'>): readonly string[] {
  const { total, packageChecks, vectorTotal, vectors, clauses, attacks, fuzz, mutation, supplyChain } = found;
  const problems: string[] = [];
  const unless = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  unless(total.failed === 0, `${total.failed} tests failed`);
  unless(total.passed > 0, 'no test ran');
  unless(packageChecks.failed === 0 && packageChecks.passed > 0, 'the packed package failed a check');
  unless(vectorTotal.failed === 0, `${vectorTotal.failed} vectors failed`);
  for (const { file, failures } of vectors) unless(failures.length === 0, `vectors failed in ${file}`);
  for (const { standard, clause, status, tests } of clauses)
    for (const { name, outcome } of tests)
      if (status !== 'out-of-scope')
        unless(
          outcome === 'passed' || outcome === 'skipped',
          `${standard}, ${clause}: a test ${outcome === 'missing' ? 'did not run' : 'failed'}: ${name}`,
        );
  for (const { id, stand, passed, failed, teeth } of attacks) {
    unless(failed === 0, `${id}: ${failed} tests failed`);
    unless(stand === 'not-built' || passed > 0, `${id}: no test passed`);
    unless(stand !== 'guard' || teeth > 0, `${id}: no guard was cut out`);
  }
  unless(fuzz.length > 0, 'nothing was fuzzed');
  for (const { name, findings } of fuzz) unless(findings === 0, `${findings} findings in ${name}`);
  if (mutation !== null) {
    const { all, guards } = mutation;
    unless(
      all.killed >= MUTATION_GOALS.all * all.mutants,
      `${all.killed} of ${all.mutants} mutants noticed, fewer than 90 %`,
    );
    unless(
      guards.killed >= MUTATION_GOALS.guards * guards.mutants,
      `${guards.killed} of ${guards.mutants} mutants of guards noticed, fewer than 95 %`,
    );
  }
  unless(supplyChain.tarball.sha512 === supplyChain.tarball.again, 'two packs of the package differ');
  unless(supplyChain.lifecycleScripts.length === 0, 'the package runs scripts where it is installed');
  return problems;
}
