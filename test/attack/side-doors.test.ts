/**
 * Ways to a PIN other than its verification. Each that compares one pays from the same tries, each that does not
 * compare tells nothing; and what a limit cannot do: keep strangers from using it up.
 */
import { describe, expect, it } from 'vitest';
import type { PanToken } from '../../src/brand.ts';
import type { EncryptedPinBlock } from '../../src/hsm/functions.ts';
import { createFailPoints } from '../support/failpoints.ts';
import { NUMERIC_TOKENS, openWorld, type World } from '../support/world.ts';

const RIGHT = '4071';
const WRONG = '4072';
const OTHER = '8365';

/** An active card, and how often a PIN of it was looked at. */
async function scene(): Promise<{ world: World; token: PanToken; looks(): number }> {
  const points = createFailPoints();
  const world = await openWorld({ hsm: points.hsm });
  const { account } = await world.account();
  const asked = { requestId: 'r', product: 'offset', account, pinSuppressed: true } as const;
  const { token } = (await world.issuer.addCard(asked)).card;
  await world.issuer.activateCard({ token });
  const block = await world.block(token, RIGHT);
  await world.issuer.assignPin({ token, client: 'ATM', block, permit: world.permit('set-pin') });
  return { world, token, looks: () => points.evaluations };
}

type Way = (world: World, token: PanToken, pin: string) => Promise<unknown>;

const blockOf = (world: World, token: PanToken, pin: string): Promise<EncryptedPinBlock> =>
  world.block(token, pin);

/** Every operation that a PIN in a block can be handed to, and whether it compares it with that of the card. */
const WAYS: readonly { readonly name: string; readonly compares: boolean; readonly way: Way }[] = [
  {
    name: 'validatePin',
    compares: true,
    way: async (world, token, pin) =>
      world.issuer.validatePin({ token, client: 'ATM', block: await blockOf(world, token, pin) }),
  },
  {
    name: 'changePin to a good PIN',
    compares: true,
    way: async (world, token, pin) =>
      world.issuer.changePin({
        token,
        client: 'ATM',
        current: await blockOf(world, token, pin),
        requested: await blockOf(world, token, OTHER),
      }),
  },
  {
    name: 'changePin to one that is refused',
    compares: true,
    way: async (world, token, pin) =>
      world.issuer.changePin({
        token,
        client: 'ATM',
        current: await blockOf(world, token, pin),
        requested: await blockOf(world, token, '1111'),
      }),
  },
  {
    name: 'reissueCard with the PIN in a block',
    compares: true,
    way: async (world, token, pin) =>
      world.issuer.reissueCard({
        token,
        requestId: `lost.${pin}`,
        reason: 'lost',
        pin: 'kept',
        permit: world.permit('issuance'),
        current: { client: 'ATM', block: await blockOf(world, token, pin) },
      }),
  },
  {
    name: 'translatePinBlock',
    compares: false,
    way: async (world, token, pin) => {
      const card = { token, domain: NUMERIC_TOKENS };
      const block = await blockOf(world, token, pin);
      const target = { pek: 'aes.pek', format: 'ISO-4' } as const;
      await world.hsm.translatePinBlock({ card, block, pek: 'atm.pek', target });
    },
  },
  {
    name: 'validateCvv2',
    compares: false,
    way: (world, token, pin) => world.issuer.validateCvv2({ token, candidate: pin }),
  },
];

/** What comes of a way: a code, an outcome, or that it was done. */
const told = (act: Promise<unknown>): Promise<string> =>
  act.then(
    (result) => (result as { outcome?: string } | undefined)?.outcome ?? 'done',
    (error) => (error as { code: string }).code,
  );

describe('CT-09 every way to a PIN', () => {
  it.each(WAYS)('$name: compares $compares, and pays as often', async ({ way, compares, name }) => {
    const { world, token, looks } = await scene();
    const before = looks();
    await told(way(world, token, WRONG));
    const looked = name === 'validateCvv2' ? 0 : looks() - before;
    expect(looked).toBe(compares ? 1 : 0);
    expect((await world.issuer.pinTries({ token })).tries).toBe(looked);
  });

  it.each(WAYS.filter(({ compares }) => compares))('$name: is closed with the others', async ({ way }) => {
    for (const { way: first } of WAYS.filter(({ compares }) => compares)) {
      const { world, token, looks } = await scene();
      for (const pin of ['1357', '2468', '9753']) await told(first(world, token, pin));
      const before = looks();
      expect(['blocked', 'ERR_PIN_REFUSED']).toContain(await told(way(world, token, RIGHT)));
      expect(looks()).toBe(before);
    }
  });

  it.each(WAYS.filter(({ compares }) => !compares))('$name: tells nothing of the PIN', async ({ way }) => {
    const { world, token } = await scene();
    expect(await told(way(world, token, RIGHT))).toBe(await told(way(world, token, WRONG)));
  });
});

describe('CT-11 a card that is not one’s own', () => {
  it('is blocked by whoever may ask: three wrong PINs, and the holder is refused', async () => {
    const { world, token } = await scene();
    const validate = async (pin: string): Promise<string> =>
      told(world.issuer.validatePin({ token, client: 'ATM', block: await world.block(token, pin) }));
    for (let i = 0; i < 3; i++) expect(await validate(WRONG)).toBe('rejected');
    expect(await validate(RIGHT)).toBe('blocked');
  });

  it('is left alone by a caller who counts before he asks', async () => {
    const { world, token } = await scene();
    const asked = new Map<string, number>();
    const throttled = async (terminal: string, pin: string): Promise<string> => {
      const before = asked.get(terminal) ?? 0;
      asked.set(terminal, before + 1);
      if (before >= 2) return 'throttled';
      const block = await world.block(token, pin);
      return told(world.issuer.validatePin({ token, client: 'ATM', block }));
    };
    const outcomes: string[] = [];
    for (let i = 0; i < 5; i++) outcomes.push(await throttled('stranger', WRONG));
    expect(outcomes).toEqual(['rejected', 'rejected', 'throttled', 'throttled', 'throttled']);
    expect(await throttled('home', RIGHT)).toBe('verified');
  });

  it('comes back by its issuer, a limited number of times a day', async () => {
    const { world, token } = await scene();
    const unblock = (): Promise<string> =>
      told(world.issuer.unblockPin({ token, permit: world.permit('unblock-pin') }));
    const wrong = async (): Promise<void> => {
      const block = await world.block(token, WRONG);
      for (let i = 0; i < 3; i++) await told(world.issuer.validatePin({ token, client: 'ATM', block }));
    };
    await wrong();
    expect(await unblock()).toBe('done');
    await wrong();
    expect(await unblock()).toBe('ERR_POLICY');
    world.clock.at += 86_400;
    expect(await unblock()).toBe('done');
  });
});
