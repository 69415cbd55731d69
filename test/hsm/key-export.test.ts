/** Keys that leave an HSM: as key blocks of the versions that its policy lists, and as components under two holders. */
import { describe, expect, it } from 'vitest';
import { defineHsmPolicy } from '../../src/hsm/policy.ts';
import { combineComponents } from '../../src/keys/component.ts';
import type { Key } from '../../src/keys/key.ts';
import { parseKeyBlockHeader, unwrapKeyBlock, type WrapVersion } from '../../src/keys/key-block.ts';
import type { KeyAttributes } from '../../src/keys/usage.ts';
import { type Bench, bringKey, openBench, refusalOf } from '../support/hsm.ts';
import { KEYS, keyOf, namedKey } from '../support/world.ts';

const TDES_KEK = namedKey('partner', { usage: 'K1', algorithm: 'T', mode: 'B', exportability: 'N' }, 24);
const AES_KEK = keyOf<Key<'K1'>>('atm.kek');

const bringTdesKek = (bench: Bench): Promise<unknown> =>
  bringKey(bench, 'partner', { usage: 'K1', algorithm: 'T', mode: 'B', exportability: 'N' }, 24);

const exporting = (bench: Bench, version: WrapVersion, under: string, label = 'cvk') =>
  bench.hsm.exportKey({ label, under, version, permit: bench.permit('manage-keys') });

describe('exportKey', () => {
  it('gives key blocks of versions D and B unless the policy says otherwise', async () => {
    const bench = await openBench();
    await bringTdesKek(bench);
    for (const [version, under, kbpk] of [
      ['D', 'atm.kek', AES_KEK],
      ['B', 'partner', TDES_KEK],
    ] as const) {
      const block = await exporting(bench, version, under);
      expect(block.startsWith(version)).toBe(true);
      expect(unwrapKeyBlock(kbpk as Key<'K1'>, block).kcv).toBe(keyOf('cvk').kcv);
    }
    for (const version of ['A', 'C', 'E', 'F', 'd', undefined, null, 5] as WrapVersion[])
      expect([version, await refusalOf(() => exporting(bench, version, 'partner'))]).toEqual([
        version,
        'ERR_POLICY',
      ]);
  });

  it.each(['A', 'B', 'C'] as const)('gives version %s where the policy lists it', async (version) => {
    const policy = defineHsmPolicy({ exportVersions: [version] });
    const bench = await openBench({ policy });
    await bringTdesKek(bench);
    const block = await exporting(bench, version, 'partner');
    expect(parseKeyBlockHeader(block).version).toBe(version);
    expect(unwrapKeyBlock(TDES_KEK as Key<'K1'>, block).kcv).toBe(keyOf('cvk').kcv);
    expect(await refusalOf(() => exporting(bench, 'D', 'atm.kek'))).toBe('ERR_POLICY');
  });

  it('gives no key of exportability N, none under itself, under a weaker one, or under a key of another usage', async () => {
    const bench = await openBench();
    await bringTdesKek(bench);
    expect(await refusalOf(() => exporting(bench, 'D', 'atm.kek', 'records'))).toBe('ERR_KEY_EXPORT');
    expect(await refusalOf(() => exporting(bench, 'D', 'atm.kek', 'atm.kek'))).toBe('ERR_POLICY');
    expect(await refusalOf(() => exporting(bench, 'D', 'cvk', 'pvk'))).toBe('ERR_KEY_USAGE');
    expect(await refusalOf(() => exporting(bench, 'D', 'partner', 'pvk'))).toBe('ERR_KEY_ALGORITHM');
    expect(await refusalOf(() => exporting(bench, 'D', 'atm.kek', 'nowhere'))).toBe('ERR_NOT_FOUND');
  });
});

describe('exportComponents', () => {
  const leaving = async (holders: readonly (string | undefined)[], label = 'cvk', count = 3) => {
    const bench = await openBench();
    const [first, second] = holders;
    return bench.hsm.exportComponents({
      label,
      count,
      permit: bench.permit('manage-keys', first),
      reveal: bench.permit('export-clear-key', second),
    });
  };

  it('gives parts that make the key again, under two holders', async () => {
    const parts = await leaving(['a', 'b']);
    expect(parts).toHaveLength(3);
    expect(combineComponents(KEYS['cvk']?.[0] as KeyAttributes, parts).kcv).toBe(keyOf('cvk').kcv);
  });

  it('gives none under one holder, or none that is named, and only if it may leave', async () => {
    expect(await refusalOf(() => leaving(['a', 'a']))).toBe('ERR_POLICY');
    expect(await refusalOf(() => leaving([undefined, 'b']))).toBe('ERR_POLICY');
    expect(await refusalOf(() => leaving([undefined, undefined]))).toBe('ERR_POLICY');
    // A holder that is not named is nobody else than the one who is.
    expect(await refusalOf(() => leaving(['a', undefined]))).toBe('ERR_POLICY');
    expect(await refusalOf(() => leaving(['a', 'b'], 'records'))).toBe('ERR_KEY_EXPORT');
    expect(await refusalOf(() => leaving(['a', 'b'], 'nowhere'))).toBe('ERR_NOT_FOUND');
    expect(await refusalOf(() => leaving(['a', 'b'], 'cvk', 1))).toBe('ERR_INPUT');
  });
});
