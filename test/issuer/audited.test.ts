/** What the audit hears of a request, and what becomes of one that is read more than once. */
import { describe, expect, it } from 'vitest';
import { createMemoryKeyStore } from '../../src/hsm/key-store.ts';
import type { Embossing } from '../../src/issuer/emboss.ts';
import type { Issuer } from '../../src/issuer/operations.ts';
import { openWorld } from '../support/world.ts';
import { activeCard, cardWithPin, embossedIn, PIN, requestId } from './scenarios/hand.ts';

const keyStore = createMemoryKeyStore();
const open = () => openWorld({ keyStore });

it('says which client asked, by which channel, and of which card, where the request made it', async () => {
  const world = await open();
  const { account, customer } = await world.account();
  const permit = world.permit('emboss', 'factory');
  const request = { product: 'classic', account, customer, embossing: { client: 'EMB', permit } };
  for (const operation of ['addCard', 'issueInstantCard'] as const) {
    const { card } = await world.issuer[operation]({ ...request, requestId: requestId() });
    const { token } = card;
    const subject = `${token.replace(/^0+/, '').slice(0, 6)}*${token.slice(-4)}`;
    expect(world.events.at(-1)).toMatchObject({ operation, subject, client: 'EMB', holder: 'factory' });
  }
  const token = await cardWithPin(world);
  await world.issuer.securityCodes({ token, channel: 'W', client: 'ATM' });
  expect(world.events.at(-1)).toMatchObject({ operation: 'securityCodes', client: 'ATM', channel: 'W' });
  await world.issuer.validatePin({ token, client: 'ATM', block: await world.block(token, PIN) });
  expect(world.events.at(-1)).not.toHaveProperty('channel');
});

it('says nothing of a client or channel that could be anything', async () => {
  const world = await open();
  const token = await activeCard(world);
  const pan = await world.panOf(token);
  const wrong = { token, channel: pan, client: pan } as never;
  await expect(world.issuer.securityCodes(wrong)).rejects.toMatchObject({ code: 'ERR_INPUT' });
  expect(world.events.at(-1)).toMatchObject({ operation: 'securityCodes', outcome: 'refused' });
  expect(JSON.stringify(world.events)).not.toContain(pan);
});

it('hears of customers and accounts, not by name', async () => {
  const world = await open();
  const { accounts } = world.issuer;
  await accounts.addCustomer('ann');
  await accounts.openAccount('ann', 'hers');
  await accounts.hasCustomer('ann');
  await accounts.customerOf('hers');
  await expect(accounts.openAccount('bob', 'his')).rejects.toMatchObject({ code: 'ERR_ACCOUNT' });
  expect(world.events.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
    'accounts.addCustomer done',
    'accounts.openAccount done',
    'accounts.hasCustomer done',
    'accounts.customerOf done',
    'accounts.openAccount refused',
  ]);
  expect(JSON.stringify(world.events)).not.toMatch(/ann|hers|bob/);
});

describe('a request', () => {
  const throwing = (name: string) =>
    Object.defineProperty({ token: 'x' }, name, {
      enumerable: true,
      get() {
        throw new Error('4000001234567899');
      },
    });

  it.each(['token', 'permit', 'client', 'embossing'])(
    'whose %s throws is refused, and told',
    async (name) => {
      const world = await open();
      for (const operation of ['cardStatus', 'unblockPin', 'addCard'] as const) {
        const call = world.issuer[operation] as (request: unknown) => Promise<unknown>;
        await expect(call(throwing(name))).rejects.toMatchObject({ code: 'ERR_INPUT', field: 'request' });
        expect(world.events.at(-1)).toMatchObject({ operation, outcome: 'refused', code: 'ERR_INPUT' });
      }
    },
  );

  it('whose parts throw is refused', async () => {
    const { issuer } = await open();
    for (const part of ['embossing', 'reveal', 'proof', 'current', 'block', 'requested'])
      for (const operation of ['reissueCard', 'renewPin', 'acknowledgeReceipt', 'changePin'] as const) {
        const call = issuer[operation as keyof Issuer] as (request: unknown) => Promise<unknown>;
        const request = { token: 'x', [part]: throwing('client') };
        await expect(call(request)).rejects.toMatchObject({ code: 'ERR_INPUT', field: part });
      }
  });

  it('is read once, with its parts: what was checked is what is used', async () => {
    const world = await open();
    const { account } = await world.account();
    const reads: string[] = [];
    const embossing = { permit: world.permit('emboss') } as Embossing & { client: string };
    const names = ['DOE/JANE', 'DOE^JOHN?'];
    Object.defineProperty(embossing, 'client', {
      enumerable: true,
      get: () => reads.push('client') && 'EMB',
    });
    Object.defineProperty(embossing, 'name', { enumerable: true, get: () => names.shift() });
    const request = { requestId: requestId(), product: 'classic', account, embossing };
    const { card, emboss } = await world.issuer.addCard(request);
    expect(embossedIn(emboss, card.token)['name']).toBe('DOE/JANE');
    expect([reads, names]).toEqual([['client'], ['DOE^JOHN?']]);
  });
});
