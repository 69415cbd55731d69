/** Every operation on every store: what holds when it works, and every way in which it is refused. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { type ErrorCode, PaymentCryptoError } from '../../src/error.ts';
import { createMemoryKeyStore } from '../../src/hsm/key-store.ts';
import { parseCard } from '../../src/issuer/parse-card.ts';
import type { StoreRecord } from '../../src/store/port.ts';
import { storeKinds } from '../support/stores.ts';
import { openWorld, type World } from '../support/world.ts';
import { recordsOf } from './scenarios/hand.ts';
import { SCENARIOS } from './scenarios/index.ts';
import type { Again, MarkedRefusal, Refusal } from './scenarios/scenario.ts';

/** The keys are the same in every world: they are loaded once. */
const keyStore = createMemoryKeyStore();

/** An error in words, with all that caused it. */
function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.message} ${error.stack} ${wordsOf(error.cause)}` : '';
}

/** No message holds a digit of a value: beside the bounds of numbers there are never four in a row. */
function expectNoSecret({ message }: PaymentCryptoError): void {
  expect(message.replace(/a whole number from [0-9]+ to [0-9]+/, '')).not.toMatch(/[0-9]{4}/);
}

/** No PAN of a world stands in what is told of it. */
async function expectNoPan(world: World, told: string): Promise<void> {
  for (const { kind, id } of await recordsOf(world.store))
    if (kind === 'card') expect(told.includes(await world.panOf(id as never))).toBe(false);
}

/** A record as it is but for tries of its PIN. */
function withoutTries(record: StoreRecord): unknown {
  if (record.kind !== 'card') return record;
  const card = parseCard(record);
  return { unique: record.unique, card: { ...card, pinTriedAt: 0, tries: { ...card.tries, pin: 0 } } };
}

/** The tries of PINs that were ever taken. */
function triesOf(records: readonly StoreRecord[]): number {
  const cards = records.filter(({ kind }) => kind === 'card').map(parseCard);
  return cards.reduce((sum, { tries }) => sum + tries.pin.taken, 0);
}

async function runRefusal(world: World, again: Again, code: ErrorCode, refusal: Refusal | MarkedRefusal) {
  const { prepare, changes } =
    typeof refusal === 'function' ? { prepare: refusal, changes: 'nothing' } : refusal;
  const act = await prepare(world, again);
  const before = await recordsOf(world.store);
  const error = await act().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PaymentCryptoError);
  const refused = error as PaymentCryptoError;
  expect(refused.code, refused.message).toBe(code);
  expectNoSecret(refused);
  const after = await recordsOf(world.store);
  await expectNoPan(world, wordsOf(error) + JSON.stringify([world.events, world.hsmEvents]));
  if (changes === 'nothing') expect(after).toEqual(before);
  if (changes === 'a try') {
    expect(after.map(withoutTries)).toEqual(before.map(withoutTries));
    expect(triesOf(after)).toBe(triesOf(before) + 1);
  }
}

describe.each(storeKinds)('on $name', (kind) => {
  afterEach(() => kind.close());

  const open = async (): Promise<{ readonly world: World; readonly again: Again }> => {
    const store = await kind.open();
    return {
      world: await openWorld({ store, keyStore }),
      again: (options) => openWorld({ store, keyStore, ...options }),
    };
  };

  for (const { function: name, facts, errors } of SCENARIOS)
    describe(name, () => {
      for (const [fact, run] of Object.entries(facts))
        it(fact, async () => {
          const { world, again } = await open();
          await run(world, again);
          await expectNoPan(
            world,
            JSON.stringify([world.events, world.hsmEvents, await recordsOf(world.store)]),
          );
        });
      for (const [code, refusals] of Object.entries(errors))
        for (const [when, refusal] of Object.entries(refusals))
          it(`${code}: ${when}`, async () => {
            const { world, again } = await open();
            await runRefusal(world, again, code as ErrorCode, refusal);
          });
    });
});

describe('the scenarios', () => {
  const source = readFileSync(new URL('../../src/issuer/operations.ts', import.meta.url), 'utf8');
  /** What the interface says of each operation, by name. */
  const said = new Map(
    [...source.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {2}([a-zA-Z0-9]+)\(/g)].map(
      ([, text = '', name = '']) => [name, text],
    ),
  );

  it('are those of every operation, each once', () => {
    const names = SCENARIOS.map(({ function: name }) => name);
    expect([...names].sort()).toEqual([...said.keys()].sort());
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(SCENARIOS)(
    '$function is refused in every way that its interface names',
    ({ function: name, errors }) => {
      const named = (of: string, seen: readonly string[] = []): readonly string[] => {
        const text = said.get(of) ?? '';
        const others = [...text.matchAll(/@throws as ((?:`[a-zA-Z0-9]+`(?: and )?)+)/g)]
          .flatMap(([, list = '']) => list.match(/[a-zA-Z0-9]{4,}/g) ?? [])
          .filter((other) => !seen.includes(other));
        return [
          ...(text.match(/ERR_[A-Z_]+/g) ?? []),
          ...others.flatMap((other) => named(other, [...seen, of])),
        ];
      };
      for (const code of named(name)) expect(Object.keys(errors), code).toContain(code);
    },
  );
});
