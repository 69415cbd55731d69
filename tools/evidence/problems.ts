/** What makes a report say that something failed: also what should have run, and did not. */
import { GROUPS } from '../mutation/groups.ts';
import { NO_REASON } from '../mutation/reasons.ts';
import type { Evidence, Mutation, SupplyChain } from './evidence.ts';

/** The shares of mutants that have to be noticed. */
export const MUTATION_GOALS = { all: 0.9, guards: 0.95 } as const;

/** Groups of figures that tests tell wherever they run. */
const FIGURES = ['fault', 'hash', 'trace'] as const;

/** Something that has to hold, and what is said where it does not. */
type Demand = readonly [holds: boolean, problem: string];

const ofRuns = ({
  steps,
  total,
  packageChecks,
  coverage,
  figures,
  fuzz,
}: Omit<Evidence, 'verdict'>): Demand[] => [
  ...steps.map(({ step, exit }): Demand => [exit === 0, `${step}: ended with ${exit}`]),
  [total.failed === 0, `${total.failed} tests failed`],
  [total.passed > 0, 'no test ran'],
  [packageChecks.failed === 0 && packageChecks.passed > 0, 'the packed package failed a check'],
  [coverage.length > 0, 'branches were not counted'],
  ...FIGURES.map((name): Demand => [figures.some(({ group }) => group === name), `no figures of "${name}"`]),
  [fuzz.length > 0, 'nothing was fuzzed'],
  ...fuzz.flatMap(({ name, cases, findings }): Demand[] => [
    [cases > 0, `${name} was not fuzzed`],
    [findings === 0, `${findings} findings in ${name}`],
  ]),
];

const ofVectors = ({ vectors, vectorTotal }: Omit<Evidence, 'verdict'>): Demand[] => [
  [vectorTotal.passed > 0, 'no vector passed'],
  [vectorTotal.failed === 0, `${vectorTotal.failed} vectors failed`],
  ...vectors.map(({ file, failures }): Demand => [failures.length === 0, `vectors failed in ${file}`]),
];

const ofClauses = ({ clauses }: Omit<Evidence, 'verdict'>): Demand[] =>
  clauses
    .filter(({ status }) => status !== 'out-of-scope')
    .flatMap(({ standard, clause, tests }) =>
      tests.map(
        ({ name, outcome }): Demand => [
          outcome === 'passed' || outcome === 'skipped',
          `${standard}, ${clause}: a test ${outcome === 'missing' ? 'did not run' : 'failed'}: ${name}`,
        ],
      ),
    );

const ofAttacks = ({ attacks }: Omit<Evidence, 'verdict'>): Demand[] =>
  attacks.flatMap(({ id, stand, passed, failed, teeth }): Demand[] => [
    [failed === 0, `${id}: ${failed} tests failed`],
    [stand === 'not-built' || passed > 0, `${id}: no test passed`],
    [stand !== 'guard' || teeth > 0, `${id}: no guard was cut out`],
  ]);

/** What has to hold of the report on mutants. */
export function ofMutants(mutation: Mutation | null): Demand[] {
  if (mutation === null) return [[false, 'there is no report on mutants']];
  const { all, guards, folders, survivors } = mutation;
  // Files that stand in src itself are those of the group "input".
  const looked = new Set(folders.map(({ folder }) => (folder === 'src' ? 'input' : folder)));
  const unexplained = survivors.filter(({ reason }) => reason === NO_REASON).length;
  return [
    ...Object.keys(GROUPS).map((name): Demand => [looked.has(name), `no mutants of ${name}`]),
    [
      all.mutants > 0 && all.killed >= MUTATION_GOALS.all * all.mutants,
      `${all.killed} of ${all.mutants} mutants noticed, fewer than 90 %`,
    ],
    [
      guards.mutants > 0 && guards.killed >= MUTATION_GOALS.guards * guards.mutants,
      `${guards.killed} of ${guards.mutants} mutants of guards noticed, fewer than 95 %`,
    ],
    [unexplained === 0, `${unexplained} mutants survived without a reason`],
  ];
}

function ofSupplyChain(chain: SupplyChain | null): Demand[] {
  if (chain === null) return [[false, 'the supply chain was not looked at']];
  return [
    [chain.tarball.sha512 === chain.tarball.again, 'two packs of the package differ'],
    [chain.lifecycleScripts.length === 0, 'the package runs scripts where it is installed'],
  ];
}

/** Each problem in one line; none where all is well. */
export function problemsOf(found: Omit<Evidence, 'verdict'>): readonly string[] {
  return [
    ...ofRuns(found),
    ...ofVectors(found),
    ...ofClauses(found),
    ...ofAttacks(found),
    ...ofMutants(found.mutation),
    ...ofSupplyChain(found.supplyChain),
  ]
    .filter(([holds]) => !holds)
    .map(([, problem]) => problem);
}
