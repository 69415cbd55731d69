/**
 * A megabyte in place of every argument of every exported function: refused as what is short and wrong is, at once,
 * since lengths are looked at before contents.
 *
 * Time is measured here, since that an answer comes soon is what is promised: the time of the processor, from which
 * neighbours on the machine take little. What is collected or compiled meanwhile is in it all the same, so that a call
 * counts as slow only where it was slow four times.
 */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { PaymentCryptoError } from '../../src/index.ts';
import { tellFigures } from '../support/figures.ts';
import { callHsm, HSM_CALLS, nameOf, openScene } from '../support/hsm-calls.ts';
import { type LargeCall, LONG, largeCalls, largeParts, SHORTER } from '../support/large-calls.ts';
import { CODES, type Outcome, outcomeOf } from '../support/outcome.ts';
import { makeFixture, PUBLIC_CALLS, type PublicCall } from '../support/public-calls.ts';

/** Milliseconds that a call with a megabyte may take. */
const CAP = 50;
/** The same where a million is a right number of rows: what is put together is looked at as a whole. */
const ROWS_CAP: { readonly [label: string]: number } = { 'digitColumn(#0: array of letters)': 500 };
/** Milliseconds below which nothing is said of growth. */
const FLOOR = 2;
/** Ten times the length may take twice ten times as long: linear, and half of it noise. */
const GROWTH = 20;
const TURNS = 4;

const f = makeFixture();
const ROWS = PUBLIC_CALLS.map((row) => ({ row, cases: largeCalls(row, f) }));
const COUNT = ROWS.reduce((sum, { cases }) => sum + cases.length, 0);

interface Timed {
  readonly outcome: Outcome;
  readonly took: number;
}

async function timed(call: () => unknown): Promise<Timed> {
  const started = process.cpuUsage();
  const outcome = await outcomeOf(call);
  const { user, system } = process.cpuUsage(started);
  return { outcome, took: (user + system) / 1000 };
}

/** The quickest of several turns; the first below the floor is enough. */
async function quickest(turn: () => Promise<Timed>): Promise<Timed> {
  let best = await turn();
  for (let i = 1; i < TURNS && best.took > FLOOR; i++) {
    const again = await turn();
    if (again.took < best.took) best = again;
  }
  return best;
}

/** What is wrong with the time that a call takes; nothing, where it is right. */
async function slowness(
  best: Timed,
  shorter: () => Promise<Timed>,
  cap: number = CAP,
): Promise<readonly string[]> {
  if (best.took > cap) return [`took ${Math.round(best.took)} ms`];
  if (best.took <= FLOOR) return [];
  // The slowest of them: a turn that was quick by luck says nothing against the long one.
  const turns = [await shorter(), await shorter(), await shorter()];
  const most = Math.max(...turns.map(({ took }) => took));
  return best.took > GROWTH * most + FLOOR ? [`grew from ${most} to ${best.took} ms`] : [];
}

/** What is wrong with a refusal. */
function flaws(error: unknown): readonly string[] {
  if (!(error instanceof PaymentCryptoError)) return [`untyped ${String((error as Error)?.name)}`];
  const { code, field, message } = error;
  const found: string[] = [];
  if (!CODES.includes(code) || code === 'ERR_INTERNAL') found.push(`code ${code}`);
  if (typeof field !== 'string' || field === '') found.push('no field');
  if (message.length > 500) found.push('a long message');
  const texts = [message, error.stack ?? '', JSON.stringify(error), inspect(error, { showHidden: true })];
  const pieces = ['1'.repeat(32), 'A1'.repeat(16), ' '.repeat(32), '\uff11'.repeat(32)];
  if (pieces.some((piece) => texts.some((text) => text.includes(piece)))) found.push('LEAK');
  return found;
}

function blocksLeft(): number {
  return Object.values(f.keys).reduce(
    (sum, key) => sum + (Number.isFinite(key.blocksLeft) ? key.blocksLeft : 0),
    0,
  );
}

/** One long call of a row; what is wrong with what came of it. */
async function complaintsOf(row: PublicCall, one: LargeCall): Promise<readonly string[]> {
  let changed = false;
  const turn = async (size: number): Promise<Timed> => {
    const given = one.args(size);
    const state = (): string => [row.state?.(one.rest(given)), blocksLeft(), f.random.drawn].join();
    const before = state();
    const result = await timed(() => row.call(...given));
    const refused = result.outcome.how === 'threw' || result.outcome.how === 'rejected';
    if (refused && state() !== before) changed = true;
    return result;
  };
  const best = await quickest(() => turn(LONG));
  const { how, value } = best.outcome;
  const found = [...(await slowness(best, () => turn(SHORTER), ROWS_CAP[one.label]))];
  if (how === (row.async === true ? 'rejected' : 'threw')) {
    found.push(...flaws(value));
    if (one.expect === 'answer') found.push('refused');
  } else if (one.expect === 'refuse') found.push(how);
  else if (one.expect === 'answer' && row.no?.(value) !== true) found.push('did not answer no');
  if (changed) found.push('changed state');
  return found;
}

describe(`ST-07 long input: ${COUNT} calls with a megabyte`, () => {
  it('are 600 or more', () => {
    expect(COUNT).toBeGreaterThanOrEqual(600);
    tellFigures('input', 'a megabyte in place of an argument', { calls: COUNT, 'cap in ms': CAP });
  });

  it.each(ROWS.map(({ row, cases }, i) => [`${row.name} (row ${i})`, row, cases] as const))(
    'ST-07 %s refuses it at once',
    async (_, row, cases) => {
      const wrong: string[] = [];
      for (const one of cases) {
        const found = await complaintsOf(row, one);
        if (found.length > 0) wrong.push(`${one.label}: ${found.join(', ')}`);
      }
      expect(wrong).toEqual([]);
    },
  );
});

describe('ST-07 long input to an HSM', () => {
  it.each(HSM_CALLS.map((call) => [nameOf(call), call] as const))(
    'ST-07 %s refuses a megabyte at once, or takes it as a text of the caller',
    async (_, call) => {
      const scene = await openScene();
      const { hsm, random } = scene.bench;
      const wrong: string[] = [];
      for (const { label, put } of largeParts(call.args(scene))) {
        let drawn = 0;
        const turn = async (size: number): Promise<Timed> => {
          const given = put(call.args(scene), size);
          random.drawn = 0;
          const result = await timed(() => callHsm(hsm, call.name, given));
          if (result.outcome.how === 'rejected') drawn += random.drawn;
          return result;
        };
        const best = await quickest(() => turn(LONG));
        const { how, value } = best.outcome;
        const found = [...(await slowness(best, () => turn(SHORTER)))];
        if (how === 'rejected') found.push(...flaws(value));
        else if (how !== 'resolved') found.push(how);
        if (drawn > 0) found.push(`drew ${drawn} bytes`);
        if (found.length > 0) wrong.push(`${label}: ${found.join(', ')}`);
      }
      expect(wrong).toEqual([]);
    },
  );
});
