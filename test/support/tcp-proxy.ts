/** A TCP proxy that is a bad network: slow, deaf one way, in crumbs, cut after the byte that a test names. */
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Which way bytes go. */
export type Direction = 'toServer' | 'toClient';

/** Bytes that went each way. */
export type Counts = Readonly<Record<Direction, number>>;

export interface TcpProxy {
  readonly host: string;
  readonly port: number;
  /** A connection URL with the host and port of the proxy in it. */
  through(url: string): string;
  /** How many connections are open. */
  readonly connections: number;
  /** Bytes handed over since the last `mark`, or since the start. */
  readonly counts: Counts;
  /** Counts from 0 again. */
  mark(): void;
  /** Each chunk waits so long; 0 to 2000 ms. Without a direction: both ways. */
  delay(milliseconds: number, direction?: Direction): void;
  /** Bytes go on in pieces of at most so many. Without a direction: both ways. */
  slice(bytes: number, direction?: Direction): void;
  /** What goes this way is lost, its end included, and nobody is told. Without a direction: both ways. */
  swallow(direction?: Direction): void;
  /**
   * From now on hands over exactly so many bytes this way, then resets the connection of the last one on both sides.
   * From that byte on nothing goes the other way. With 0, the first byte that comes is the one not handed over.
   *
   * @returns true when it was cut; false when `pass`, `close` or another cut came first.
   */
  cutAfter(bytes: number, direction: Direction): Promise<boolean>;
  /** Resets every connection, on both sides. */
  reset(): void;
  /** New connections are reset at once. */
  refuse(): void;
  /** Back to handing over everything as it comes. */
  pass(): void;
  close(): Promise<void>;
}

interface Way {
  delay: number;
  slice: number;
  swallow: boolean;
}

interface Cut {
  left: number;
  readonly direction: Direction;
  readonly done: (cut: boolean) => void;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** The last byte has gone: nothing more goes either way. */
  cut: boolean;
}

/** A proxy on 127.0.0.1, in front of a port. */
export async function startTcpProxy(target: { host?: string; port: number }): Promise<TcpProxy> {
  const ways: Record<Direction, Way> = { toServer: open(), toClient: open() };
  const counts = { toServer: 0, toClient: 0 };
  const pairs = new Set<Pair>();
  let refusing = false;
  let cut: Cut | undefined;

  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    client.on('error', () => {});
    if (refusing) {
      client.resetAndDestroy();
      return;
    }
    const server = dial({
      host: target.host ?? '127.0.0.1',
      port: target.port,
      allowHalfOpen: true,
      noDelay: true,
    });
    const pair: Pair = { client, server, cut: false };
    pairs.add(pair);
    // A side that breaks breaks the other; before the server has answered as well.
    for (const [side, other] of [
      [client, server],
      [server, client],
    ] as const) {
      side.on('error', () => other.resetAndDestroy());
      side.on('close', () => {
        if (other.destroyed) pairs.delete(pair);
      });
    }
    server.once('connect', () => {
      join(pair, client, server, 'toServer');
      join(pair, server, client, 'toClient');
    });
  });

  function join(pair: Pair, from: Socket, to: Socket, direction: Direction): void {
    from.on('data', (chunk) => {
      from.pause();
      void carry(pair, to, direction, chunk).then(() => from.resume());
    });
    from.on('end', () => {
      if (!ways[direction].swallow && !pair.cut) to.end();
    });
  }

  async function carry(pair: Pair, to: Socket, direction: Direction, chunk: Buffer): Promise<void> {
    const way = ways[direction];
    if (way.delay > 0) await sleep(way.delay);
    for (let at = 0; at < chunk.length; ) {
      if (pair.cut || to.destroyed || way.swallow) return;
      const ours = cut?.direction === direction ? cut : undefined;
      const size = Math.min(chunk.length - at, way.slice, ours?.left ?? Number.POSITIVE_INFINITY);
      const last = ours !== undefined && ours.left === size;
      if (ours !== undefined) ours.left -= size;
      if (last) {
        pair.cut = true;
        cut = undefined;
      }
      if (size > 0) {
        counts[direction] += size;
        await write(to, chunk.subarray(at, at + size));
      }
      if (last) {
        resetPair(pair);
        ours.done(true);
        return;
      }
      at += size;
      // The receiver reads each piece before the next is there.
      if (at < chunk.length) await sleep(1);
    }
  }

  function callOff(): void {
    cut?.done(false);
    cut = undefined;
  }

  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;

  return {
    host: '127.0.0.1',
    port,
    through(url) {
      const changed = new URL(url);
      changed.host = `127.0.0.1:${port}`;
      return changed.href;
    },
    get connections() {
      return pairs.size;
    },
    get counts() {
      return { ...counts };
    },
    mark() {
      counts.toServer = 0;
      counts.toClient = 0;
    },
    delay(milliseconds, direction) {
      inRange(milliseconds, 0, 2000);
      for (const way of waysOf(direction)) way.delay = milliseconds;
    },
    slice(bytes, direction) {
      inRange(bytes, 1, Number.MAX_SAFE_INTEGER);
      for (const way of waysOf(direction)) way.slice = bytes;
    },
    swallow(direction) {
      for (const way of waysOf(direction)) way.swallow = true;
    },
    cutAfter(bytes, direction) {
      inRange(bytes, 0, Number.MAX_SAFE_INTEGER);
      callOff();
      return new Promise((done) => {
        cut = { left: bytes, direction, done };
      });
    },
    reset() {
      for (const pair of pairs) resetPair(pair);
    },
    refuse() {
      refusing = true;
    },
    pass() {
      callOff();
      refusing = false;
      for (const way of waysOf()) Object.assign(way, open());
    },
    async close() {
      callOff();
      const closed = new Promise((resolve) => listener.close(resolve));
      for (const pair of pairs) resetPair(pair);
      await closed;
    },
  };

  function waysOf(direction?: Direction): readonly Way[] {
    return direction === undefined ? Object.values(ways) : [ways[direction]];
  }
}

function open(): Way {
  return { delay: 0, slice: Number.POSITIVE_INFINITY, swallow: false };
}

function resetPair(pair: Pair): void {
  pair.cut = true;
  pair.client.resetAndDestroy();
  pair.server.resetAndDestroy();
}

/** Until the system has the bytes, or the socket is gone. */
function write(to: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    to.write(bytes, () => resolve());
  });
}

function inRange(value: number, least: number, greatest: number): void {
  if (!Number.isInteger(value) || value < least || value > greatest)
    throw new RangeError(`expected ${least} to ${greatest}, got ${value}`);
}
