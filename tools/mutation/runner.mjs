/**
 * A test runner for StrykerJS: each file of tests is one bundle with the source that it tests, compiled once and
 * evaluated anew for every mutant, in one process. A mutant takes a tenth of a second and not ten, and code that runs
 * while modules load is tested as all other code is, since the mutant is active before they do.
 */
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core';
import { commonTokens, declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  determineHitLimitReached,
  MutantRunStatus,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { build } from 'esbuild';
import fc from 'fast-check';
import { glob } from 'tinyglobby';
import { Collector, finish, runTest } from './collector.mjs';

const require = createRequire(import.meta.url);

/** Addresses of files, as they are on disk: a bundle has one of its own. */
const addresses = {
  name: 'addresses',
  setup(bundle) {
    bundle.onLoad({ filter: /\/(?:test|tools|src)\/.*\.ts$/ }, async ({ path }) => {
      const { readFile } = await import('node:fs/promises');
      const text = await readFile(path, 'utf8');
      if (!text.includes('import.meta')) return undefined;
      const contents = text
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
        .replaceAll('import.meta.dirname', JSON.stringify(join(path, '..')));
      return { contents, loader: 'ts' };
    });
  },
};

/** A file of tests, compiled: `load` evaluates it and its source, and gives the tests. */
async function compile(file) {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
    plugins: [addresses],
  });
  const script = new vm.Script(`(function (require, module, exports) {${outputFiles[0].text}\n})`, {
    filename: file,
  });
  const evaluate = script.runInThisContext();
  return () => {
    const collector = new Collector();
    const module = { exports: {} };
    evaluate((name) => (name === 'vitest' ? collector.module : require(name)), module, module.exports);
    return collector.tests;
  };
}

/** A name without what only separates words. */
const plain = (name) => name.toLowerCase().replace(/[^a-z0-9/.]/g, '');

/** A word that names of the same matter share: "keys" and "key-block" have "key". */
const stem = (word) => plain(word).replace(/s$/, '');

/** What the process has used of the processor: other processes do not shorten a mutant's time. */
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** What a test may take to be run with the others of its file. */
const QUICK_MS = 60;

const fileOf = (id) => id.slice(0, id.indexOf(': '));

const NO_TIME = { timeSpentMs: 0 };

const failureOf = (id, error) => ({
  id,
  name: id,
  status: TestStatus.Failed,
  failureMessage: textOf(error),
});

/** Milliseconds that a test may wait for what never comes, beyond ten times what it took. */
const PATIENCE_MS = 2_000;

/** Runs one test, whatever comes of it, or until it has waited too long. */
async function resultOf(id, test, usual = 30_000) {
  const begun = performance.now();
  let result = { id, name: id, status: TestStatus.Success };
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('waits for what never comes')), PATIENCE_MS + 10 * usual);
  });
  try {
    await Promise.race([runTest(test), late]);
  } catch (error) {
    result = failureOf(id, error);
  } finally {
    clearTimeout(timer);
  }
  return { ...result, timeSpentMs: performance.now() - begun };
}

const textOf = (error) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));

class BundleRunner {
  static inject = [commonTokens.options, commonTokens.logger];
  #options;
  #log;
  #stryker;
  #files = [];
  /** How long each test took, and which mutants it ran. */
  #ms = new Map();
  #hits = new Map();
  /** Tests that killed a mutant of a source, the latest first. */
  #killers = new Map();

  constructor(options, log) {
    this.#options = options;
    this.#log = log;
    globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {};
    this.#stryker = globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE];
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    // A failure is enough: what the smallest one is would only cost time.
    fc.configureGlobal({ seed: 1, endOnFailure: true, numRuns: 50 });
    console.log = () => undefined;
    // Promises that a mutant leaves behind reject after its tests.
    process.on('unhandledRejection', () => undefined);
    const { include, exclude } = this.#options.bundleRunner;
    const paths = (await glob(include, { ignore: exclude, absolute: true })).sort();
    for (const path of paths)
      this.#files.push({ name: relative(process.cwd(), path), load: await compile(path), loadMs: 0 });
    this.#log.info(`${paths.length} files of tests`);
  }

  async dryRun() {
    const tests = [];
    const perTest = {};
    for (const file of this.#files) {
      const coverage = { static: {}, perTest: {} };
      this.#stryker.mutantCoverage = coverage;
      const started = performance.now();
      const found = file.load();
      file.loadMs = performance.now() - started;
      for (const test of found) {
        const id = `${file.name}: ${test.name}`;
        this.#stryker.currentTestId = id;
        const result = await resultOf(id, test);
        this.#stryker.currentTestId = undefined;
        tests.push(result);
        this.#ms.set(id, result.timeSpentMs);
      }
      await finish(found);
      // What runs while a file is loaded, or in hooks, may show in every test of it, and shows first in those that run it.
      for (const test of found) {
        const id = `${file.name}: ${test.name}`;
        const own = coverage.perTest[id] ?? {};
        this.#hits.set(id, new Set(Object.keys(own)));
        perTest[id] = { ...coverage.static, ...own };
      }
    }
    this.#stryker.mutantCoverage = undefined;
    return { status: DryRunStatus.Complete, tests, mutantCoverage: { static: {}, perTest } };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, disableBail, sandboxFileName }) {
    const source = relative(process.cwd(), sandboxFileName);
    Object.assign(this.#stryker, { activeMutant: activeMutant.id, hitCount: 0, hitLimit });
    const results = [];
    try {
      const begun = cpuMs();
      for (const [file, ids] of this.#batches(activeMutant.id, source, testFilter)) {
        if (cpuMs() - begun > this.#options.bundleRunner.budgetMs) break;
        await this.#runFile(file, ids, disableBail, results);
        const last = results.at(-1);
        if (last?.status !== TestStatus.Failed) continue;
        this.#remember(source, last.id);
        if (!disableBail) break;
      }
      const reached = determineHitLimitReached(this.#stryker.hitCount, hitLimit);
      return toMutantRunResult(reached ?? { status: DryRunStatus.Complete, tests: results });
    } catch (error) {
      return { status: MutantRunStatus.Error, errorMessage: textOf(error) };
    } finally {
      Object.assign(this.#stryker, { activeMutant: undefined, hitCount: undefined, hitLimit: undefined });
    }
  }

  /**
   * What to run, and in which order: tests that lately killed a mutant of the same source; then those that run the
   * mutant themselves or, where none does, those that load it: the quick ones by file, files that are named like the
   * source first, and then the slow ones, one by one.
   */
  #batches(mutant, source, testFilter) {
    const wanted = new Set(testFilter ?? this.#ms.keys());
    const recent = (this.#killers.get(source) ?? []).filter((id) => wanted.has(id));
    const direct = [...wanted].filter((id) => this.#hits.get(id)?.has(mutant));
    const others = (direct.length > 0 ? direct : [...wanted]).filter((id) => !recent.includes(id));
    const isQuick = (id) => (this.#ms.get(id) ?? 0) < QUICK_MS;
    const slow = others.filter((id) => !isQuick(id)).sort((a, b) => this.#ms.get(a) - this.#ms.get(b));
    return [
      ...recent.map((id) => [fileOf(id), [id]]),
      ...this.#byFile(others.filter(isQuick), source),
      ...slow.map((id) => [fileOf(id), [id]]),
    ]
      .map(([name, ids]) => [this.#file(name), new Set(ids)])
      .filter(([file]) => file !== undefined);
  }

  #byFile(ids, source) {
    const byFile = new Map();
    for (const id of ids) byFile.set(fileOf(id), [...(byFile.get(fileOf(id)) ?? []), id]);
    const words = source
      .replace(/^src\/|\.ts$/g, '')
      .split('/')
      .map(stem);
    const alike = ([name]) => words.filter((word) => plain(name).includes(word)).length;
    const cost = ([name, own]) =>
      (this.#file(name)?.loadMs ?? 0) + own.reduce((sum, id) => sum + (this.#ms.get(id) ?? 0), 0);
    return [...byFile].sort((a, b) => alike(b) - alike(a) || cost(a) - cost(b));
  }

  #file(name) {
    return this.#files.find((file) => file.name === name);
  }

  #remember(source, id) {
    const before = this.#killers.get(source) ?? [];
    this.#killers.set(source, [id, ...before.filter((one) => one !== id)].slice(0, 6));
  }

  async #runFile(file, ids, disableBail, results) {
    let found;
    try {
      found = file.load();
    } catch (error) {
      results.push({ ...NO_TIME, ...failureOf([...ids][0], error) });
      return;
    }
    let ran = 0;
    for (const test of found) {
      const id = `${file.name}: ${test.name}`;
      if (!ids.has(id)) continue;
      ran++;
      const result = await resultOf(id, test, this.#ms.get(id));
      results.push(result);
      if (!disableBail && result.status === TestStatus.Failed) break;
    }
    await finish(found).catch((error) => results.push({ ...NO_TIME, ...failureOf([...ids][0], error) }));
    // A mutant may take away the very tests that a loop over the source makes.
    if (ran === 0) results.push({ ...NO_TIME, ...failureOf([...ids][0], new Error('no test of that name')) });
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'bundle', BundleRunner)];
export const strykerValidationSchema = {
  type: 'object',
  properties: {
    bundleRunner: {
      type: 'object',
      properties: {
        include: { type: 'array', items: { type: 'string' } },
        exclude: { type: 'array', items: { type: 'string' } },
        /** No further file of tests is begun for a mutant that took so much of the processor: it counts as survived. */
        budgetMs: { type: 'number', default: 10_000 },
      },
    },
  },
};
