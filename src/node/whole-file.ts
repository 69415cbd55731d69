/** Files that are there as a whole or not at all. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a whole file or nothing: beside it, flushed, then renamed over it, durably. */
export async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const beside = `${path}.${randomUUID()}`;
  const file = await open(beside, 'wx', mode);
  try {
    await file.writeFile(text);
    await file.sync();
    await file.close();
    await rename(beside, path);
    await syncFolderOf(path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(beside, { force: true });
    throw error;
  }
}

/** Makes what was made or renamed in a folder durable; systems that cannot open a folder keep it without. */
export async function syncFolderOf(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r').catch(() => undefined);
  if (folder === undefined) return;
  try {
    await folder.sync();
  } catch {
    // Not every file system synchronises folders.
  } finally {
    await folder.close();
  }
}
