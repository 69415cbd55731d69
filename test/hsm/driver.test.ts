/** An HSM that is another object: behind a wire, slow, or shared by several at once. An issuer works with it all the same. */
import { describe, expect, it } from 'vitest';
import { PaymentCryptoError } from '../../src/error.ts';
import type { Hsm } from '../../src/hsm/functions.ts';
import { Capability } from '../../src/keys/capability.ts';
import { refusalOf } from '../support/hsm.ts';
import { openWorld, type World } from '../support/world.ts';

/** Parts of requests that are known by their identity: a driver has a name for each. */
const NAMED: readonly string[] = ['profile', 'range', 'permit', 'reveal'];

/** Writes a request or an answer as JSON, and reads it back; what is known by its identity goes by its name. */
function overTheWire(): (value: unknown) => unknown {
  const named: unknown[] = [];
  const write = (name: string, part: unknown): unknown =>
    part !== undefined && (NAMED.includes(name) || part instanceof Capability)
      ? { $name: named.push(part) - 1 }
      : part;
  const read = (_: string, part: { readonly $name?: number } | null): unknown =>
    part?.$name === undefined ? part : named[part.$name];
  return (value) => {
    const text = JSON.stringify(value, write);
    return text === undefined ? undefined : JSON.parse(text, read);
  };
}

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A driver: each request goes over a wire, after a while, and so does its answer. */
function driver(hsm: Hsm, calls: string[]): Hsm {
  const send = overTheWire();
  return new Proxy({} as Hsm, {
    get: (_, name: keyof Hsm) =>
      name in hsm
        ? async (...args: readonly unknown[]) => {
            calls.push(name);
            await pause();
            const answer: unknown = await (hsm[name] as (...args: unknown[]) => Promise<unknown>)(
              ...args.map(send),
            );
            await pause();
            // What compares stays in the HSM; the driver keeps a handle of it.
            if (typeof answer !== 'function') return send(answer);
            return async () => {
              await pause();
              return send(await (answer as () => Promise<unknown>)());
            };
          }
        : undefined,
  });
}

/** The life of a card, from its account to its end. */
async function journey(world: World): Promise<readonly string[]> {
  const { issuer, permit } = world;
  const { customer, account } = await world.account();
  const seen: string[] = [];
  const { token } = await issuer
    .addCard({
      requestId: 'r-1',
      product: 'sealed',
      customer,
      account,
    })
    .then(({ card }) => card);
  seen.push((await issuer.activateCard({ token })).state);
  await issuer.assignPin({
    token,
    client: 'ATM',
    block: await world.block(token, '4837'),
    permit: permit('set-pin', 'clerk'),
  });
  for (const pin of ['9999', '4837'])
    seen.push(
      (await issuer.validatePin({ token, client: 'ATM', block: await world.block(token, pin) })).outcome,
    );
  const { cvv2 } = await issuer.revealCvv2({ token, permit: permit('reveal-cvv2') });
  seen.push((await issuer.validateCvv2({ token, candidate: cvv2 })).outcome);
  seen.push((await issuer.cancelCard({ token })).state);
  return seen;
}

describe('an issuer over a driver', () => {
  it('does what it does over the emulated HSM', async () => {
    const calls: string[] = [];
    const plain = await journey(await openWorld());
    const driven = await journey(await openWorld({ hsm: (hsm) => driver(hsm, calls) }));
    expect(driven).toEqual(plain);
    expect(plain).toHaveLength(5);
    expect(calls).toEqual(
      expect.arrayContaining(['tagRecords', 'drawPan', 'setPin', 'prepareVerifyPin', 'prepareVerifyCvv2']),
    );
  });

  it('says of a driver that fails that nothing is known, and pays the try', async () => {
    let down = false;
    const world = await openWorld({
      hsm: (hsm) => ({
        ...hsm,
        prepareVerifyPin: async (request) => {
          const compare = await hsm.prepareVerifyPin(request);
          return async () => {
            if (down) throw new PaymentCryptoError('ERR_STORE_UNAVAILABLE', 'hsm', 'no line');
            return compare();
          };
        },
      }),
    });
    const { customer, account } = await world.account();
    const { card } = await world.issuer.addCard({
      requestId: 'r-1',
      product: 'sealed',
      customer,
      account,
    });
    const { token } = card;
    await world.issuer.activateCard({ token });
    const assigned = {
      token,
      client: 'ATM',
      block: await world.block(token, '4837'),
      permit: world.permit('set-pin'),
    };
    await world.issuer.assignPin(assigned);
    const validate = async () =>
      world.issuer.validatePin({ token, client: 'ATM', block: await world.block(token, '4837') });
    down = true;
    expect(await refusalOf(validate)).toBe('ERR_STORE_UNAVAILABLE');
    expect(await world.issuer.pinTries({ token })).toMatchObject({ tries: 1 });
    down = false;
    expect((await validate()).outcome).toBe('verified');
  });
});
