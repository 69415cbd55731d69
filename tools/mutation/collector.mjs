/**
 * What tests import as `vitest` while mutants are run: it collects them and runs them one by one, in this process.
 * Matchers and spies are vitest's own.
 */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  customMatchers,
  GLOBAL_EXPECT,
  getState,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect';
import { fn, restoreAllMocks, spyOn } from '@vitest/spy';
import * as chai from 'chai';

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

const expect = (value, message) => {
  const { assertionCalls } = getState(expect);
  setState({ assertionCalls: assertionCalls + 1 }, expect);
  return chai.expect(value, message);
};
Object.assign(expect, chai.expect, globalThis[ASYMMETRIC_MATCHERS_OBJECT]);
expect.fail = chai.assert.fail;
globalThis[GLOBAL_EXPECT] = expect;
setState({ assertionCalls: 0, isExpectingAssertions: false, expectedAssertionsNumber: null }, expect);
chai.expect.extend(expect, customMatchers);

/** A name with its `%s` and `$field` filled in, as far as names need to differ. */
function nameOf(template, row, place) {
  let next = 0;
  const text = String(template)
    .replace(/%[sdifjoO]/g, () => String(row[next++]))
    .replace(/\$([a-z]\w*)/gi, (whole, field) =>
      typeof row[0] === 'object' && row[0] !== null && field in row[0] ? String(row[0][field]) : whole,
    );
  return `${text} [${place}]`;
}

/** Both forms of a table: one row of arguments, or one argument. */
const each = (add) => (rows) => (name, body, more) => {
  for (const [place, row] of [...rows].entries()) {
    const values = Array.isArray(row) ? row : [row];
    add(nameOf(name, values, place), () => body(...values), more);
  }
};

const forEach = (add) => (rows) => (name, body, more) => {
  for (const [place, row] of [...rows].entries())
    add(nameOf(name, [row], place), () => body(row, { expect }), more);
};

/** Tests of one file, in order, each with the hooks around it. */
export class Collector {
  tests = [];
  #group = { name: '', parent: undefined, before: [], after: [], first: [], last: [], started: false };

  /** The module `vitest` as a file of tests sees it. */
  get module() {
    const describe = (name, ...rest) =>
      this.#describe(
        name,
        rest.findLast((one) => typeof one === 'function'),
      );
    const it = (name, ...rest) =>
      this.#it(
        name,
        rest.find((one) => typeof one === 'function'),
      );
    const skip = () => undefined;
    for (const add of [describe, it])
      Object.assign(add, {
        each: each(add),
        for: forEach(add),
        skip,
        skipIf: (no) => (no ? skip : add),
        runIf: (yes) => (yes ? add : skip),
      });
    const hook = (name) => (body) => void this.#group[name].push(body);
    return {
      describe,
      it,
      test: it,
      expect,
      vi: { fn, spyOn, restoreAllMocks },
      beforeEach: hook('before'),
      afterEach: hook('after'),
      beforeAll: hook('first'),
      afterAll: hook('last'),
    };
  }

  #describe(name, body) {
    const outer = this.#group;
    const group = { name, parent: outer, before: [], after: [], first: [], last: [], started: false };
    this.#group = group;
    try {
      body();
    } finally {
      this.#group = outer;
    }
  }

  #it(name, body) {
    const groups = [];
    for (let group = this.#group; group !== undefined; group = group.parent) groups.unshift(group);
    const path = groups.map((group) => group.name).filter((text) => text !== '');
    this.tests.push({ name: [...path, String(name)].join(' > '), groups, body });
  }
}

/** Runs one test; throws what it throws. */
export async function runTest({ groups, body }) {
  try {
    for (const group of groups)
      if (!group.started) {
        group.started = true;
        for (const hook of group.first) await hook();
      }
    for (const group of groups) for (const hook of group.before) await hook();
    await body({ expect });
  } finally {
    for (const group of [...groups].reverse()) for (const hook of group.after) await hook();
  }
}

/** Runs what stands after all tests of a file. */
export async function finish(tests) {
  const groups = new Set(tests.flatMap((test) => test.groups).filter(({ started }) => started));
  for (const group of groups) for (const hook of group.last) await hook();
  restoreAllMocks();
}
