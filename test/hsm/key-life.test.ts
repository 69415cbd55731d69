/** The life of a key in an HSM: made or brought in, listed, retired, destroyed. */
import { describe, expect, it } from 'vitest';
import type { UnixSeconds } from '../../src/brand.ts';
import { randomSource } from '../../src/bytes/random.ts';
import type { KeyInfo } from '../../src/hsm/functions.ts';
import { createMemoryKeyStore } from '../../src/hsm/key-store.ts';
import { defineHsmPolicy } from '../../src/hsm/policy.ts';
import { Vault } from '../../src/hsm/vault.ts';
import type { Capability } from '../../src/keys/capability.ts';
import type { Key, KeyBytes } from '../../src/keys/key.ts';
import { wrapKeyBlock } from '../../src/keys/key-block.ts';
import { OPERATIONS, type Operation, POLICY } from '../../src/keys/policy.ts';
import { randomKey } from '../../src/keys/random-key.ts';
import type { KeyAttributes, ModeOfUse } from '../../src/keys/usage.ts';
import {
  type Bench,
  blockOf,
  bringKey,
  cardOf,
  faceOf,
  METHODS,
  openBench,
  panOf,
  partsOf,
  RANGE,
  refusalOf,
} from '../support/hsm.ts';
import { KEYS, keyOf, namedKey, START, storageKey, TOKENS } from '../support/world.ts';

const DATA: KeyAttributes = { usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'E' };
const KEK: KeyAttributes = { usage: 'K1', algorithm: 'T', mode: 'B', exportability: 'N' };

const manage = (bench: Bench): Capability => bench.permit('manage-keys', 'officer');

describe('a key is made', () => {
  it('of any algorithm and length, known by its attributes and KCV, and of no other label', async () => {
    const bench = await openBench({ empty: true });
    const made: KeyInfo[] = [];
    for (const [label, attributes, keyBytes] of [
      ['a', DATA, 32],
      ['b', { usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' }, 16],
      ['c', { usage: 'M7', algorithm: 'H', mode: 'C', exportability: 'N' }, 64],
    ] as const) {
      const info = await bench.hsm.generateKey({ label, attributes, keyBytes, permit: manage(bench) });
      expect(info).toMatchObject({ label, state: 'live', attributes, keyBytes });
      expect(info.kcv).toMatch(/^[0-9A-F]{6}$/);
      expect(await bench.hsm.keyInfo(label)).toEqual(info);
      made.push(info);
    }
    expect(await bench.hsm.listKeys()).toEqual(made);
    expect(new Set(made.map(({ kcv }) => kcv)).size).toBe(3);
  });

  it('at a label that was never used: not twice, and not after it was destroyed', async () => {
    const bench = await openBench({ empty: true });
    const make = (label: string) =>
      refusalOf(() =>
        bench.hsm.generateKey({ label, attributes: DATA, keyBytes: 32, permit: manage(bench) }),
      );
    expect(await make('one')).toBe('none');
    bench.random.drawn = 0;
    expect(await make('one')).toBe('ERR_EXISTS');
    expect(bench.random.drawn).toBe(0);
    await bench.hsm.destroyKey({ label: 'one', permit: manage(bench) });
    expect(await make('one')).toBe('ERR_EXISTS');
    // Two at once: the store lets one in.
    expect((await Promise.all([make('two'), make('two')])).sort()).toEqual(['ERR_EXISTS', 'none']);
    for (const label of ['', 'a b', 'x'.repeat(65), 'caf\u00e9', 'a*'])
      expect(await make(label)).toBe('ERR_INPUT');
  });

  it('of no length but those of its algorithm, and none that the policy finds too short', async () => {
    const policy = defineHsmPolicy({ minimumKeyBytes: { T: 24, A: 32, H: 48 } });
    const bench = await openBench({ empty: true, policy });
    const make = (algorithm: 'A' | 'T' | 'H', keyBytes: number) =>
      refusalOf(() =>
        bench.hsm.generateKey({
          label: `k.${algorithm}.${keyBytes}`,
          attributes: { usage: algorithm === 'H' ? 'M7' : 'D0', algorithm, mode: 'N', exportability: 'N' },
          keyBytes: keyBytes as 16,
          permit: manage(bench),
        }),
      );
    const answers = { T: [16, 24], A: [16, 24, 32], H: [16, 20, 24, 32, 48, 64] } as const;
    for (const [algorithm, lengths] of Object.entries(answers) as [keyof typeof answers, readonly number[]][])
      for (const keyBytes of lengths)
        expect([algorithm, keyBytes, await make(algorithm, keyBytes)]).toEqual([
          algorithm,
          keyBytes,
          keyBytes >= policy.minimumKeyBytes[algorithm] ? 'none' : 'ERR_POLICY',
        ]);
    expect(await make('A', 33)).toBe('ERR_KEY_LENGTH');
    // The same holds for keys that are brought.
    expect(await refusalOf(() => bringKey(bench, 'short', { ...DATA, algorithm: 'T' }, 16))).toBe(
      'ERR_POLICY',
    );
    expect(await refusalOf(() => bench.hsm.keyInfo('short'))).toBe('ERR_NOT_FOUND');
  });
});

describe('a key is imported', () => {
  it.each(['A', 'B', 'C', 'D'] as const)('in a key block of version %s', async (version) => {
    const bench = await openBench();
    const attributes = version === 'D' ? ({ ...KEK, algorithm: 'A' } as const) : KEK;
    const size = version === 'D' ? 32 : 24;
    await bringKey(bench, 'partner', attributes, size);
    const kbpk = namedKey('partner', attributes, size) as Key<'K1'>;
    const brought = namedKey('brought', { ...DATA, algorithm: 'T' }, 24);
    const keyBlock = wrapKeyBlock(kbpk, brought, version, { legacyVersion: 'allow' });
    const permit = manage(bench);
    const info = await bench.hsm.importKey({ label: 'brought', keyBlock, under: 'partner', permit });
    expect(info.kcv).toBe(brought.kcv);
    const last = keyBlock.at(-1) === '0' ? '1' : '0';
    const changed = keyBlock.slice(0, -1) + last;
    expect(
      await refusalOf(() => bench.hsm.importKey({ label: 'x', keyBlock: changed, under: 'partner', permit })),
    ).toBe('ERR_KEY_BLOCK_AUTH');
    expect(
      await refusalOf(() => bench.hsm.importKey({ label: 'brought', keyBlock, under: 'partner', permit })),
    ).toBe('ERR_EXISTS');
    expect(
      await refusalOf(() => bench.hsm.importKey({ label: 'x', keyBlock, under: 'emb.kek', permit })),
    ).toMatch(/^ERR_KEY_(ALGORITHM|BLOCK_AUTH)$/);
    expect(await refusalOf(() => bench.hsm.importKey({ label: 'x', keyBlock, under: 'cvk', permit }))).toBe(
      'ERR_KEY_USAGE',
    );
  });

  it('in components, each of another holder', async () => {
    const bench = await openBench();
    const parts = partsOf(bench, 'shared', DATA, 32, 3);
    const label = 'shared';
    const expectedKcv = namedKey('shared', DATA, 32).kcv;
    const bring = (components: readonly unknown[], more: object = {}) =>
      refusalOf(() =>
        bench.hsm.importComponents({
          label,
          attributes: DATA,
          components: components as never,
          permit: manage(bench),
          ...more,
        }),
      );
    const [first, second, third] = parts as [(typeof parts)[0], (typeof parts)[0], (typeof parts)[0]];
    expect(await bring([first, { ...second, permit: first.permit }, third])).toBe('ERR_POLICY');
    expect(
      await bring([first, second, { ...third, permit: bench.permit('load-component', 'custodian-0') }]),
    ).toBe('ERR_POLICY');
    expect(await bring([first, second, { ...third, permit: bench.permit('load-component') }])).toBe(
      'ERR_POLICY',
    );
    expect(await bring([first, second, { ...third, permit: undefined }])).toBe('ERR_POLICY');
    expect(await bring([first, second, { ...third, permit: manage(bench) }])).toBe('ERR_POLICY');
    expect(await bring([first])).toBe('ERR_KEY_COMPONENT');
    expect(await bring([])).toBe('ERR_KEY_COMPONENT');
    expect(await bring(new Array(10).fill(first))).toBe('ERR_KEY_COMPONENT');
    expect(await bring([first, second, { ...third, kcv: first.kcv }])).toBe('ERR_KEY_COMPONENT');
    expect(await bring([first, second, null])).toBe('ERR_INPUT');
    expect(await bring(parts, { expectedKcv: '000000' })).toBe('ERR_KEY_KCV');
    const strangers = await openBench({ empty: true });
    const stranger = strangers.permit('load-component', 'custodian-2');
    expect(await bring([first, second, { ...third, permit: stranger }])).toBe('ERR_POLICY');
    bench.clock.at += 901;
    expect(await bring(parts)).toBe('ERR_POLICY');
    bench.clock.at -= 900;
    // Once seen expired, a permission stays so.
    expect(await bring(parts)).toBe('ERR_POLICY');
    const fresh = partsOf(bench, 'shared', DATA, 32, 3);
    expect(await bring(fresh, { expectedKcv })).toBe('none');
    expect(await bring(fresh)).toBe('ERR_EXISTS');
    expect((await bench.hsm.keyInfo(label)).kcv).toBe(expectedKcv);
  });
});

describe('KM-14 a key is retired', () => {
  const retired = async (label: string): Promise<Bench> => {
    const bench = await openBench();
    expect(await bench.hsm.retireKey({ label, permit: manage(bench) })).toMatchObject({ state: 'retired' });
    return bench;
  };
  const pan = panOf(1);
  const card = cardOf(pan);
  const pek = 'atm.pek';

  it('and verifies and opens, but makes nothing new, here and where it is read again', async () => {
    const first = await openBench();
    const pin = await first.hsm.drawPin({ card, method: METHODS.pvv });
    const tags = await first.hsm.tagRecords({ key: 'records', records: ['r'] });
    for (const label of ['cvk', 'pvk', 'pins', 'records', 'tokens', 'atm.codes'])
      await first.hsm.retireKey({ label, permit: manage(first) });
    const again = await openBench({ keyStore: first.keyStore });
    for (const { hsm, permit } of [first, again]) {
      const verifies = await hsm.prepareVerifyPin({
        card,
        method: METHODS.pvv,
        pin,
        pek,
        block: blockOf(pan, '0000'),
      });
      expect(typeof (await verifies())).toBe('boolean');
      expect(await (await hsm.prepareVerifyCvv2({ ...faceOf(card), candidate: '000' }))()).toBeTypeOf(
        'boolean',
      );
      expect(await hsm.verifyRecords({ key: 'records', records: ['r'], tags })).toBe(true);
      expect(await hsm.revealPan({ card, permit: permit('reveal-pan') })).toBe(pan);
      expect(await refusalOf(() => hsm.tagRecords({ key: 'records', records: ['r'] }))).toBe(
        'ERR_KEY_RETIRED',
      );
      expect(await refusalOf(() => hsm.drawPin({ card, method: METHODS.pvv }))).toBe('ERR_KEY_RETIRED');
      expect(await refusalOf(() => hsm.cardCodes({ ...faceOf(card), under: 'atm.codes' }))).toBe(
        'ERR_KEY_RETIRED',
      );
      expect(await refusalOf(() => hsm.revealCvv2({ ...faceOf(card), permit: permit('reveal-cvv2') }))).toBe(
        'ERR_KEY_RETIRED',
      );
    }
  });

  it('and of all operations keeps those that verify, open, or look up what was made', async () => {
    const clock = { now: () => START as UnixSeconds };
    const vault = new Vault(storageKey(), createMemoryKeyStore(), clock, randomSource(undefined));
    const answers = new Map<Operation, string>();
    // No function of an HSM offers the others.
    const offered = OPERATIONS.filter((operation) => !/Ff1|Legacy/.test(operation));
    for (const operation of offered) {
      const { usage, algorithm, modes, keyBytes } = POLICY[operation][0];
      const attributes = { usage, algorithm, mode: modes[0] as ModeOfUse, exportability: 'N' } as const;
      const key = randomKey(attributes, keyBytes[0] as KeyBytes);
      await vault.keep(`live.${operation}`, key, false, 0);
      expect(await refusalOf(() => vault.use(`live.${operation}`, operation))).toBe('none');
      await vault.keep(`retired.${operation}`, key, true, 0);
      answers.set(operation, await refusalOf(() => vault.use(`retired.${operation}`, operation)));
    }
    expect(new Set(answers.values())).toEqual(new Set(['none', 'ERR_KEY_RETIRED']));
    const kept = offered.filter((operation) => answers.get(operation) === 'none');
    // The token and the index of a card that exists are looked up; for a new card both are refused elsewhere.
    const expected = /^(verify|decrypt|open|unwrap|detokenize|tokenizePan$|indexPan$)/;
    expect(kept).toEqual(offered.filter((operation) => expected.test(operation)));
  });

  it('and draws no PAN, neither as the key of a range nor of tokens nor of an index', async () => {
    for (const label of ['sequence.visa', 'tokens', 'index.1']) {
      const { hsm } = await retired(label);
      const asked = { domain: TOKENS, key: 'sequence.visa', range: RANGE, n: 0, indexKeys: ['index.1'] };
      expect([label, await refusalOf(() => hsm.drawPan(asked))]).toEqual([label, 'ERR_KEY_RETIRED']);
    }
  });

  it('once', async () => {
    const bench = await retired('cvk');
    expect(await refusalOf(() => bench.hsm.retireKey({ label: 'cvk', permit: manage(bench) }))).toBe(
      'ERR_KEY_RETIRED',
    );
    expect(await bench.hsm.keyInfo('cvk')).toMatchObject({ state: 'retired', kcv: keyOf('cvk').kcv });
    const retiredOnes = (await bench.hsm.listKeys()).filter(({ state }) => state === 'retired');
    expect(retiredOnes.map(({ label }) => label)).toEqual(['cvk']);
    expect(await refusalOf(() => bench.hsm.retireKey({ label: 'nowhere', permit: manage(bench) }))).toBe(
      'ERR_NOT_FOUND',
    );
  });

  it('a change that another HSM was faster with is a conflict, and then known', async () => {
    const bench = await openBench();
    const other = await openBench({ keyStore: bench.keyStore });
    await bench.hsm.requireDistinctKeys(['cvk']);
    await other.hsm.retireKey({ label: 'cvk', permit: manage(other) });
    const retire = () => bench.hsm.retireKey({ label: 'cvk', permit: manage(bench) });
    expect(await refusalOf(retire)).toBe('ERR_CONFLICT');
    expect(await refusalOf(retire)).toBe('ERR_KEY_RETIRED');
  });
});

describe('a key is destroyed', () => {
  it('for good: it does nothing, is listed as such, and keeps its label', async () => {
    const bench = await openBench();
    const permit = manage(bench);
    const [pan, label] = [panOf(2), 'cvk'];
    const compare = await bench.hsm.prepareVerifyCvv2({ ...faceOf(cardOf(pan)), candidate: '000' });
    expect(await bench.hsm.destroyKey({ label, permit })).toEqual({ label, state: 'destroyed' });
    // Also where it was held already.
    expect(await refusalOf(compare)).toBe('ERR_KEY_DESTROYED');
    expect(await refusalOf(() => bench.hsm.cardCodes({ ...faceOf(cardOf(pan)), under: 'atm.codes' }))).toBe(
      'ERR_KEY_DESTROYED',
    );
    expect(await bench.hsm.keyInfo(label)).toEqual({ label, state: 'destroyed' });
    expect((await bench.hsm.listKeys()).find((key) => key.label === label)).toEqual({
      label,
      state: 'destroyed',
    });
    for (const act of [
      () => bench.hsm.destroyKey({ label, permit }),
      () => bench.hsm.retireKey({ label, permit }),
      () => bench.hsm.exportKey({ label, under: 'atm.kek', version: 'D', permit }),
      () => bench.hsm.requireDistinctKeys([label]),
    ])
      expect(await refusalOf(act)).toBe('ERR_KEY_DESTROYED');
    expect(await refusalOf(() => bringKey(bench, label, DATA, 32))).toBe('ERR_EXISTS');
    expect(await bench.keyStore.get(label)).toMatchObject({ keyBlock: '', revision: 2 });
  });

  it('a label without key has none to destroy, and a key may be destroyed unread or unreadable', async () => {
    const bench = await openBench();
    const permit = manage(bench);
    expect(await refusalOf(() => bench.hsm.destroyKey({ label: 'nowhere', permit }))).toBe('ERR_NOT_FOUND');
    await bench.hsm.destroyKey({ label: 'pvk', permit });
    const stored = (await bench.keyStore.get('seal')) as {
      label: string;
      revision: number;
      keyBlock: string;
    };
    await bench.keyStore.put({ ...stored, keyBlock: 'D0000', revision: 2 }, 1);
    expect(await refusalOf(() => bench.hsm.keyInfo('seal'))).toBe('ERR_STORE_CORRUPT');
    await bench.hsm.destroyKey({ label: 'seal', permit });
    expect(await bench.hsm.keyInfo('seal')).toEqual({ label: 'seal', state: 'destroyed' });
  });
});

describe('what tells of keys', () => {
  it('keyInfo says what the store says now, and what somebody else ended is let go', async () => {
    const bench = await openBench();
    const other = await openBench({ keyStore: bench.keyStore });
    const [first, card] = [{ key: 'records', records: ['r'] }, cardOf(panOf(3))];
    await bench.hsm.tagRecords(first);
    await other.hsm.retireKey({ label: 'records', permit: manage(other) });
    expect(await bench.hsm.keyInfo('records')).toMatchObject({ state: 'retired' });
    expect(await refusalOf(() => bench.hsm.tagRecords(first))).toBe('ERR_KEY_RETIRED');
    await bench.hsm.cardCodes({ ...faceOf(card), under: 'atm.codes' });
    await other.hsm.destroyKey({ label: 'cvk', permit: manage(other) });
    expect(await bench.hsm.keyInfo('cvk')).toEqual({ label: 'cvk', state: 'destroyed' });
    expect(await refusalOf(() => bench.hsm.cardCodes({ ...faceOf(card), under: 'atm.codes' }))).toBe(
      'ERR_KEY_DESTROYED',
    );
  });

  it('requireDistinctKeys refuses two labels of one key', async () => {
    const bench = await openBench();
    await bench.hsm.requireDistinctKeys(['cvk', 'pvk', 'csck']);
    const [attributes, size] = KEYS['cvk'] as readonly [KeyAttributes, number];
    const parts = partsOf(bench, 'cvk', attributes, size);
    await bench.hsm.importComponents({
      label: 'twin',
      attributes,
      components: parts,
      permit: manage(bench),
    });
    expect(await refusalOf(() => bench.hsm.requireDistinctKeys(['cvk', 'pvk', 'twin']))).toBe('ERR_POLICY');
    expect(await refusalOf(() => bench.hsm.requireDistinctKeys(['cvk', 'cvk']))).toBe('ERR_POLICY');
  });

  it('authorize says of a capability whether it is live, of the scope, and of this authority', async () => {
    const bench = await openBench({ empty: true });
    const stranger = await openBench({ empty: true });
    await bench.hsm.authorize(bench.permit('set-pin'), 'set-pin');
    for (const [permit, scope] of [
      [bench.permit('set-pin'), 'issuance'],
      [stranger.permit('set-pin'), 'set-pin'],
      [undefined, 'set-pin'],
    ] as const)
      expect(await refusalOf(() => bench.hsm.authorize(permit as Capability, scope))).toBe('ERR_POLICY');
    expect(await refusalOf(() => bench.hsm.authorize(bench.permit('set-pin'), 'x' as 'set-pin'))).toBe(
      'ERR_INPUT',
    );
  });
});
