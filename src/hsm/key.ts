/** The key functions of the emulated HSM: how keys come, leave and end. */
import { fail, kindOf } from '../error.ts';
import { requireArray, requireOneOf } from '../input.ts';
import { CAPABILITY_SCOPES, type Capability, requireCapability } from '../keys/capability.ts';
import { combineComponents, splitKey } from '../keys/component.ts';
import { type Key, requireKeyLength, sameKey } from '../keys/key.ts';
import { unwrapKeyBlock, wrapKeyBlock } from '../keys/key-block.ts';
import { randomKey } from '../keys/random-key.ts';
import { checkAttributes, type KeyAlgorithm } from '../keys/usage.ts';
import type { KeyFunctions, KeyInfo, KeyLabel } from './functions.ts';
import { type Inside, operate, readPart } from './inside.ts';
import { infoOf, requireLabel } from './vault.ts';

/** Refuses a key that the policy finds too short. */
function requireStrength(inside: Inside, algorithm: KeyAlgorithm, keyBytes: number): void {
  const least = inside.policy.minimumKeyBytes[algorithm];
  if (keyBytes < least) fail('ERR_POLICY', 'keyBytes', `at least ${least} bytes`, `${keyBytes}`);
}

/** Two people at the least: a permission each, of different holders. */
function requireDualControl(
  inside: Inside,
  permits: readonly Capability[],
  scope: Capability['scope'],
): void {
  for (const permit of permits) requireCapability(permit, scope, inside.authority);
  requireDifferentHolders(permits);
}

function requireDifferentHolders(permits: readonly Capability[]): void {
  const holders = permits.map(({ holder }) => holder);
  if (holders.includes(undefined) || new Set(holders).size !== holders.length)
    fail('ERR_POLICY', 'permit', 'permissions of different, named holders');
}

/** Stores a new key at a free label. */
async function add(inside: Inside, label: KeyLabel, key: Key): Promise<KeyInfo> {
  requireStrength(inside, key.attributes.algorithm, key.keyBytes);
  return infoOf(label, await inside.vault.keep(label, key, false, 0));
}

/** Refuses a label that stands for a key, or ever did. */
async function requireFree(inside: Inside, label: unknown): Promise<KeyLabel> {
  const read = requireLabel(label);
  if ((await inside.vault.stored(read)) !== undefined)
    fail('ERR_EXISTS', 'label', 'a label that was never used');
  return read;
}

/** The key functions over one HSM. */
export function keyFunctions(inside: Inside): KeyFunctions {
  const { vault, authority, random, policy } = inside;
  const labelOf = ({ label }: { readonly label: unknown }): readonly unknown[] => [label];
  const bothOf = (request: { readonly label: unknown; readonly under: unknown }): readonly unknown[] => [
    request.label,
    request.under,
  ];
  return {
    generateKey: (request) =>
      operate(inside, 'generateKey', request, labelOf, async ({ label, attributes, keyBytes, permit }) => {
        requireCapability(permit, 'manage-keys', authority);
        const { algorithm } = checkAttributes(attributes);
        requireKeyLength(algorithm, keyBytes, 'keyBytes');
        requireStrength(inside, algorithm, keyBytes);
        return add(inside, await requireFree(inside, label), randomKey(attributes, keyBytes, { random }));
      }),

    importKey: (request) =>
      operate(inside, 'importKey', request, bothOf, async ({ label, keyBlock, under, permit }) => {
        requireCapability(permit, 'manage-keys', authority);
        const free = await requireFree(inside, label);
        const kbpk = await vault.use(under, 'unwrapKeyBlock', 'under');
        return add(inside, free, unwrapKeyBlock(kbpk, keyBlock));
      }),

    importComponents: (request) =>
      operate(inside, 'importComponents', request, labelOf, async (asked) => {
        requireCapability(asked.permit, 'manage-keys', authority);
        const brought = requireArray(asked.components, 'components', 9, 'ERR_KEY_COMPONENT');
        const components = brought.map((component) => readPart(component, 'components'));
        requireDualControl(
          inside,
          components.map(({ permit }) => permit),
          'load-component',
        );
        const free = await requireFree(inside, asked.label);
        const { expectedKcv } = asked;
        const options = expectedKcv === undefined ? undefined : { expectedKcv };
        const parts = components.map(({ bytes, kcv }) => ({ bytes, kcv }));
        return add(inside, free, combineComponents(asked.attributes, parts, options));
      }),

    exportKey: (request) =>
      operate(inside, 'exportKey', request, bothOf, async ({ label, under, version, permit }) => {
        requireCapability(permit, 'manage-keys', authority);
        if (!policy.exportVersions.includes(version))
          fail('ERR_POLICY', 'version', `one of ${policy.exportVersions.join(', ')}`, kindOf(version));
        const kbpk = await vault.use(under, 'wrapKeyBlock', 'under');
        const { key } = await vault.hold(requireLabel(label));
        // That the policy lists A or C is what allows them.
        return wrapKeyBlock(kbpk, key, version, { random, legacyVersion: 'allow' });
      }),

    exportComponents: (request) =>
      operate(inside, 'exportComponents', request, labelOf, async ({ label, count, permit, reveal }) => {
        requireCapability(permit, 'manage-keys', authority);
        requireCapability(reveal, 'export-clear-key', authority);
        requireDifferentHolders([permit, reveal]);
        const { key } = await vault.hold(requireLabel(label));
        return splitKey(key, count, reveal, { random });
      }),

    keyInfo: async (label) => vault.look(requireLabel(label)),

    listKeys: () => vault.list(),

    retireKey: (request) =>
      operate(inside, 'retireKey', request, labelOf, async ({ label, permit }) => {
        requireCapability(permit, 'manage-keys', authority);
        const read = requireLabel(label);
        const { key, retired, revision } = await vault.hold(read);
        if (retired) fail('ERR_KEY_RETIRED', 'label', 'a live key', 'a retired one');
        return infoOf(read, await vault.keep(read, key, true, revision));
      }),

    destroyKey: (request) =>
      operate(inside, 'destroyKey', request, labelOf, async ({ label, permit }) => {
        requireCapability(permit, 'manage-keys', authority);
        const read = requireLabel(label);
        await vault.destroy(read);
        return Object.freeze({ label: read, state: 'destroyed' as const });
      }),

    requireDistinctKeys: async (labels) => {
      const keys: Key[] = [];
      for (const label of requireArray(labels, 'labels', 1000))
        keys.push((await vault.hold(requireLabel(label))).key);
      keys.forEach((key, i) => {
        if (keys.slice(0, i).some((other) => sameKey(other, key)))
          fail('ERR_POLICY', 'labels', 'keys of which no two are the same');
      });
    },

    authorize: async (permit, scope) => {
      requireOneOf(scope, 'scope', CAPABILITY_SCOPES);
      requireCapability(permit, scope, authority);
    },
  };
}
