/** The bad network of the fault tests does what its names say, to the byte. */
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Direction, startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

/** One end of a connection: what came, in which pieces, and how it ended. */
interface End {
  readonly socket: Socket;
  readonly pieces: Buffer[];
  text(): string;
  /** `end` in order, or the code of the error. */
  readonly closed: Promise<string>;
}

function watch(socket: Socket): End {
  const pieces: Buffer[] = [];
  let how = 'end';
  socket.on('data', (piece) => pieces.push(piece));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    how = error.code ?? 'error';
  });
  return {
    socket,
    pieces,
    text: () => Buffer.concat(pieces).toString(),
    closed: new Promise((resolve) => socket.on('close', () => resolve(how))),
  };
}

async function until(law: () => boolean): Promise<void> {
  for (const end = Date.now() + 5000; !law() && Date.now() < end; ) await sleep(2);
  expect(law()).toBe(true);
}

const accepted: End[] = [];
const target = createServer({ noDelay: true }, (socket) => accepted.push(watch(socket)));
await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
afterAll(() => void target.close());

let proxy: TcpProxy;
beforeEach(async () => {
  accepted.length = 0;
  proxy = await startTcpProxy({ port: (target.address() as AddressInfo).port });
});
afterEach(() => proxy.close());

async function pair(): Promise<Record<'client' | 'server', End>> {
  const before = accepted.length;
  const client = watch(dial({ port: proxy.port, host: proxy.host, noDelay: true }));
  await until(() => accepted.length > before);
  return { client, server: accepted.at(-1) as End };
}

const BYTES = '0123456789abcdefghijklmnopqrstuvwxyz';

describe('A proxy that passes', () => {
  it('hands over what comes, both ways, and counts it since the mark', async () => {
    const { client, server } = await pair();
    client.socket.write('hello');
    await until(() => server.text() === 'hello');
    proxy.mark();
    client.socket.write('again');
    server.socket.write('yes');
    await until(() => server.text() === 'helloagain' && client.text() === 'yes');
    expect(proxy.counts).toEqual({ toServer: 5, toClient: 3 });
  });

  it('hands over a megabyte unaltered, and the ends of both sides', async () => {
    const { client, server } = await pair();
    const sent = Buffer.alloc(1 << 20, BYTES);
    client.socket.end(sent);
    expect(await server.closed).toBe('end');
    expect(await client.closed).toBe('end');
    expect(Buffer.concat(server.pieces).equals(sent)).toBe(true);
    expect(proxy.counts.toServer).toBe(sent.length);
    await until(() => proxy.connections === 0);
  });

  it('puts itself into a URL', () => {
    expect(proxy.through('postgresql://a:b@127.0.0.1:5432/c')).toBe(
      `postgresql://a:b@127.0.0.1:${proxy.port}/c`,
    );
  });

  it('resets clients of a server that is not there', async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const nowhere = await startTcpProxy({ port });
    expect(await watch(dial(nowhere.port, nowhere.host)).closed).toBe('ECONNRESET');
    await nowhere.close();
  });
});

describe('A proxy that cuts', () => {
  it.each<[Direction, number]>([
    ['toServer', 0],
    ['toServer', 1],
    ['toServer', 35],
    ['toServer', 36],
    ['toClient', 0],
    ['toClient', 1],
    ['toClient', 35],
    ['toClient', 36],
  ])('%s after %i bytes hands over these and no more, and resets both sides', async (direction, bytes) => {
    const { client, server } = await pair();
    const [from, to] = direction === 'toServer' ? [client, server] : [server, client];
    to.socket.once('data', () => to.socket.write('an answer'));
    const cut = proxy.cutAfter(bytes, direction);
    from.socket.write(BYTES);
    expect(await cut).toBe(true);
    expect([await client.closed, await server.closed]).toEqual(['ECONNRESET', 'ECONNRESET']);
    expect(to.text()).toBe(BYTES.slice(0, bytes));
    expect(from.text()).toBe('');
    expect(proxy.counts[direction]).toBe(bytes);
    await until(() => proxy.connections === 0);
  });

  it('counts over chunks and pieces, and lets answers pass before the last byte', async () => {
    const { client, server } = await pair();
    const cut = proxy.cutAfter(7, 'toServer');
    client.socket.write('abc');
    await until(() => server.text() === 'abc');
    server.socket.write('one');
    await until(() => client.text() === 'one');
    proxy.slice(2);
    client.socket.write('defghi');
    expect(await cut).toBe(true);
    await server.closed;
    expect(server.text()).toBe('abcdefg');
  });

  it('cuts one connection, once: the next are whole', async () => {
    const other = await pair();
    const { client, server } = await pair();
    const cut = proxy.cutAfter(2, 'toServer');
    client.socket.write('abc');
    expect(await cut).toBe(true);
    await server.closed;
    for (const { client, server } of [other, await pair()]) {
      client.socket.write('whole');
      await until(() => server.text() === 'whole');
    }
  });

  it('says when it was called off', async () => {
    const first = proxy.cutAfter(1, 'toServer');
    const second = proxy.cutAfter(1, 'toServer');
    expect(await first).toBe(false);
    proxy.pass();
    expect(await second).toBe(false);
    const { client, server } = await pair();
    client.socket.write('whole');
    await until(() => server.text() === 'whole');
  });
});

describe('A proxy that fails otherwise', () => {
  it('resets all connections', async () => {
    const pairs = [await pair(), await pair()];
    proxy.reset();
    for (const { client, server } of pairs)
      expect([await client.closed, await server.closed]).toEqual(['ECONNRESET', 'ECONNRESET']);
  });

  it('refuses new connections, and keeps the old', async () => {
    const { client, server } = await pair();
    proxy.refuse();
    expect(await watch(dial(proxy.port, proxy.host)).closed).toBe('ECONNRESET');
    client.socket.write('still');
    await until(() => server.text() === 'still');
  });

  it.each<Direction>(['toServer', 'toClient'])('is deaf %s, and tells nobody', async (direction) => {
    const { client, server } = await pair();
    const [from, to] = direction === 'toServer' ? [client, server] : [server, client];
    proxy.swallow(direction);
    to.socket.write('heard');
    await until(() => from.text() === 'heard');
    from.socket.end('lost');
    await sleep(30);
    expect(to.text()).toBe('');
    expect([to.socket.readyState, proxy.connections]).toEqual(['open', 1]);
  });

  it('delays one way', async () => {
    const { client, server } = await pair();
    proxy.delay(150, 'toServer');
    const sent = performance.now();
    client.socket.write('late');
    server.socket.write('soon');
    await until(() => client.text() === 'soon');
    expect(server.text()).toBe('');
    await until(() => server.text() === 'late');
    // A timer may be a millisecond early.
    expect(performance.now() - sent).toBeGreaterThan(148);
  });

  it('slices', async () => {
    const { client, server } = await pair();
    proxy.slice(5);
    client.socket.write(BYTES);
    await until(() => server.text() === BYTES);
    expect(server.pieces.length).toBeGreaterThan(1);
  });

  it('takes numbers in range only', () => {
    expect(() => proxy.delay(2001)).toThrow(RangeError);
    expect(() => proxy.slice(0)).toThrow(RangeError);
    expect(() => proxy.cutAfter(-1, 'toServer')).toThrow(RangeError);
  });
});
