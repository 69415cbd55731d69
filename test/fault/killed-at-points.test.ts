/**
 * `kill -9` at the places where it could do harm: before a commit, within its transaction, after it and before the
 * answer; after a try was taken, after the comparison. Nothing is half done, what was asked for can be asked for
 * again, and whoever guesses gains nothing: a try whose process died stays paid.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { PanToken } from '../../src/brand.ts';
import { exportFileSink, verifyExportFile } from '../../src/node/export-file.ts';
import type { FailPoint } from '../support/failpoints.ts';
import { Ended, startIssuer, tell, times, within } from '../support/fault.ts';
import {
  activeCard,
  dynamicCode,
  openFaultWorld,
  openStore,
  sharedKinds,
  standingAccount,
} from '../support/shared-stores.ts';
import type { World } from '../support/world.ts';
import type { StoreAddress, Task } from './programs/issuer.ts';

const folder = mkdtempSync(join(tmpdir(), 'cardwright-points-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RIGHT = '4071';
const WRONG = '4072';
const NEW = '8365';

/** A place, what is under way there, and what must be found afterwards. */
interface Case {
  readonly name: string;
  readonly point: FailPoint;
  readonly nth: number;
  /** What only a database with transactions of several statements has. */
  readonly only?: 'SQLite';
  /** Gets a world and returns the task, and the check with the number of comparisons that were begun. */
  prepare(world: World): Promise<{ readonly task: Task; check(compared: number): Promise<void> }>;
}

async function outcomeOf(world: World, token: PanToken, pin: string): Promise<string> {
  const block = await world.block(token, pin);
  return (await world.issuer.validatePin({ token, client: 'ATM', block })).outcome;
}

const adding =
  (made: boolean): Case['prepare'] =>
  async (world) => {
    const account = await standingAccount(world);
    const prefix = randomUUID();
    const requestId = `${prefix}.0`;
    return {
      task: { do: 'issue', prefix, lanes: 1, count: 1, product: 'classic', account },
      async check() {
        const [before] = await world.store.find({ unique: `request/${requestId}` });
        expect(before !== undefined).toBe(made);
        const { card } = await world.issuer.addCard({ requestId, product: 'classic', account });
        if (made) expect(card.token).toBe(before?.id);
        expect((await world.issuer.cardStatus({ token: card.token })).state).toBe('inactive');
      },
    };
  };

/** A PIN that was tried: how many tries are paid, and how many comparisons were begun. */
const trying =
  (pin: string, paid: number, begun: number): Case['prepare'] =>
  async (world) => {
    const token = await activeCard(world, 'three', RIGHT);
    const block = await world.block(token, pin);
    return {
      task: { do: 'validatePin', token, block, times: 1 },
      async check(compared) {
        expect(compared).toBe(begun);
        expect((await world.issuer.pinTries({ token })).tries).toBe(paid);
        expect(paid === 0 && compared > 0 && pin === WRONG).toBe(false);
        expect(await outcomeOf(world, token, RIGHT)).toBe('verified');
        expect((await world.issuer.pinTries({ token })).tries).toBe(0);
      },
    };
  };

const changing =
  (changed: boolean): Case['prepare'] =>
  async (world) => {
    const token = await activeCard(world, 'three', RIGHT);
    const [current, requested] = [await world.block(token, RIGHT), await world.block(token, NEW)];
    return {
      task: { do: 'changePin', token, current, requested },
      async check() {
        expect((await world.issuer.pinTries({ token })).tries).toBe(changed ? 0 : 1);
        expect(await outcomeOf(world, token, changed ? RIGHT : NEW)).toBe('rejected');
        expect(await outcomeOf(world, token, changed ? NEW : RIGHT)).toBe('verified');
      },
    };
  };

const replacing =
  (replaced: boolean): Case['prepare'] =>
  async (world) => {
    const token = await activeCard(world, 'three', RIGHT);
    const requestId = randomUUID();
    return {
      task: { do: 'reissueCard', token, requestId },
      async check() {
        const [made] = await world.store.find({ unique: `request/${requestId}` });
        expect(made !== undefined).toBe(replaced);
        const before = await world.issuer.cardStatus({ token });
        expect([before.state, before.replacedBy]).toEqual(
          replaced ? ['replaced', made?.id] : ['active', undefined],
        );
        const { card } = await world.issuer.reissueCard({ token, requestId, reason: 'lost', pin: 'new' });
        if (replaced) expect(card.token).toBe(made?.id);
        expect(card.replaces).toBe(token);
        expect((await world.issuer.cardStatus({ token })).replacedBy).toBe(card.token);
      },
    };
  };

const QUANTITY = 100;

const batching =
  (done: number): Case['prepare'] =>
  async (world) => {
    const batchId = randomUUID();
    const path = join(folder, batchId);
    // A range of their own: others would add commits.
    const batch = { batchId, product: 'amex', quantity: QUANTITY, chunk: 20 } as const;
    return {
      task: { do: 'batch', ...batch, sink: path },
      async check() {
        expect((await world.issuer.batchReport({ batchId })).done).toBe(done);
        await expect(verifyExportFile(path)).rejects.toThrow();
        const lines: number[] = [];
        const permit = () => world.permit('emboss');
        const sink = exportFileSink(path);
        const embosser = { client: 'EMB', pinBlockFormat: 'ISO-0', sink, permit } as const;
        for await (const progress of world.issuer.issueBatch({ ...batch, embosser }))
          if (progress.lines !== undefined) lines.push(progress.lines.first, progress.lines.last);
        expect([lines[0], lines.at(-1)]).toEqual(
          done < QUANTITY ? [done + 1, QUANTITY] : [undefined, undefined],
        );
        expect((await verifyExportFile(path)).count).toBe(QUANTITY);
        for (let line = 1; line <= QUANTITY; line++)
          expect((await world.store.find({ unique: `line/${batchId}/${line}` })).length).toBe(1);
      },
    };
  };

/** An issued code that was tried: whether it is still good once. */
const spending =
  (spent: boolean): Case['prepare'] =>
  async (world) => {
    const token = await activeCard(world, 'classic');
    const candidate = await dynamicCode(world, token);
    return {
      task: { do: 'validateCvv2', token, candidate, times: 1 },
      async check(compared) {
        expect(compared).toBe(1);
        const outcomes = [];
        for (let i = 0; i < 2; i++)
          outcomes.push((await world.issuer.validateCvv2({ token, candidate })).outcome);
        expect(outcomes).toEqual([spent ? 'rejected' : 'verified', 'rejected']);
      },
    };
  };

const ANSWERED = 'after the commit, before the answer';

const CASES: readonly Case[] = [
  { name: 'a card is added', point: 'before the commit', nth: 1, prepare: adding(false) },
  ...[1, 2, 4].map(
    (nth): Case => ({
      name: `a card is added, ${nth} written`,
      point: 'in the transaction',
      nth,
      only: 'SQLite',
      prepare: adding(false),
    }),
  ),
  { name: 'a card is added', point: ANSWERED, nth: 1, prepare: adding(true) },
  { name: 'a try is taken', point: 'before the commit', nth: 1, prepare: trying(WRONG, 0, 0) },
  { name: 'a try is taken', point: ANSWERED, nth: 1, prepare: trying(WRONG, 1, 0) },
  { name: 'a PIN is compared', point: 'before comparing', nth: 1, prepare: trying(WRONG, 1, 0) },
  { name: 'a wrong PIN was compared', point: 'after comparing', nth: 1, prepare: trying(WRONG, 1, 1) },
  { name: 'a right PIN was compared', point: 'after comparing', nth: 1, prepare: trying(RIGHT, 1, 1) },
  { name: 'a right PIN is settled', point: 'before the commit', nth: 2, prepare: trying(RIGHT, 1, 1) },
  {
    name: 'a right PIN is settled',
    point: 'in the transaction',
    nth: 2,
    only: 'SQLite',
    prepare: trying(RIGHT, 1, 1),
  },
  { name: 'a right PIN was settled', point: ANSWERED, nth: 2, prepare: trying(RIGHT, 0, 1) },
  { name: 'a PIN is changed', point: 'after comparing', nth: 1, prepare: changing(false) },
  { name: 'a PIN is changed', point: 'before the commit', nth: 2, prepare: changing(false) },
  { name: 'a PIN was changed', point: ANSWERED, nth: 2, prepare: changing(true) },
  { name: 'a card is replaced', point: 'before the commit', nth: 1, prepare: replacing(false) },
  {
    name: 'a card is replaced',
    point: 'in the transaction',
    nth: 3,
    only: 'SQLite',
    prepare: replacing(false),
  },
  { name: 'a card was replaced', point: ANSWERED, nth: 1, prepare: replacing(true) },
  { name: 'a batch is ordered', point: ANSWERED, nth: 1, prepare: batching(0) },
  {
    name: 'a chunk is in the sink',
    point: 'after the sink, before the commit',
    nth: 3,
    prepare: batching(40),
  },
  { name: 'a chunk is issued', point: ANSWERED, nth: 3, prepare: batching(40) },
  { name: 'the last chunk is issued', point: ANSWERED, nth: 6, prepare: batching(QUANTITY) },
  { name: 'a code was compared', point: 'after comparing', nth: 1, prepare: spending(false) },
  { name: 'a code was settled', point: ANSWERED, nth: 2, prepare: spending(true) },
];

/** One process, one kill. */
async function killedAt(address: StoreAddress, { point, nth }: Case, task: Task): Promise<number> {
  const program = await startIssuer(address);
  let compared = 0;
  program.onLine((line) => {
    compared += line.compared ?? 0;
  });
  await program.ask({ do: 'arm', point, nth });
  await expect(program.ask(task)).rejects.toBeInstanceOf(Ended);
  expect(await program.ended).toBe('SIGKILL');
  return compared;
}

describe.each(sharedKinds)('CT-02 A process that is killed: $name', ({ name, create }) => {
  it(
    'at any place leaves nothing half done, and every try paid',
    async () => {
      const address = await create();
      const { store, close } = await openStore(address);
      const world = await openFaultWorld({ store });
      const mine = CASES.filter(({ only }) => only === undefined || only === name);
      const repeats = times(1, 100);
      const all = Array.from({ length: repeats }, () => mine).flat();
      const isBatch = ({ name }: Case): boolean => /batch|chunk/.test(name);
      let kills = 0;
      const lane = async (left: Case[]): Promise<void> => {
        for (let one = left.pop(); one !== undefined; one = left.pop()) {
          const { task, check } = await one.prepare(world);
          try {
            await check(await killedAt(address, one, task));
          } catch (error) {
            throw new Error(`${one.name}, ${one.point} (${one.nth})`, { cause: error });
          }
          kills++;
        }
      };
      const others = all.filter((one) => !isBatch(one));
      await Promise.all([lane(all.filter(isBatch)), lane(others), lane(others)]);
      await close();
      tell(`killed at points, ${name}`, { places: mine.length, kills, halfDone: 0, triesGained: 0 });
      expect(kills).toBe(mine.length * repeats);
    },
    within(120),
  );

  it(
    'after each comparison compares no more often than the limit says',
    async () => {
      const address = await create();
      const { store, close } = await openStore(address);
      const world = await openFaultWorld({ store });
      let evaluations = 0;
      const token = await activeCard(world, 'three', RIGHT);
      for (const pin of [WRONG, RIGHT, WRONG]) {
        const block = await world.block(token, pin);
        const one = { point: 'after comparing', nth: 1 } as Case;
        evaluations += await killedAt(address, one, { do: 'validatePin', token, block, times: 1 });
      }
      expect(evaluations).toBe(3);
      const program = await startIssuer(address);
      const block = await world.block(token, RIGHT);
      const answer = await program.ask({ do: 'validatePin', token, block, times: 5 });
      expect(answer).toEqual({ result: { blocked: 5 }, evaluations: 0 });
      program.kill();
      await program.ended;
      await close();
      tell(`killed after each comparison, ${name}`, { kills: 3, evaluations, tooMany: 0 });
    },
    within(60),
  );
});
