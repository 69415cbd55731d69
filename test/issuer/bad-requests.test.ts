/**
 * Wrong values in every place of a request to every operation of an issuer, a megabyte among them: one typed refusal
 * that does not hold the value, and no record is another than before.
 */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { PaymentCryptoError } from '../../src/error.ts';
import { createMemoryKeyStore } from '../../src/hsm/key-store.ts';
import type { Issuer } from '../../src/issuer/operations.ts';
import { CODES } from '../support/outcome.ts';
import { openWorld, type World } from '../support/world.ts';
import { CALLS, type Name, type Prepare } from './ordinary-calls.ts';
import { recordsOf } from './scenarios/hand.ts';

const LONG = 1_000_000;

/** Milliseconds of the processor that a refusal may take. */
const CAP = 500;

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const WRONG: Readonly<Record<string, unknown>> = {
  null: null,
  true: true,
  NaN: Number.NaN,
  'minus one': -1,
  fraction: 0.5,
  bigint: 5n,
  symbol: Symbol('x'),
  'empty text': '',
  letter: '\u00e9',
  'a PAN': '4000001234567899',
  'a long text': '7'.repeat(LONG),
  'a long list': new Array(LONG).fill('7'),
  'long bytes': new Uint8Array(LONG).fill(0x37),
  'boxed text': new String('ATM'),
  function: () => 'ATM',
  'empty object': {},
  'empty list': [],
  'a revoked proxy': revoked(),
  'a name of a prototype': '__proto__',
};

type Path = readonly string[];

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** Every place of a request, down to parts of parts. */
function placesIn(value: unknown): Path[] {
  if (!isPlain(value)) return [[]];
  return [
    [],
    ...Object.entries(value).flatMap(([name, part]) => placesIn(part).map((rest) => [name, ...rest])),
  ];
}

function replaced(value: unknown, [name, ...rest]: Path, by: unknown): unknown {
  if (name === undefined || !isPlain(value)) return by;
  return { ...value, [name]: replaced(value[name], rest, by) };
}

/** An ordinary call whose request is changed on its way, and what the request was. */
async function changing(world: World, name: Name, prepare: Prepare) {
  let change: (request: unknown) => unknown = (request) => request;
  let seen: unknown;
  const operation = world.issuer[name] as (request: unknown) => unknown;
  const issuer = {
    ...world.issuer,
    [name]: (request: unknown) => {
      seen = request;
      return operation(change(request));
    },
  } as unknown as Issuer;
  const ready = await prepare({ ...world, issuer });
  return {
    async with(other: typeof change): Promise<unknown> {
      change = other;
      return ready().then(
        () => undefined,
        (error: unknown) => error,
      );
    },
    request: () => seen,
  };
}

/** What is wrong with a refusal. */
function flaws(error: unknown): string[] {
  if (error === undefined) return ['taken'];
  if (!(error instanceof PaymentCryptoError)) return [`untyped ${inspect(error)}`];
  const found: string[] = [];
  const { code, field } = error;
  if (!CODES.includes(code) || code === 'ERR_INTERNAL') found.push(`code ${code}`);
  if (field === '') found.push('no field');
  const text = inspect(error, { depth: 9, showHidden: true });
  if (/4000001234567899|7{32}/.test(text)) found.push('LEAK');
  return found;
}

const keyStore = createMemoryKeyStore();

/** Places where these values are right ones, or ones of which the answer is no. */
const RIGHT: readonly (readonly [place: RegExp, values: RegExp])[] = [
  // Names that the caller gives.
  [/\.(requestId|batchId)$|^issueInstantCard\.account$/, /^a (PAN|name of a prototype)$/],
  [/\.(panDigits|block)$/, /^a PAN$/],
  [/\.candidate$/, /^(empty text|letter|a PAN|a long text|a name of a prototype)$/],
];

describe.each(Object.entries(CALLS) as [Name, Prepare][])('%s', (name, prepare) => {
  it('refuses every wrong value alike, and leaves the records as they were', async () => {
    const world = await openWorld({ keyStore });
    const call = await changing(world, name, prepare);
    await call.with(() => undefined);
    const before = JSON.stringify(await recordsOf(world.store));
    const wrong: string[] = [];
    for (const place of placesIn(call.request()).slice(1))
      for (const [label, value] of Object.entries(WRONG)) {
        const at = `${name}.${place.join('.')}`;
        if (RIGHT.some(([where, values]) => where.test(at) && values.test(label))) continue;
        const began = process.cpuUsage();
        const found = flaws(await call.with((request) => replaced(request, place, value)));
        const { user, system } = process.cpuUsage(began);
        if ((user + system) / 1000 > CAP) found.push('slow');
        if (found.length > 0) wrong.push(`${at}: ${label}: ${found.join(', ')}`);
      }
    expect(wrong).toEqual([]);
    expect(JSON.stringify(await recordsOf(world.store)) === before).toBe(true);
  });
});
