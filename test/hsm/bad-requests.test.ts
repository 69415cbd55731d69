/**
 * Wrong requests of every kind to every function of an HSM: one typed refusal, as a rejection and never thrown at
 * once, with nothing drawn and nothing changed.
 */
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { PaymentCryptoError } from '../../src/error.ts';
import { callHsm, HSM_CALLS, nameOf, openScene, SECRETS } from '../support/hsm-calls.ts';

const CODES: readonly string[] = [
  ...readFileSync(new URL('../../src/error.ts', import.meta.url), 'utf8').matchAll(/\| '(ERR_[A-Z_]+)'/g),
].map(([, code]) => code as string);

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** A proxy whose every trap throws what is no error of the library. */
function hostile(): object {
  const refuse = (): never => {
    throw new TypeError('hostile');
  };
  return new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse });
}

const WRONG: Readonly<Record<string, unknown>> = {
  undefined: undefined,
  null: null,
  true: true,
  NaN: Number.NaN,
  'minus one': -1,
  fraction: 0.5,
  'a huge number': 1e21,
  bigint: 5n,
  symbol: Symbol('x'),
  'empty text': '',
  letter: '\u00e9',
  NUL: '\0',
  'long text': '1'.repeat(100_001),
  'a PAN': SECRETS.other,
  'boxed text': new String('cvk'),
  function: () => 'cvk',
  'empty object': {},
  'empty array': [],
  date: new Date(0),
  'no bytes': new Uint8Array(0),
  'a proxy': new Proxy({}, {}),
  'a revoked proxy': revoked(),
  'a hostile proxy': hostile(),
  'a name of a prototype': '__proto__',
};

type Path = readonly (string | number)[];

/** Every place in the arguments, down to parts of parts. */
function placesIn(value: unknown, depth = 0): Path[] {
  const plain =
    Array.isArray(value) ||
    (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype);
  if (!plain || depth > 3) return [[]];
  const inner = Object.entries(value as object).slice(
    0,
    depth === 0 || !Array.isArray(value) ? undefined : 1,
  );
  return [[], ...inner.flatMap(([name, part]) => placesIn(part, depth + 1).map((rest) => [name, ...rest]))];
}

function replaced(value: unknown, [name, ...rest]: Path, by: unknown): unknown {
  if (name === undefined) return by;
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  const record = copy as Record<string, unknown>;
  record[name] = replaced(record[name], rest, by);
  return copy;
}

/** Places where these values are right ones, or ones of which the answer is no. */
const RIGHT: readonly (readonly [place: RegExp, values: RegExp])[] = [
  // Not said.
  [/\.(name|delivery|current|sealKey|expectedKcv|targetCard|keyVersion)$/, /^undefined$/],
  [/^(embossData|setPin|issueCards).*\.(pin|current|method|embosser)$/, /^undefined$/],

  // No step was accepted yet.
  [/\.floor$/, /^minus one$/],
  // Texts of the caller's own.
  [
    /\.(candidate|context|delivery|subject\.card)$|^(generateKey|import\w+)\.label$/,
    /text|letter|NUL|PAN|prototype/,
  ],
  [/^embossData\.name$/, /^empty text$|PAN/],
  [/^tokenOf\.pan$|^preparePossession\.digits$|\.block\.block$|\.requested\.block$/, /^a PAN$/],
  // Of a PIN that is embossed, only what stands in the track is looked at.
  [/^embossData\.pin\.tag$/, /./],
  [/^(tagRecords|verifyRecords)\.records\.0$/, /text|letter|NUL|PAN|prototype/],
  [/^verifyRecords\.(tags\.0)$/, /./],
  [/^verifyRecords\.(tags|records)$/, /^empty array$/],
  [/^tagRecords\.records$|^indexCards\.cards$|\.indexKeys$|^requireDistinctKeys\.$/, /^empty array$/],
  [/^sealEnvelope\.plaintext$/, /^no bytes$/],
  [/\.tenant$/, /PAN|prototype|empty|./],
];

describe.each(HSM_CALLS.map((call) => [nameOf(call), call] as const))('%s', (name, call) => {
  it('refuses every wrong value alike, with nothing drawn', async () => {
    const scene = await openScene();
    const { hsm, random, keyStore } = scene.bench;
    const sample = call.args(scene);
    const keys = JSON.stringify(await keyStore.list());
    const wrong: string[] = [];
    for (const place of placesIn(sample).slice(1))
      for (const [label, value] of Object.entries(WRONG)) {
        const [position, ...path] = place;
        const at = `${name}${position === '0' ? '' : `#${position}`}.${path.join('.')}`;
        const args = replaced(call.args(scene), place, value) as unknown[];
        random.drawn = 0;
        let promise: unknown;
        try {
          promise = callHsm(hsm, call.name, args);
        } catch (error) {
          wrong.push(`${at}: ${label}: thrown at once: ${String(error)}`);
          continue;
        }
        const outcome = await (promise as Promise<unknown>).then(
          () => undefined,
          (error: unknown) => error,
        );
        const complaints: string[] = [];
        if (outcome === undefined) {
          if (!RIGHT.some(([where, values]) => where.test(at) && values.test(label)))
            complaints.push('taken');
        } else if (!(outcome instanceof PaymentCryptoError)) complaints.push(`untyped ${inspect(outcome)}`);
        else {
          const { code, field } = outcome;
          if (!CODES.includes(code) || code === 'ERR_INTERNAL') complaints.push(`code ${code}`);
          if (typeof field !== 'string' || field === '') complaints.push('no field');
          const text = inspect(outcome, { depth: 9, showHidden: true });
          for (const secret of Object.values(SECRETS)) if (text.includes(secret)) complaints.push('LEAK');
          if (random.drawn !== 0) complaints.push(`drew ${random.drawn} bytes`);
        }
        if (complaints.length > 0) wrong.push(`${at}: ${label}: ${complaints.join(', ')}`);
      }
    expect(wrong).toEqual([]);
    if (call.name === 'generateKey' || call.name.startsWith('import')) return;
    expect(JSON.stringify(await keyStore.list())).toBe(keys);
  });
});

it('the table has every function of an HSM', async () => {
  const { bench } = await openScene();
  expect([...new Set(HSM_CALLS.map(({ name }) => name))].sort()).toEqual(Object.keys(bench.hsm).sort());
});
