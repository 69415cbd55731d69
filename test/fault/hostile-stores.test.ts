/**
 * Stores that lie. Whatever one answers: nothing is verified that is not right, every refusal has a code, and no
 * PIN is looked at more often than the limit says, as far as the answers of a store can tell. What cannot be told
 * without a memory outside the store, an anchor, is said here by name.
 */
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ErrorCode, PaymentCryptoError } from '../../src/error.ts';
import { type Anchor, createMemoryAnchor, createStoreAnchor } from '../../src/store/anchor.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Store, StoreRecord } from '../../src/store/port.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { createFailPoints } from '../support/failpoints.ts';
import { tell } from '../support/fault.ts';
import { activeCard, openFaultWorld, standingAccount } from '../support/shared-stores.ts';
import { databasePath, libsqlClient } from '../support/stores.ts';

const RIGHT = '4071';
const WRONG = '4072';
const LIMIT = 3;
const GUESSES = 5;

/** What an operation on a store that lies may be refused with. */
const REFUSALS: readonly ErrorCode[] = [
  'ERR_STORE_CORRUPT',
  'ERR_STORE_UNAVAILABLE',
  'ERR_STORE_ROLLBACK',
  'ERR_CONFLICT',
  'ERR_NOT_FOUND',
  'ERR_ACCOUNT',
  'ERR_REQUEST_MISMATCH',
];

/** A lie: how a store answers otherwise than the sound one behind it. */
interface Lie {
  readonly name: string;
  tell(sound: Store, cards: { readonly one: string; readonly other: string }): Partial<Store>;
  /** What the right PIN may come to. */
  readonly right: readonly string[];
  /** Whether guesses are free, since nothing in the answers gives it away: only an anchor does. */
  readonly free?: true;
  /** Whether an operation goes through all its rounds before it gives up, which takes a second. */
  readonly long?: true;
}

const CORRUPT = ['ERR_STORE_CORRUPT'];
const UNAVAILABLE = ['ERR_STORE_UNAVAILABLE'];

const isCard = (kind: string): boolean => kind === 'card';

/** Alters the records of cards that are read. */
const altering =
  (alter: (record: StoreRecord, sound: Store) => unknown): Lie['tell'] =>
  (sound) => ({
    async get(kind, id) {
      const record = await sound.get(kind, id);
      return (isCard(kind) && record !== undefined ? await alter(record, sound) : record) as never;
    },
  });

/** Answers a commit that changes cards otherwise. */
const committing =
  (answer: (sound: Store, changes: Parameters<Store['commit']>[0], nth: number) => unknown): Lie['tell'] =>
  (sound) => {
    let nth = 0;
    return {
      commit: async (changes) =>
        (changes.some(({ record }) => isCard(record.kind))
          ? await answer(sound, changes, ++nth)
          : await sound.commit(changes)) as never,
    };
  };

const throwing = (thrown: unknown): Lie['tell'] =>
  committing(() => {
    throw thrown;
  });

/** The digits of a body moved on, so that counters and expiries are others. */
const moved = (body: string): string => body.replace(/[0-9]/g, (digit) => String((Number(digit) + 1) % 10));

const LIES: readonly Lie[] = [
  {
    name: 'says done and did not write',
    tell: committing(() => 'done'),
    right: CORRUPT,
    free: true,
  },
  {
    name: 'writes and says stale',
    tell: committing(async (sound, changes) => {
      await sound.commit(changes);
      return 'stale';
    }),
    right: ['blocked'],
  },
  {
    name: 'writes every second time and says done',
    tell: committing((sound, changes, nth) => (nth % 2 === 0 ? sound.commit(changes) : 'done')),
    // A success that was not written is none of the guesser's: the tries before it stay as they are.
    right: [...CORRUPT, 'blocked', 'verified'],
    free: true,
  },
  {
    name: 'writes and loses the answer',
    tell: committing(async (sound, changes) => {
      await sound.commit(changes);
      throw new Error('connection reset');
    }),
    right: [...UNAVAILABLE, 'blocked'],
  },
  {
    name: 'loses every second answer after writing',
    tell: committing(async (sound, changes, nth) => {
      const answer = await sound.commit(changes);
      if (nth % 2 === 0) throw new Error('connection reset');
      return answer;
    }),
    right: [...UNAVAILABLE, 'blocked', 'verified'],
  },
  { name: 'always says stale', tell: committing(() => 'stale'), right: ['ERR_CONFLICT'], long: true },
  { name: 'always says taken', tell: committing(() => 'taken'), right: ['ERR_CONFLICT'], long: true },
  { name: 'answers a commit with nothing', tell: committing(() => undefined), right: CORRUPT },
  { name: 'answers a commit with true', tell: committing(() => true), right: CORRUPT },
  { name: 'answers a commit with Done', tell: committing(() => 'Done'), right: CORRUPT },
  {
    name: 'answers a commit with an object that reads done',
    tell: committing(() => ({ toString: () => 'done', valueOf: () => 'done' })),
    right: CORRUPT,
  },
  {
    name: 'undoes each commit as soon as it has answered',
    tell: (sound, { one }) => {
      const first = sound.get('card', one);
      return {
        commit: async () => 'done',
        get: async (kind, id) => (id === one ? first : sound.get(kind, id)),
      };
    },
    right: CORRUPT,
    free: true,
  },
  {
    name: 'answers with the record of another card',
    tell: (sound, { one, other }) => ({ get: (kind, id) => sound.get(kind, id === one ? other : id) }),
    right: CORRUPT,
  },
  {
    name: 'swaps the contents of two cards',
    tell: (sound, { one, other }) => ({
      async get(kind, id) {
        const record = await sound.get(kind, id);
        if (id !== one || record === undefined) return record;
        return { ...((await sound.get(kind, other)) as StoreRecord), id: one };
      },
    }),
    right: CORRUPT,
  },
  {
    name: 'answers for another kind',
    tell: altering((record) => ({ ...record, kind: 'batch' })),
    right: CORRUPT,
  },
  { name: 'alters a tag', tell: altering((r) => ({ ...r, tag: moved(r.tag) })), right: CORRUPT },
  { name: 'drops the tag', tell: altering((r) => ({ ...r, tag: '' })), right: CORRUPT },
  { name: 'alters a body', tell: altering((r) => ({ ...r, body: moved(r.body) })), right: CORRUPT },
  { name: 'empties a body', tell: altering((r) => ({ ...r, body: '' })), right: CORRUPT },
  {
    name: 'clears the tries in a body',
    tell: altering((r) => ({ ...r, body: r.body.replace(/"tries":\[\[[^\]]*\]/, '"tries":[[3,0,0,0]') })),
    right: [...CORRUPT, 'verified'],
  },
  {
    name: 'alters the revision',
    tell: altering((r) => ({ ...r, revision: r.revision + 1 })),
    right: CORRUPT,
  },
  { name: 'drops the unique values', tell: altering((r) => ({ ...r, unique: [] })), right: CORRUPT },
  {
    name: 'adds a unique value',
    tell: altering((r) => ({ ...r, unique: [...r.unique, 'x'] })),
    right: CORRUPT,
  },
  { name: 'answers null', tell: altering(() => null), right: CORRUPT },
  { name: 'answers a text', tell: altering((r) => JSON.stringify(r)), right: CORRUPT },
  { name: 'answers a list', tell: altering((r) => [r]), right: CORRUPT },
  {
    name: 'answers numbers as texts',
    tell: altering((r) => ({ ...r, revision: `${r.revision}` })),
    right: CORRUPT,
  },
  {
    name: 'answers a revision that is none',
    tell: altering((r) => ({ ...r, revision: Number.NaN })),
    right: CORRUPT,
  },
  {
    name: 'answers a body of bytes',
    tell: altering((r) => ({ ...r, body: new Uint8Array(8) })),
    right: CORRUPT,
  },
  {
    name: 'answers a body without end',
    tell: altering((r) => ({ ...r, body: r.body + ' '.repeat(70_000) })),
    right: CORRUPT,
  },
  {
    name: 'answers differently each time a property is looked at',
    tell: altering((r) => {
      let looks = 0;
      return {
        ...r,
        get body() {
          return looks++ === 0 ? r.body : moved(r.body);
        },
      };
    }),
    // Each property is read once.
    right: ['verified', 'blocked'],
  },
  {
    name: 'throws when a property is looked at',
    tell: altering((r) => ({
      ...r,
      get tag(): string {
        throw new Error('no');
      },
    })),
    right: UNAVAILABLE,
  },
  {
    name: 'deletes rows',
    tell: (sound) => ({ get: async (kind, id) => (isCard(kind) ? undefined : sound.get(kind, id)) }),
    right: ['ERR_NOT_FOUND'],
  },
  {
    name: 'throws at once instead of rejecting',
    tell: () => ({
      get: () => {
        throw new Error('closed');
      },
    }),
    right: UNAVAILABLE,
  },
  { name: 'throws nothing', tell: throwing(undefined), right: UNAVAILABLE },
  { name: 'throws null', tell: throwing(null), right: UNAVAILABLE },
  { name: 'throws a text', tell: throwing('done'), right: UNAVAILABLE },
  { name: 'throws a number', tell: throwing(0), right: UNAVAILABLE },
  {
    name: 'throws an error of ours that is not the business of a store',
    tell: throwing(new PaymentCryptoError('ERR_POLICY', 'pin', 'not yours')),
    right: UNAVAILABLE,
  },
  {
    name: 'fails once the try is taken',
    tell: (sound) => {
      let commits = 0;
      return {
        async commit(changes) {
          commits++;
          return sound.commit(changes);
        },
        async get(kind, id) {
          if (commits > 0 && isCard(kind)) {
            commits = 0;
            throw new Error('gone');
          }
          return sound.get(kind, id);
        },
      };
    },
    right: [...UNAVAILABLE, 'blocked'],
  },
];

/** What is asked of an issuer on the store, and what came of each. */
async function attacked(lie: Lie, anchor: Anchor | undefined) {
  const sound = createMemoryStore();
  const points = createFailPoints();
  const before = await openFaultWorld({ store: sound, ...(anchor && { anchor }) });
  const account = await standingAccount(before);
  const [one, other] = [await activeCard(before, 'three', RIGHT), await activeCard(before, 'three', RIGHT)];
  const store: Store = { ...sound, ...lie.tell(sound, { one, other }) };
  const world = await openFaultWorld({ store, hsm: points.hsm, ...(anchor && { anchor }) });
  const blocks = { right: await before.block(one, RIGHT), wrong: await before.block(one, WRONG) };
  const { cvv2 } = await before.issuer.revealCvv2({ token: one, permit: before.permit('reveal-cvv2') });
  const wrongCode = String((Number(cvv2) + 1) % 1000).padStart(3, '0');
  const untyped: unknown[] = [];
  const outcomeOf = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      (result) => (result as { outcome?: string }).outcome ?? 'done',
      (error) => {
        if (error instanceof PaymentCryptoError && REFUSALS.includes(error.code)) return error.code;
        untyped.push(error);
        return 'untyped';
      },
    );
  const trying = (block: typeof blocks.right): Promise<string> =>
    outcomeOf(world.issuer.validatePin({ token: one, client: 'ATM', block }));
  const wrong: string[] = [];
  for (let i = 0; i < (lie.long ? 1 : GUESSES); i++) wrong.push(await trying(blocks.wrong));
  const guesses = points.evaluations;
  const fresh = createFailPoints();
  const again = await openFaultWorld({ store, hsm: fresh.hsm, ...(anchor && { anchor }) });
  const right = await outcomeOf(again.issuer.validatePin({ token: one, client: 'ATM', block: blocks.right }));
  const beside = lie.long
    ? []
    : [
        await outcomeOf(world.issuer.validateCvv2({ token: one, candidate: wrongCode })),
        await outcomeOf(world.issuer.cardStatus({ token: one })),
        await outcomeOf(world.issuer.addCard({ requestId: 'another', product: 'classic', account })),
      ];
  // How the card really stands.
  const { tries } = await before.issuer.pinTries({ token: one }).catch(() => ({ tries: -1 }));
  return { wrong, right, beside, guesses, tries, untyped };
}

describe('CT-12 A store that', () => {
  const seen: { [outcome: string]: number } = {};

  it.each(LIES)(
    '$name is not believed',
    async (lie) => {
      for (const anchor of lie.long ? [undefined] : [undefined, createMemoryAnchor()]) {
        const { wrong, right, guesses, untyped, beside } = await attacked(lie, anchor);
        expect(untyped).toEqual([]);
        expect(wrong).not.toContain('verified');
        const may = anchor === undefined ? lie.right : [...lie.right, 'ERR_STORE_ROLLBACK'];
        expect(may).toContain(right);
        if (anchor !== undefined || lie.free === undefined) expect(guesses).toBeLessThanOrEqual(LIMIT);
        // Beside the PIN nothing is verified either; a wrong code was asked about.
        expect(beside[0]).not.toBe('verified');
        seen[right] = (seen[right] ?? 0) + 1;
      }
    },
    60_000,
  );

  it('never answers gets no verdict, and holds up nobody else', async () => {
    const sound = createMemoryStore();
    const points = createFailPoints();
    const before = await openFaultWorld({ store: sound });
    const [one, other] = [await activeCard(before, 'three', RIGHT), await activeCard(before, 'three', RIGHT)];
    const store: Store = {
      ...sound,
      get: (kind, id) => (id === one ? new Promise<never>(() => undefined) : sound.get(kind, id)),
    };
    const { issuer } = await openFaultWorld({ store, hsm: points.hsm });
    const block = await before.block(one, RIGHT);
    const verdict = issuer.validatePin({ token: one, client: 'ATM', block });
    const late = new Promise((resolve) => setTimeout(() => resolve('nothing'), 100));
    const answered = await issuer.validatePin({
      token: other,
      client: 'ATM',
      block: await before.block(other, RIGHT),
    });
    expect(answered.outcome).toBe('verified');
    expect(await Promise.race([verdict, late])).toBe('nothing');
    expect(points.evaluations).toBe(1);
  });

  it.each([
    ['reorders a page', (page: readonly StoreRecord[]) => [...page].reverse()],
    ['repeats a row', (page: readonly StoreRecord[]) => page.flatMap((row) => [row, row])],
    ['answers more than was asked for', (page: readonly StoreRecord[]) => [...page, ...page]],
    [
      'answers rows of another kind',
      (page: readonly StoreRecord[]) => page.map((r) => ({ ...r, kind: 'x' })),
    ],
    [
      'answers altered rows',
      (page: readonly StoreRecord[]) => page.map((r) => ({ ...r, body: moved(r.body) })),
    ],
    ['answers a page that is no list', (page: readonly StoreRecord[]) => ({ ...page, length: page.length })],
    ['answers a list of nothing', (page: readonly StoreRecord[]) => page.map(() => undefined)],
  ])('%s is not believed', async (_, lie) => {
    const sound = createMemoryStore();
    const before = await openFaultWorld({ store: sound });
    const account = await standingAccount(before);
    for (let i = 0; i < 3; i++)
      await before.issuer.addCard({ requestId: `paged.${i}`, product: 'classic', account });
    const store: Store = { ...sound, find: async (query) => lie(await sound.find(query)) as never };
    const { issuer } = await openFaultWorld({ store });
    await expect(issuer.reindexCards({ limit: 3 })).rejects.toMatchObject({ code: 'ERR_STORE_CORRUPT' });
  });

  it('lied in as many ways as were promised', () => {
    tell('hostile stores', { lies: LIES.length + 9, believed: 0 }, seen);
    expect(LIES.length).toBeGreaterThanOrEqual(30);
    expect(Object.keys(seen).length).toBeGreaterThanOrEqual(6);
  });
});

describe('What the answers of a store cannot tell', () => {
  const free = LIES.filter((lie) => lie.free);

  it.each(free)('a store that $name gives guesses away, without an anchor', async (lie) => {
    const { guesses, wrong } = await attacked(lie, undefined);
    expect(guesses).toBeGreaterThan(LIMIT);
    expect(wrong).toContain('rejected');
  });

  it('a store that loses a new card loses it whole: nothing can be verified on it', async () => {
    const sound = createMemoryStore();
    const before = await openFaultWorld({ store: sound });
    const account = await standingAccount(before);
    const { issuer } = await openFaultWorld({ store: { ...sound, commit: async () => 'done' } });
    const { card } = await issuer.addCard({ requestId: 'lost', product: 'classic', account });
    await expect(issuer.activateCard({ token: card.token })).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' });
  });
});

/** A copy of a database: what backups are. */
function copied(path: string, to: string): void {
  for (const end of ['', '-wal', '-shm']) {
    rmSync(to + end, { force: true });
    if (existsSync(path + end)) copyFileSync(path + end, to + end);
  }
}

describe('CT-06 A backup that is put back after three wrong PINs', () => {
  async function restored(
    anchor: Anchor | undefined,
  ): Promise<{ before: string; after: string; tries: string }> {
    const [path, backup] = [databasePath(), databasePath()];
    const options = anchor === undefined ? {} : { anchor };
    let client = libsqlClient(path);
    const world = await openFaultWorld({ store: createSqliteStore(client), ...options });
    const token = await activeCard(world, 'three', RIGHT);
    const [right, wrong] = [await world.block(token, RIGHT), await world.block(token, WRONG)];
    copied(path, backup);
    for (let i = 0; i < LIMIT; i++) await world.issuer.validatePin({ token, client: 'ATM', block: wrong });
    const before = await world.issuer.validatePin({ token, client: 'ATM', block: right });
    client.close();
    copied(backup, path);
    client = libsqlClient(path);
    const { issuer } = await openFaultWorld({ store: createSqliteStore(client), ...options });
    const codeOf = (error: { code: string }): string => error.code;
    const tries = await issuer.pinTries({ token }).then(({ tries }) => `${tries}`, codeOf);
    const after = await issuer
      .validatePin({ token, client: 'ATM', block: right })
      .then(({ outcome }) => outcome, codeOf);
    client.close();
    return { before: before.outcome, after, tries };
  }

  it('is found by an anchor in memory, or in another file', async () => {
    const other = libsqlClient(databasePath());
    for (const anchor of [createMemoryAnchor(), createStoreAnchor(createSqliteStore(other))])
      expect(await restored(anchor)).toEqual({
        before: 'blocked',
        after: 'ERR_STORE_ROLLBACK',
        tries: 'ERR_STORE_ROLLBACK',
      });
    other.close();
    tell('backup put back', { withAnchor: 'found', without: 'not found' });
  });

  it('is not found without an anchor: the tries are those of the backup', async () => {
    expect(await restored(undefined)).toEqual({ before: 'blocked', after: 'verified', tries: '0' });
  });
});
