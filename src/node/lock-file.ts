/** Locks between processes: a file with the number of the process that holds it. */
import { open, readFile, rm } from 'node:fs/promises';

/** Whether a process of that number runs. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Makes a file that must not be there, with our process number in it; false where it is there. */
async function claim(path: string): Promise<boolean> {
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  if (file === undefined) return false;
  try {
    await file.writeFile(String(process.pid));
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return true;
}

/** Whether a lock was left by a process that is dead. */
async function isStale(lock: string): Promise<boolean> {
  const owner = Number(await readFile(lock, 'utf8').catch(() => ''));
  return Number.isSafeInteger(owner) && owner > 0 && !isRunning(owner);
}

/**
 * Takes a lock; false where a live process has it. One that a dead process left is removed, under a second lock
 * beside it (`.removal`), so that of several who find it only one removes it and none removes the lock of another.
 */
export async function takeLock(lock: string): Promise<boolean> {
  if (await claim(lock)) return true;
  const removal = `${lock}.removal`;
  if ((await isStale(lock)) && (await claim(removal))) {
    try {
      if (await isStale(lock)) await rm(lock, { force: true });
    } finally {
      await rm(removal, { force: true });
    }
    return claim(lock);
  }
  return false;
}
