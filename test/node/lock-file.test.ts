/** Locks between processes: what is taken over, and what never is. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { takeLock } from '../../src/node/lock-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'cardwright-locks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const path = (): string => join(folder, `file-${++files}`);
const take = (of: string) => takeLock(of, (message) => new RangeError(message));

const owner = (more: object): string =>
  JSON.stringify({ host: hostname(), pid: process.pid, start: null, nonce: 'n', ...more });

/** A lock that is there already, as whoever holds it wrote it. */
function left(more: object | string, of = path()): string {
  writeFileSync(`${of}.lock`, typeof more === 'string' ? more : owner(more));
  return of;
}

const { pid: dead } = spawnSync(process.execPath, ['-e', '']);

describe('a lock', () => {
  it('is held by one, whole as soon as it is there, and leaves nothing behind', async () => {
    const of = path();
    const lock = await take(of);
    expect(JSON.parse(readFileSync(`${of}.lock`, 'utf8'))).toMatchObject({
      host: hostname(),
      pid: process.pid,
    });
    await expect(take(of)).rejects.toThrow(RangeError);
    await expect(take(of)).rejects.toThrow(`${of} is in use; remove ${of}.lock`);
    await lock.release();
    await (await take(of)).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of many who want it at once is had by one, a stale one too', async () => {
    for (const of of [path(), left({ pid: dead })]) {
      const takers = await Promise.allSettled(Array.from({ length: 20 }, () => take(of)));
      const had = takers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(had).toHaveLength(1);
      await had[0]?.release();
    }
  });

  it.each<[string, object | string]>([
    ['a process that is dead', { pid: dead }],
    ['a process of our number that was another', { start: '1' }],
    ['a process of our number, whenever it was started', {}],
    ['a process of a number that was given again', { pid: process.ppid, start: '1' }],
    ['nobody, as a crash leaves it', ''],
    ['nobody who can be read', '12'],
  ])('of %s is taken over', async (_, more) => {
    await (await take(left(more))).release();
  });

  it('of a process that runs, or of another host, is left alone', async () => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
    try {
      const running = left({ pid: child.pid });
      await expect(take(running)).rejects.toThrow('is in use; remove');
      expect(existsSync(`${running}.lock`)).toBe(true);
      const foreign = left({ host: 'elsewhere', pid: dead });
      await expect(take(foreign)).rejects.toThrow('is in use on another host (elsewhere)');
      expect(existsSync(`${foreign}.lock`)).toBe(true);
    } finally {
      child.kill();
    }
  });

  it('is removed by one at a time; a removal that was left is cleared', async () => {
    const of = left({ pid: dead });
    writeFileSync(`${of}.lock.removal`, owner({ pid: process.ppid }));
    await expect(take(of)).rejects.toThrow('in use');
    writeFileSync(`${of}.lock.removal`, owner({ pid: dead }));
    await (await take(of)).release();
    expect(existsSync(`${of}.lock.removal`)).toBe(false);
  });

  it('that is another one’s by now is not released', async () => {
    const of = path();
    const lock = await take(of);
    left({ host: 'elsewhere' }, of);
    await lock.release();
    expect(existsSync(`${of}.lock`)).toBe(true);
  });
});
