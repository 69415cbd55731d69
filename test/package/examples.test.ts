/** The examples, over HTTP as a user would call them. */

import { PaymentCryptoError } from 'cardwright';
import type { Issuer } from 'cardwright/issuer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cardService } from '../../examples/fastify.ts';
import { codeService } from '../../examples/hono.ts';
import { openCode } from '../../src/envelope/code-block.ts';
import type { Key } from '../../src/keys/key.ts';
import { keyOf, openWorld, type World } from '../support/world.ts';

let world: World;
let account: string;
beforeAll(async () => {
  world = await openWorld();
  ({ account } = await world.account());
});

describe('the Fastify example', () => {
  const app = (): ReturnType<typeof cardService> => cardService(world.issuer);
  const services: ReturnType<typeof app>[] = [];
  afterAll(() => Promise.all(services.map((service) => service.close())));
  const call = async (method: 'POST' | 'PUT', url: string, payload?: object) => {
    const service = services[0] ?? app();
    services[0] = service;
    const { statusCode, body } = await service.inject({ method, url, ...(payload && { payload }) });
    return { status: statusCode, body: JSON.parse(body) };
  };

  it('adds a card, activates it and validates its PIN', async () => {
    const { status, body } = await call('POST', '/cards', { requestId: 'h1', product: 'classic', account });
    expect([status, body.state]).toEqual([201, 'inactive']);
    const { token } = body;
    await world.issuer.assignPin({
      token,
      client: 'ATM',
      block: await world.block(token, '2739'),
      permit: world.permit('set-pin'),
    });
    expect(await call('PUT', `/cards/${token}/activation`)).toMatchObject({
      status: 200,
      body: { state: 'active' },
    });
    expect(await call('PUT', `/cards/${token}/activation`)).toEqual({
      status: 409,
      body: { code: 'ERR_CARD_STATE', field: 'token' },
    });
    const validation = `/cards/${token}/pin/validation`;
    const right = { client: 'ATM', block: await world.block(token, '2739') };
    expect((await call('POST', validation, right)).body).toEqual({ outcome: 'verified' });
    const wrong = { client: 'ATM', block: await world.block(token, '1357') };
    expect((await call('POST', validation, wrong)).body).toEqual({ outcome: 'rejected', triesLeft: 2 });
  });

  it('answers what is wrong with a status and a code', async () => {
    expect(await call('POST', '/cards', { product: 'classic' })).toMatchObject({ status: 400 });
    const unknown = { requestId: 'h2', product: 'classic', account: 'nobody' };
    expect(await call('POST', '/cards', unknown)).toMatchObject({
      status: 422,
      body: { code: 'ERR_ACCOUNT' },
    });
    expect(await call('PUT', '/cards/000400000ABCDEF1234/activation')).toMatchObject({ status: 404 });
  });

  it('answers a body that is none with the status that Fastify has for it', async () => {
    const service = services[0] ?? app();
    const post = async (type: string, payload: string) => {
      const headers = { 'content-type': type };
      const { statusCode, body } = await service.inject({ method: 'POST', url: '/cards', headers, payload });
      return [statusCode, JSON.parse(body).code];
    };
    expect(await post('application/json', '{"requestId":')).toEqual([400, 'ERR_REQUEST']);
    expect(await post('text/csv', 'a,b')).toEqual([415, 'ERR_REQUEST']);
  });
});

/** What is wrong on this side, and what others were in the way of, is no mistake of the caller. */
describe.each([
  ['ERR_STORE_UNAVAILABLE', 503],
  ['ERR_AUDIT', 503],
  ['ERR_STORE_CORRUPT', 500],
  ['ERR_STORE_ROLLBACK', 500],
  ['ERR_CLOCK', 500],
  ['ERR_INTERNAL', 500],
  ['ERR_CONFLICT', 409],
  ['ERR_TOKEN', 422],
] as const)('%s is %i', (code, status) => {
  const failing = new Proxy({} as Issuer, {
    get: () => () => Promise.reject(new PaymentCryptoError(code, 'store', 'as it is')),
  });
  it('with Fastify', async () => {
    const service = cardService(failing);
    const { statusCode, body } = await service.inject({ method: 'PUT', url: '/cards/x/activation' });
    expect([statusCode, JSON.parse(body).code]).toEqual([status, code]);
    await service.close();
  });
  it('with Hono', async () => {
    const response = await codeService(failing).request('/cards/x/pin/tries');
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([status, code]);
  });
});

describe('the Hono example', () => {
  const call = async (method: 'GET' | 'POST', path: string, body?: unknown) => {
    const response = await codeService(world.issuer).request(path, {
      method,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };

  it('hands out codes, takes a CVV2, and tells of the tries', async () => {
    const { card } = await world.issuer.issueInstantCard({
      requestId: 'h3',
      product: 'gift',
      customer: (await world.account('h')).customer,
      account: 'h-gift',
    });
    const { token } = card;
    const codes = await call('POST', `/cards/${token}/codes`, { channel: 'W', client: 'ATM' });
    expect(codes.status).toBe(200);
    const block = Uint8Array.from(Buffer.from(codes.body['cvv2'] ?? '', 'hex'));
    const cvv2 = openCode(keyOf<Key<'D0'>>('atm.codes'), block, 'random-fill');
    expect((await call('POST', `/cards/${token}/purchase`, { cvv2 })).body).toEqual({ outcome: 'verified' });
    expect((await call('GET', `/cards/${token}/pin/tries`)).body).toMatchObject({ tries: 0, blocked: 'N' });
  });

  it('answers what is wrong with a status and a code', async () => {
    const path = '/cards/000400000ABCDEF1234';
    expect(await call('GET', `${path}/pin/tries`)).toMatchObject({
      status: 404,
      body: { code: 'ERR_NOT_FOUND' },
    });
    expect(await call('POST', `${path}/purchase`, { cvv2: 'x' })).toMatchObject({ status: 400 });
    expect(await call('POST', `${path}/purchase`, 'no JSON')).toMatchObject({ status: 400 });
    expect(await call('POST', `${path}/codes`, { channel: 'X', client: 'ATM' })).toMatchObject({
      status: 400,
    });
  });
});
