/**
 * Wrong input of every kind to every exported function: one typed refusal, which names the argument
 * and never holds the value, before any key is used, any byte drawn or any record written.
 */
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { PaymentCryptoError } from '../../src/index.ts';
import {
  badCalls,
  exportedFunctions,
  type Fixture,
  MARKER,
  makeFixture,
  PUBLIC_CALLS,
} from '../support/public-calls.ts';

const CODES: readonly string[] = [
  ...readFileSync(new URL('../../src/error.ts', import.meta.url), 'utf8').matchAll(/\| '(ERR_[A-Z_]+)'/g),
].map(([, code]) => code as string);

const f = makeFixture();
const ROWS = PUBLIC_CALLS.map((row) => ({ row, cases: badCalls(row, f) }));
const COUNT = ROWS.reduce((sum, { cases }) => sum + cases.length, 0);

/** A thrown or returned thing; what came of a call. */
interface Outcome {
  readonly how: 'threw' | 'returned' | 'rejected' | 'resolved';
  readonly value: unknown;
}

async function outcomeOf(call: () => unknown): Promise<Outcome> {
  let value: unknown;
  try {
    value = call();
  } catch (error) {
    return { how: 'threw', value: error };
  }
  if (!(value instanceof Promise)) return { how: 'returned', value };
  return value.then(
    (answer): Outcome => ({ how: 'resolved', value: answer }),
    (error: unknown): Outcome => ({ how: 'rejected', value: error }),
  );
}

/** Text that identifies the value: what an error must not hold. */
function secretsOf(wrong: unknown): readonly string[] {
  const values = Object.values(MARKER).filter((marker) => marker.length >= 6) as string[];
  if (typeof wrong === 'string' && wrong.length >= 6 && /[0-9]{4}/.test(wrong))
    values.push(wrong.slice(0, 64));
  return values;
}

function leaks(error: PaymentCryptoError, wrong: unknown): boolean {
  const texts = [
    error.message,
    error.stack ?? '',
    String(error),
    JSON.stringify(error),
    inspect(error, { showHidden: true, depth: Number.POSITIVE_INFINITY }),
  ];
  return secretsOf(wrong).some((secret) => texts.some((text) => text.includes(secret)));
}

function blocksLeft(fixture: Fixture): number {
  return Object.values(fixture.keys).reduce(
    (sum, key) => sum + (Number.isFinite(key.blocksLeft) ? key.blocksLeft : 0),
    0,
  );
}

describe('the table of public calls', () => {
  it('has a row for every exported function', () => {
    const listed = new Set(PUBLIC_CALLS.map(({ name }) => name).filter((name) => !name.includes('.')));
    expect([...listed].sort()).toEqual(exportedFunctions());
  });

  it('has right calls that succeed, so that every refusal below is for the one wrong value', async () => {
    const failed: string[] = [];
    for (const { name, call, valid, async: isAsync } of PUBLIC_CALLS) {
      const { how } = await outcomeOf(() => call(...valid(f)));
      if (how !== (isAsync === true ? 'resolved' : 'returned')) failed.push(name);
    }
    expect(failed).toEqual([]);
  });

  it('knows the error codes', () => {
    expect(CODES.length).toBeGreaterThanOrEqual(35);
    expect(CODES).toContain('ERR_INTERNAL');
  });
});

describe(`wrong input: ${COUNT} generated calls`, () => {
  it('are 600 or more', () => {
    expect(COUNT).toBeGreaterThanOrEqual(600);
  });

  it.each(ROWS.map(({ row, cases }, i) => [`${row.name} (row ${i})`, row, cases] as const))(
    '%s refuses every wrong value alike',
    async (_, row, cases) => {
      const wrong: string[] = [];
      for (const { label, args, wrong: value, expect: expected } of cases) {
        const given = args();
        const before = [row.state?.(given), blocksLeft(f)];
        f.random.drawn = 0;
        const started = performance.now();
        const outcome = await outcomeOf(() => row.call(...given));
        const took = performance.now() - started;
        const complaints: string[] = [];
        if (took > 2000) complaints.push(`took ${Math.round(took)} ms`);
        if (expected === 'answer') {
          if (outcome.how !== (row.async === true ? 'resolved' : 'returned')) complaints.push(outcome.how);
          else if (row.no?.(outcome.value) !== true) complaints.push('did not answer no');
        } else {
          if (outcome.how !== (row.async === true ? 'rejected' : 'threw')) complaints.push(outcome.how);
          else if (!(outcome.value instanceof PaymentCryptoError))
            complaints.push(`${outcome.how} ${String((outcome.value as Error)?.name)}`);
          else {
            const { code, field } = outcome.value;
            if (!CODES.includes(code) || code === 'ERR_INTERNAL') complaints.push(`code ${code}`);
            if (typeof field !== 'string' || field === '') complaints.push('no field');
            if (leaks(outcome.value, value)) complaints.push('LEAK');
          }
          if (f.random.drawn !== 0) complaints.push(`drew ${f.random.drawn} bytes`);
          const after = [row.state?.(given), blocksLeft(f)];
          if (after[0] !== before[0] || after[1] !== before[1]) complaints.push('changed state');
        }
        if (complaints.length > 0) wrong.push(`${label}: ${complaints.join(', ')}`);
      }
      expect(wrong).toEqual([]);
    },
  );
});
