/** Every function of an HSM that needs a capability refuses all that is not one, live, of the scope and of its authority. */
import { describe, expect, it } from 'vitest';
import { CAPABILITY_SCOPES, type CapabilityScope } from '../../src/keys/capability.ts';
import { openBench, refusalOf } from '../support/hsm.ts';
import {
  callHsm,
  HSM_CALLS,
  type HsmCall,
  nameOf,
  openScene,
  runHsm,
  type Scene,
} from '../support/hsm-calls.ts';

const GUARDED: readonly (readonly [string, HsmCall, string, CapabilityScope])[] = HSM_CALLS.flatMap((call) =>
  Object.entries(call.permits ?? {}).map(
    ([field, scope]) => [`${nameOf(call)}.${field}`, call, field, scope] as const,
  ),
);

/** What does not permit. */
async function wrongOnes(
  scene: Scene,
  scope: CapabilityScope,
  holder: string,
): Promise<Record<string, unknown>> {
  const { bench } = scene;
  const good = bench.permit(scope, holder);
  const revoked = bench.permit(scope, holder);
  revoked.revoke();
  const stranger = await openBench({ empty: true });
  const others = CAPABILITY_SCOPES.filter((other) => other !== scope);
  return {
    none: undefined,
    null: null,
    true: true,
    'the scope': scope,
    revoked,
    'of another authority': stranger.permit(scope, holder),
    'look-alike': { scope, expires: good.expires, holder, revoke: () => undefined },
    spread: { ...good },
    cloned: structuredClone(good),
    revived: JSON.parse(JSON.stringify(good)),
    inherited: Object.create(good),
    'behind a proxy': new Proxy(good, {}),
    'in a list': [good],
    ...Object.fromEntries(others.map((other) => [`of scope ${other}`, bench.permit(other, holder)])),
  };
}

describe('the table', () => {
  it('names every function that is documented to need a capability', () => {
    expect([...new Set(GUARDED.map(([, { name }]) => name))].sort()).toEqual([
      'destroyKey',
      'embossData',
      'exportComponents',
      'exportKey',
      'generateKey',
      'importComponents',
      'importKey',
      'issuePin',
      'movePin',
      'movePinOfBlock',
      'openEnvelope',
      'printPin',
      'recoverPin',
      'retireKey',
      'revealCvv2',
      'revealPan',
      'sealPan',
      'setPin',
      'tokenOf',
      'translatePinBlock',
    ]);
  });
});

describe.each(GUARDED)('%s', (_, call, field, scope) => {
  const holder = field === 'reveal' ? 'second-officer' : 'officer';

  it('is answered with a capability of its scope, and with nothing else', async () => {
    const scene = await openScene();
    const { hsm, keyStore, random } = scene.bench;
    const keys = JSON.stringify(await keyStore.list());
    const [request] = call.args(scene) as [object];
    for (const [name, permit] of Object.entries(await wrongOnes(scene, scope, holder))) {
      random.drawn = 0;
      const code = await refusalOf(() => callHsm(hsm, call.name, [{ ...request, [field]: permit }]));
      expect([name, code]).toEqual([name, 'ERR_POLICY']);
      expect(random.drawn).toBe(0);
    }
    expect(JSON.stringify(await keyStore.list())).toBe(keys);
    const permit = scene.bench.permit(scope, holder);
    expect(await refusalOf(() => runHsm(hsm, call, [{ ...request, [field]: permit }]))).toBe('none');
  });

  it('is not answered when its time is over, nor after the clock is turned back', async () => {
    const scene = await openScene();
    const { hsm, clock } = scene.bench;
    const [request] = call.args(scene) as [object];
    const ask = () => refusalOf(() => callHsm(hsm, call.name, [request]));
    clock.at += 900;
    expect(await ask()).toBe('ERR_POLICY');
    clock.at -= 900;
    expect(await ask()).toBe('ERR_POLICY');
  });
});

describe('a PIN block for another card', () => {
  it('is not made without capability, though the same card needs none', async () => {
    const scene = await openScene();
    const call = HSM_CALLS.find(({ name }) => name === 'translatePinBlock') as HsmCall;
    const [{ permit: _, targetCard, ...request }] = call.args(scene) as [
      { permit: unknown; targetCard: unknown },
    ];
    const { hsm } = scene.bench;
    expect(await refusalOf(() => callHsm(hsm, call.name, [request]))).toBe('none');
    expect(await refusalOf(() => callHsm(hsm, call.name, [{ ...request, targetCard }]))).toBe('ERR_POLICY');
  });
});
