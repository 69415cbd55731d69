/**
 * Locks between processes: a file that says which process holds it.
 *
 *   {"host":"…","pid":17,"start":"123456","nonce":"…"}      written beside it and linked: it is whole, or not there
 *
 * A lock is stale where its process is gone: none of that number runs, or one that was started at another time; or the
 * number is ours, as in a container that starts again, and we did not take it. What another host holds is never stale:
 * nobody here can tell.
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import * as v from 'valibot';

const OwnerSchema = v.object({
  host: v.string(),
  pid: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  start: v.nullable(v.string()),
  nonce: v.string(),
});

type Owner = v.InferOutput<typeof OwnerSchema>;

/** A lock that is held. */
export interface Lock {
  /** Lets the next one have it; a lock that is another's by now stays. */
  release(): Promise<void>;
}

/** The nonces of the locks that this process holds, or is about to take. */
const held = new Set<string>();

/** When a process was started, in ticks since the machine was; null where the system does not say. */
async function startOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name before it may have spaces and brackets of its own: proc_pid_stat(5), field 22.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

async function isRunning({ pid, start }: Owner): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = await startOf(pid);
  return start === null || now === null || start === now;
}

/** Who holds a lock: `undefined` where it is not there, null where it says nobody, as a loss of power leaves it. */
async function ownerOf(lock: string): Promise<Owner | null | undefined> {
  let text: string;
  try {
    text = await readFile(lock, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return v.parse(OwnerSchema, JSON.parse(text));
  } catch {
    return null;
  }
}

async function isStale(lock: string): Promise<boolean> {
  const owner = await ownerOf(lock);
  if (owner === undefined) return false;
  if (owner === null) return true;
  if (owner.host !== hostname()) return false;
  return owner.pid === process.pid ? !held.has(owner.nonce) : !(await isRunning(owner));
}

/** Makes a lock; false where there is one. */
async function claim(lock: string, owner: Owner): Promise<boolean> {
  const beside = `${lock}.${owner.nonce}`;
  try {
    await writeFile(beside, JSON.stringify(owner), { flag: 'wx', mode: 0o600 });
    await link(beside, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(beside, { force: true });
  }
}

/**
 * Removes a lock that is stale, under a second one beside it (`.removal`): of several who find it only one removes it,
 * and none removes the lock that the next one took. A removal that was left itself is cleared first.
 */
async function clear(lock: string, owner: Owner): Promise<void> {
  const removal = `${lock}.removal`;
  if (!(await isStale(lock))) return;
  if (await isStale(removal)) await rm(removal, { force: true });
  if (!(await claim(removal, owner))) return;
  try {
    if (await isStale(lock)) await rm(lock, { force: true });
  } finally {
    await rm(removal, { force: true });
  }
}

/**
 * Takes the lock of a file, `path.lock`.
 *
 * @param refuse  makes the error where somebody else has it
 */
export async function takeLock(path: string, refuse: (message: string) => Error): Promise<Lock> {
  const lock = `${path}.lock`;
  const nonce = randomUUID();
  const owner = { host: hostname(), pid: process.pid, start: await startOf(process.pid), nonce };
  held.add(nonce);
  try {
    if (!(await claim(lock, owner))) {
      await clear(lock, owner);
      if (!(await claim(lock, owner))) {
        const other = await ownerOf(lock);
        const where = other && other.host !== owner.host ? ` on another host (${other.host})` : '';
        throw refuse(`${path} is in use${where}; remove ${lock} if no other program uses it`);
      }
    }
  } catch (error) {
    held.delete(nonce);
    throw error;
  }
  return {
    async release() {
      if (held.delete(nonce) && (await ownerOf(lock))?.nonce === nonce) await rm(lock, { force: true });
    },
  };
}
