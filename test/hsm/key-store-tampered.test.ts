/** A key store that lies: blocks swapped, changed, of another storage key, lost; and what lies in an honest one. */
import { describe, expect, it } from 'vitest';
import { createMemoryKeyStore } from '../../src/hsm/key-store.ts';
import { createSoftHsm } from '../../src/hsm/soft-hsm.ts';
import { type CapabilityAuthority, createCapabilityAuthority } from '../../src/keys/capability.ts';
import type { Key } from '../../src/keys/key.ts';
import { parseKeyBlockHeader, wrapKeyBlock } from '../../src/keys/key-block.ts';
import type { KeyStore, StoredKey } from '../../src/port.ts';
import { type Bench, loadedKeyStore, openBench, refusalOf } from '../support/hsm.ts';
import { KEYS, namedKey, storageKey } from '../support/world.ts';

const AES_KEK = { usage: 'K1', algorithm: 'A', mode: 'B', exportability: 'N' } as const;

/** A key store that answers for one label with something else. */
async function lying(
  label: string,
  lie: (stored: StoredKey, all: KeyStore) => unknown,
): Promise<{ readonly bench: Bench; readonly honest: KeyStore }> {
  const honest = await loadedKeyStore();
  const told = async (stored: StoredKey | undefined): Promise<unknown> =>
    stored?.label === label ? lie(stored, honest) : stored;
  const keyStore: KeyStore = {
    get: async (asked) => (await told(await honest.get(asked))) as StoredKey,
    list: async () => Promise.all((await honest.list()).map(told)) as Promise<StoredKey[]>,
    put: (key, expected) => honest.put(key, expected),
  };
  return { bench: await openBench({ keyStore }), honest };
}

const use = ({ hsm }: Bench) => refusalOf(() => hsm.tagRecords({ key: 'records', records: ['x'] }));
const info = ({ hsm }: Bench) => refusalOf(() => hsm.keyInfo('records'));
const list = ({ hsm }: Bench) => refusalOf(() => hsm.listKeys());

const changed = (text: string, at: number): string =>
  text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1);

/** The block of the label under a storage key, with other optional blocks. */
function forged(kbpk: Key<'K1'>, optionalBlocks: readonly { id: string; text: string }[]): string {
  const authority = createCapabilityAuthority({ now: () => 0 as never });
  const [attributes, size] = KEYS['records'] as (typeof KEYS)[string];
  return wrapKeyBlock(kbpk, namedKey('records', attributes, size), 'D', {
    purpose: 'storage',
    permit: authority.grant('store-key', 60),
    optionalBlocks,
  });
}

const LIES: { readonly [name: string]: (stored: StoredKey, all: KeyStore) => unknown } = {
  'the block of another label': async (stored, all) => ({
    ...stored,
    keyBlock: ((await all.get('index.1')) as StoredKey).keyBlock,
  }),
  'another label and its block': (_, all) => all.get('index.1'),
  'its block under another label': (stored) => ({ ...stored, label: 'index.1' }),
  'a block of another storage key': (stored) => ({
    ...stored,
    keyBlock: forged(namedKey('other storage', AES_KEK, 32) as Key<'K1'>, [{ id: 'LB', text: 'records' }]),
  }),
  'a block without label': (stored) => ({ ...stored, keyBlock: forged(storageKey(), []) }),
  'a block of another label under the right storage key': (stored) => ({
    ...stored,
    keyBlock: forged(storageKey(), [{ id: 'LB', text: 'Records' }]),
  }),
  'a changed usage': (stored) => ({ ...stored, keyBlock: stored.keyBlock.replace('M7HC', 'M6HC') }),
  'a changed first digit of the key': (stored) => ({
    ...stored,
    keyBlock: changed(stored.keyBlock, stored.keyBlock.length - 100),
  }),
  'a changed last digit': (stored) => ({
    ...stored,
    keyBlock: changed(stored.keyBlock, stored.keyBlock.length - 1),
  }),
  'half a block': (stored) => ({ ...stored, keyBlock: stored.keyBlock.slice(0, 60) }),
  garbage: (stored) => ({ ...stored, keyBlock: 'garbage' }),
  'a block with a line break': (stored) => ({ ...stored, keyBlock: `${stored.keyBlock}\n` }),
  'too long a block': (stored) => ({ ...stored, keyBlock: '0'.repeat(10_000) }),
  'no block': ({ label, revision }) => ({ label, revision }),
  'a block that is no text': (stored) => ({ ...stored, keyBlock: 5 }),
  'revision 0': (stored) => ({ ...stored, revision: 0 }),
  'a revision that is no number': (stored) => ({ ...stored, revision: '1' }),
  null: () => null,
  text: (stored) => stored.keyBlock,
  'a number': () => 5,
};

describe('a key store that answers with', () => {
  it.each(Object.entries(LIES))('%s is found', async (_, lie) => {
    const { bench } = await lying('records', lie);
    expect(
      [await use(bench), await info(bench), await list(bench)].filter((code) => code !== 'none'),
    ).toEqual(expect.arrayContaining(['ERR_STORE_CORRUPT', 'ERR_STORE_CORRUPT']));
    expect(await use(bench)).toBe('ERR_STORE_CORRUPT');
    // The other keys do not suffer.
    expect(await refusalOf(() => bench.hsm.tagRecords({ key: 'index.1', records: ['x'] }))).toBe('none');
  });

  it('a changed character anywhere in a block is found', async () => {
    let at = 0;
    const { bench, honest } = await lying('records', (stored) => ({
      ...stored,
      keyBlock: changed(stored.keyBlock, at),
    }));
    const { keyBlock } = (await honest.get('records')) as StoredKey;
    for (at = 0; at < keyBlock.length; at++)
      expect([at, await use(bench)]).toEqual([at, 'ERR_STORE_CORRUPT']);
  });

  it('nothing where there was a key gives ERR_NOT_FOUND; nothing left of a destroyed one, ERR_KEY_DESTROYED', async () => {
    const { bench } = await lying('records', () => undefined);
    expect([await use(bench), await info(bench)]).toEqual(['ERR_NOT_FOUND', 'ERR_NOT_FOUND']);
    const other = await lying('records', (stored) => ({ ...stored, keyBlock: '' }));
    expect(await use(other.bench)).toBe('ERR_KEY_DESTROYED');
  });

  it('a revision that is not the stored one cannot be built upon', async () => {
    const { bench } = await lying('records', (stored) => ({ ...stored, revision: 7 }));
    const permit = bench.permit('manage-keys');
    expect(await use(bench)).toBe('none');
    expect(await refusalOf(() => bench.hsm.retireKey({ label: 'records', permit }))).toBe('ERR_CONFLICT');
    expect(await refusalOf(() => bench.hsm.destroyKey({ label: 'records', permit }))).toBe('ERR_CONFLICT');
  });

  it('another answer to a write than done or stale is found, a list that is none too', async () => {
    const honest = await loadedKeyStore();
    for (const answer of [undefined, null, true, 'DONE', {}]) {
      const bench = await openBench({ keyStore: { ...honest, put: async () => answer as 'done' } });
      const permit = bench.permit('manage-keys');
      expect(await refusalOf(() => bench.hsm.retireKey({ label: 'cvk', permit }))).toBe('ERR_STORE_CORRUPT');
    }
    for (const answer of [undefined, null, {}, 'x', new Set()]) {
      const bench = await openBench({ keyStore: { ...honest, list: async () => answer as never } });
      expect(await list(bench)).toBe('ERR_STORE_CORRUPT');
    }
    const bench = await openBench({ keyStore: { ...honest, list: async () => [{ label: 'a b' }] as never } });
    expect(await list(bench)).toBe('ERR_STORE_CORRUPT');
  });
});

describe('a key store that fails', () => {
  const failing = async (names: readonly (keyof KeyStore)[]) => {
    const honest = await loadedKeyStore();
    let down = true;
    const of = (name: keyof KeyStore) =>
      (async (...args: never[]) => {
        if (down) throw new Error('disk on fire');
        return (honest[name] as (...args: never[]) => unknown)(...args);
      }) as never;
    const keyStore = { ...honest, ...Object.fromEntries(names.map((name) => [name, of(name)])) };
    return { bench: await openBench({ keyStore }), repair: () => (down = false) };
  };

  it('is said to, with its own error as the cause; and asked again once it is back', async () => {
    const { bench, repair } = await failing(['get', 'list', 'put']);
    expect([await use(bench), await info(bench), await list(bench)]).toEqual(
      new Array(3).fill('ERR_STORE_UNAVAILABLE'),
    );
    const error: unknown = await bench.hsm.keyInfo('records').catch((thrown: unknown) => thrown);
    expect((error as Error).cause).toMatchObject({ message: 'disk on fire' });
    repair();
    expect([await use(bench), await info(bench), await list(bench)]).toEqual(new Array(3).fill('none'));
  });

  it('keeps a key as it was where it cannot write', async () => {
    const { bench, repair } = await failing(['put']);
    const permit = bench.permit('manage-keys');
    const retire = () => refusalOf(() => bench.hsm.retireKey({ label: 'records', permit }));
    expect(await retire()).toBe('ERR_STORE_UNAVAILABLE');
    expect(await refusalOf(() => bench.hsm.destroyKey({ label: 'records', permit }))).toBe(
      'ERR_STORE_UNAVAILABLE',
    );
    expect(await use(bench)).toBe('none');
    repair();
    expect(await retire()).toBe('none');
  });

  it('by throwing at once is no different', async () => {
    const honest = await loadedKeyStore();
    const keyStore: KeyStore = {
      ...honest,
      get: () => {
        throw new Error('at once');
      },
    };
    expect(await use(await openBench({ keyStore }))).toBe('ERR_STORE_UNAVAILABLE');
  });
});

describe('an honest key store holds', () => {
  it('blocks of version D, bound to their labels and their state, and no byte of a clear key', async () => {
    const bench = await openBench();
    await bench.hsm.retireKey({ label: 'index.2', permit: bench.permit('manage-keys') });
    const all = await bench.keyStore.list();
    expect(all.map(({ label }) => label).sort()).toEqual(Object.keys(KEYS).sort());
    const text = JSON.stringify(all);
    for (const { label, keyBlock } of all) {
      const header = parseKeyBlockHeader(keyBlock);
      const [attributes] = KEYS[label] as (typeof KEYS)[string];
      expect(header).toMatchObject({ version: 'D', ...attributes });
      expect(header.optionalBlocks.find(({ id }) => id === 'LB')?.text).toBe(label);
      expect(header.optionalBlocks.some(({ id }) => id === '1S')).toBe(label === 'index.2');
    }
    const { exportClearKey } = await import('../../src/keys/clear.ts');
    const permit = bench.permit('export-clear-key');
    for (const [label, [attributes, size]] of Object.entries(KEYS)) {
      const bytes = Buffer.from(
        exportClearKey(namedKey(label, { ...attributes, exportability: 'E' }, size), permit),
      );
      for (let at = 0; at + 8 <= bytes.length; at += 4) {
        const piece = bytes.subarray(at, at + 8);
        for (const form of ['hex', 'base64', 'latin1'] as const)
          expect(text.toLowerCase().includes(piece.toString(form).toLowerCase()), label).toBe(false);
      }
    }
  });

  it('what another HSM opens, with the same storage key and none but it', async () => {
    const bench = await openBench();
    const [tag] = await bench.hsm.tagRecords({ key: 'records', records: ['x'] });
    const again = await openBench({ keyStore: bench.keyStore });
    expect(await again.hsm.tagRecords({ key: 'records', records: ['x'] })).toEqual([tag]);
    const stranger = await openBench({
      keyStore: bench.keyStore,
      storageKey: namedKey('stranger', AES_KEK, 32) as Key<'K1'>,
    });
    expect(await use(stranger)).toBe('ERR_STORE_CORRUPT');
  });
});

describe('an HSM is made', () => {
  const made = (more: object): string => {
    const clock = { now: () => 0 as never };
    const authority: CapabilityAuthority = createCapabilityAuthority(clock);
    try {
      createSoftHsm({
        storageKey: storageKey(),
        keyStore: createMemoryKeyStore(),
        authority,
        clock,
        ...more,
      });
      return 'none';
    } catch (error) {
      return (error as { readonly code: string }).code;
    }
  };

  it('over an AES key of 32 bytes that wraps, unwraps and never leaves', () => {
    const key = (more: object, size = 32) => ({ storageKey: namedKey('s', { ...AES_KEK, ...more }, size) });
    expect(made({})).toBe('none');
    expect(made(key({ mode: 'N' }))).toBe('none');
    expect(made(key({ mode: 'E' }))).toBe('ERR_KEY_MODE');
    expect(made(key({ mode: 'D' }))).toBe('ERR_KEY_MODE');
    expect(made(key({ usage: 'K0' }))).toBe('ERR_KEY_USAGE');
    expect(made(key({ algorithm: 'T' }, 24))).toBe('ERR_KEY_ALGORITHM');
    expect(made(key({}, 16))).toBe('ERR_KEY_LENGTH');
    expect(made(key({ exportability: 'E' }))).toBe('ERR_KEY_EXPORT');
    const destroyed = key({});
    destroyed.storageKey.destroy();
    expect(made(destroyed)).toBe('ERR_KEY_DESTROYED');
    expect(made({ audit: 'a hook' })).toBe('ERR_INPUT');
  });
});
