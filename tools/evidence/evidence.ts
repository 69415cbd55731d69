/** The shape of `evidence.json`. Two runs of one commit with one seed differ only below the names `measured`. */
import type { FileReport } from '../../src/conformance/report.ts';
import type { Attack } from '../../test/attack/catalogue.ts';
import type { Figures, Told } from '../../test/support/figures.ts';
import type { Survivor } from '../mutation/report.ts';
import type { Clause } from './clause.ts';

/** How much is run. */
export type Profile = 'quick' | 'full';

/** What was examined, and with what. */
export interface Subject {
  readonly version: string;
  readonly commit: string;
  /** Whether files that git knows differ from the commit. */
  readonly changed: boolean;
  /** SHA-256 of package-lock.json. */
  readonly lockfile: string;
  readonly node: string;
  readonly v8: string;
  readonly openssl: string;
  readonly npm: string;
  readonly platform: string;
}

/** A step of the run, and how it ended: 0 where all was well. */
export interface Step {
  readonly step: string;
  readonly exit: number;
}

/** The tests of one folder. */
export interface Suite {
  readonly suite: string;
  readonly about: string;
  readonly files: number;
  readonly tests: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** A clause, and how the tests that it names went. */
export interface ClauseRow extends Omit<Clause, 'tests'> {
  readonly tests: readonly TestReference[];
}

/** A test that a clause names. */
export interface TestReference {
  readonly name: string;
  readonly outcome: Outcome;
}

/** How tests went: `missing` where none of that name ran. */
export type Outcome = 'passed' | 'failed' | 'skipped' | 'missing';

/** An attack, and how its tests went. */
export interface AttackRow extends Attack {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Tests that cut a guard out and saw the attack succeed. */
  readonly teeth: number;
}

/** Branches of a folder that tests went through. */
export interface CoverageRow {
  readonly folder: string;
  readonly branches: number;
  /** Which branches are taken depends, for a few, on which process comes first. */
  readonly measured: { readonly covered: number };
}

/** Mutants of a folder. */
export interface MutationRow {
  readonly folder: string;
  /** At which it was looked at. */
  readonly commits: string;
  readonly mutants: number;
  readonly killed: number;
  readonly survived: number;
}

/** The last report on mutants. */
export interface Mutation {
  readonly stryker: string;
  readonly folders: readonly MutationRow[];
  readonly all: MutationRow;
  /** Files that refuse: policy tables, checks of input, permissions. */
  readonly guards: MutationRow;
  readonly survivors: readonly Survivor[];
}

/** A fuzzed parser. */
export interface FuzzRow {
  readonly name: string;
  readonly cases: number;
  readonly accepted: number;
  readonly refused: number;
  readonly findings: number;
}

/** What the package is made of and how it is packed. */
export interface SupplyChain {
  /** Of two packs, made one after the other. */
  readonly tarball: {
    readonly sha512: string;
    readonly again: string;
    readonly bytes: number;
    readonly files: number;
  };
  readonly dependencies: readonly Licensed[];
  /** Libraries that the program carries inside. */
  readonly carried: readonly Licensed[];
  /** Licence → number of packages, of everything that is installed for development. */
  readonly development: Figures;
  /** SHA-256 of each bill of materials, without its serial number and time. */
  readonly sbom: { readonly cyclonedx: string; readonly spdx: string };
  readonly lifecycleScripts: readonly string[];
  readonly allowedFiles: readonly string[];
}

/** A package and its licence. */
export interface Licensed {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

/** One run of the command. */
export interface Evidence {
  readonly title: 'cardwright evidence';
  readonly profile: Profile;
  readonly seed: number;
  readonly subject: Subject;
  readonly verdict: { readonly passed: boolean; readonly problems: readonly string[] };
  readonly steps: readonly Step[];
  readonly suites: readonly Suite[];
  readonly total: Omit<Suite, 'suite' | 'about'>;
  readonly failures: readonly string[];
  readonly skipped: readonly string[];
  readonly packageChecks: { readonly passed: number; readonly failed: number };
  readonly vectors: readonly VectorRow[];
  readonly vectorTotal: Pick<FileReport, 'passed' | 'refused' | 'failed' | 'unsupported'>;
  readonly clauses: readonly ClauseRow[];
  readonly attacks: readonly AttackRow[];
  readonly figures: readonly Told[];
  readonly fuzz: readonly FuzzRow[];
  readonly coverage: readonly CoverageRow[];
  readonly mutation: Mutation | null;
  /** Null where it could not be looked at. */
  readonly supplyChain: SupplyChain | null;
  readonly claims: readonly string[];
  readonly measured: {
    readonly started: string;
    readonly ended: string;
    readonly machine: string;
    readonly seconds: { readonly [step: string]: number };
  };
}

/** A file of vectors, and how good its sources are. */
export interface VectorRow extends FileReport {
  readonly grade: string;
}
