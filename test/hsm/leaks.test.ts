/** What an HSM, its answers and its errors show of themselves: no PIN, no PAN, no code, no byte of a key. */
import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { generateCvv2 } from '../../src/cvv/cvv.ts';
import { exportClearKey } from '../../src/keys/clear.ts';
import type { Key } from '../../src/keys/key.ts';
import { cardOf, faceOf, openBench } from '../support/hsm.ts';
import { callHsm, HSM_CALLS, nameOf, openScene, runHsm, SECRETS } from '../support/hsm-calls.ts';
import { KEYS, keyOf, namedKey } from '../support/world.ts';

const SINKS: Readonly<Record<string, (value: unknown) => string>> = {
  String: (value) => String(value),
  JSON: (value) => JSON.stringify(value) ?? '',
  inspect: (value) => inspect(value),
  'inspect in full': (value) =>
    inspect(value, {
      showHidden: true,
      depth: Number.POSITIVE_INFINITY,
      getters: true,
      maxArrayLength: null,
    }),
  '%o': (value) => format('%o', value),
  '%j': (value) => format('%j', value),
  entries: (value) => inspect(Object.entries(Object(value)), { depth: 9 }),
};

/** Every form of the clear keys, of which 8 bytes in a row would be enough to tell. */
async function keyForms(): Promise<readonly string[]> {
  const { permit } = await openBench({ empty: true });
  const granted = permit('export-clear-key');
  return Object.entries(KEYS).flatMap(([label, [attributes, size]]) => {
    const key = namedKey(label, { ...attributes, exportability: 'E' }, size);
    const bytes = Buffer.from(exportClearKey(key, granted)).subarray(0, 8);
    return [
      bytes.toString('hex').toUpperCase(),
      bytes.toString('hex'),
      [...bytes].join(', '),
      [...bytes].join(','),
    ];
  });
}

const CODE = generateCvv2(keyOf<Key<'C0'>>('cvk'), {
  pan: SECRETS.pan,
  expiry: faceOf(cardOf(SECRETS.pan)).expiry,
});
const SUBJECTS = [SECRETS.pan, SECRETS.other, SECRETS.pan.slice(8, -4)];
const forms = await keyForms();

function leaksOf(value: unknown, secrets: readonly string[]): string[] {
  return Object.entries(SINKS).flatMap(([name, sink]) => {
    const text = sink(value);
    return secrets.filter((secret) => text.includes(secret)).map((secret) => `${name}: ${secret.length}`);
  });
}

describe('an HSM', () => {
  it('shows its functions, and nothing that is behind them, also after it was used', async () => {
    const scene = await openScene();
    const { hsm } = scene.bench;
    for (const call of HSM_CALLS.filter(({ name }) => !/^(retire|destroy)Key$/.test(name)))
      await runHsm(hsm, call, call.args(scene));
    expect(leaksOf(hsm, [...SUBJECTS, ...forms])).toEqual([]);
    expect(Object.isFrozen(hsm)).toBe(true);
    for (const name of Reflect.ownKeys(hsm)) {
      const { value } = Object.getOwnPropertyDescriptor(hsm, name) ?? {};
      expect(typeof value).toBe('function');
      expect(Object.getOwnPropertyNames(value).sort()).toEqual(['length', 'name']);
    }
  });

  it.each(HSM_CALLS.map((call) => [nameOf(call), call] as const))(
    'answers %s without a clear secret',
    async (_, call) => {
      const scene = await openScene();
      const result = await runHsm(scene.bench.hsm, call, call.args(scene));
      const clear = ['revealPan', 'printPin', 'revealCvv2', 'openEnvelope'].includes(call.name);
      const parts = call.name === 'exportComponents';
      // A token shows the first and last digits of its PAN; what of a PIN shows is a matter of chance.
      if (!clear && !parts) expect(leaksOf(result, [...SUBJECTS, ...forms])).toEqual([]);
      if (clear) expect([SECRETS.pan, SECRETS.pin, CODE, Uint8Array.of(1, 2, 3)]).toContainEqual(result);
    },
  );
});

describe('an error of an HSM', () => {
  it.each(HSM_CALLS.map((call) => [nameOf(call), call] as const))(
    'of %s shows no secret, nor do its causes',
    async (_, call) => {
      const scene = await openScene();
      const { hsm } = scene.bench;
      const secrets = [...SUBJECTS, ...forms, SECRETS.pin, SECRETS.next];
      const [request] = call.args(scene) as [unknown];
      const wrong =
        typeof request === 'object' && request !== null && !Array.isArray(request)
          ? Object.keys(request).flatMap((name) => [
              { ...request, [name]: undefined },
              { ...request, [name]: SECRETS.other },
              { ...request, [name]: { format: 'ISO-0', block: '0123456789ABCDEF', token: SECRETS.other } },
            ])
          : [SECRETS.other, [SECRETS.other]];
      for (const one of wrong) {
        let error: unknown = await callHsm(hsm, call.name, [one]).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        for (; error !== undefined; error = (error as { readonly cause?: unknown }).cause) {
          expect(leaksOf(error, secrets)).toEqual([]);
          expect(leaksOf((error as Error).stack, secrets)).toEqual([]);
        }
      }
    },
  );

  it('of a key store has its cause, which is the store\u2019s own', async () => {
    const { keyStore } = await openBench();
    const cause = new Error('the disk');
    const failing = { ...keyStore, get: () => Promise.reject(cause) };
    const { hsm } = await openBench({ keyStore: failing });
    const error: unknown = await hsm.keyInfo('cvk').catch((thrown: unknown) => thrown);
    expect((error as Error).cause).toBe(cause);
    expect(leaksOf(error, forms)).toEqual([]);
  });
});
