/**
 * A file of audit events, each chained to the one before by a hash:
 *
 *   {"seq":1,"prev":"00…","event":{…},"hash":"…"}          hash = SHA-256( prev ‖ seq ‖ event ), as JSON
 *
 * A line that is changed, dropped, added or moved breaks the chain. Whoever can write the whole file can chain it
 * anew: keep the last hash somewhere else from time to time, and ask `verifyAuditFile` whether it is still there.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open, rm, truncate } from 'node:fs/promises';
import * as v from 'valibot';
import type { AuditEvent, AuditHook } from '../hsm/audit.ts';
import { takeLock } from './lock-file.ts';
import { wholeLinesOf } from './whole-lines.ts';

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const LineSchema = v.strictObject({
  seq: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  prev: hash,
  // As it was read: a schema would put its names in another order, and the hash is over the text.
  event: v.unknown(),
  hash,
});

/** Before the first event. */
const NOTHING = '0'.repeat(64);

/** A file of events whose chain is broken, or that another process writes. */
export class AuditFileError extends Error {
  override readonly name = 'AuditFileError';
}

/** Where a chain has come to. */
export interface AuditChain {
  readonly events: number;
  /** Hash of the last event: 64 hex digits, zeros where there is none. */
  readonly head: string;
}

/** An open file of events. */
export interface AuditFile {
  /** Takes an event; its promise resolves once the event is on disk. */
  readonly hook: AuditHook;
  /** Where the chain has come to. */
  chain(): AuditChain;
  close(): Promise<void>;
}

function hashOf(prev: string, seq: number, event: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([prev, seq, event]))
    .digest('hex');
}

/** Follows the chain of a file to its end. */
async function follow(
  path: string,
  kept: string | undefined,
): Promise<AuditChain & { readonly bytes: number; readonly found: boolean }> {
  let head = NOTHING;
  let events = 0;
  let bytes = 0;
  let found = kept === undefined || kept === NOTHING;
  for await (const line of wholeLinesOf(path)) {
    let read: v.InferOutput<typeof LineSchema>;
    try {
      read = v.parse(LineSchema, JSON.parse(line.text));
    } catch {
      throw new AuditFileError(`${path}: event ${events + 1} cannot be read`);
    }
    const { seq, prev, event } = read;
    if (seq !== events + 1 || prev !== head || read.hash !== hashOf(prev, seq, event))
      throw new AuditFileError(`${path}: the chain breaks at event ${events + 1}`);
    head = read.hash;
    events = seq;
    bytes += line.bytes;
    found ||= head === kept;
  }
  return { events, head, bytes, found };
}

/**
 * Checks the chain of a file from its first event to its last.
 *
 * @param kept  a hash that was kept elsewhere: it must still be one of the chain's
 * @throws AuditFileError  the chain breaks, or does not have that hash
 */
export async function verifyAuditFile(path: string, kept?: string): Promise<AuditChain> {
  const { events, head, found } = await follow(path, kept);
  if (!found) throw new AuditFileError(`${path} does not hold the event that was kept`);
  return { events, head };
}

/**
 * Opens a file of events, or makes it, and goes on where its chain ends. What a crash left of a last line, which
 * nobody was told is taken, is cut off. Events that come together are written together.
 *
 * @throws AuditFileError  the chain breaks, or another process writes the file
 */
export async function openAuditFile(path: string): Promise<AuditFile> {
  const lock = `${path}.lock`;
  if (!(await takeLock(lock)))
    throw new AuditFileError(`${path} is in use; remove ${lock} if no other program writes it`);
  let file: FileHandle;
  let chain: AuditChain;
  try {
    file = await open(path, 'a', 0o600);
    const { events, head, bytes } = await follow(path, undefined);
    await truncate(path, bytes);
    chain = { events, head };
  } catch (error) {
    await rm(lock, { force: true });
    throw error;
  }

  let waiting: string[] = [];
  let writing: Promise<void> = Promise.resolve();
  /** Set for good when a write failed: what came after would hang on an event that is not there. */
  let failed: unknown;

  const flush = async (): Promise<void> => {
    if (failed !== undefined) throw failed;
    const lines = waiting;
    waiting = [];
    if (lines.length === 0) return;
    try {
      await file.appendFile(lines.join(''));
      await file.datasync();
    } catch (error) {
      failed = error;
      throw error;
    }
  };
  return {
    hook: (event: AuditEvent) => {
      const seq = chain.events + 1;
      const { head: prev } = chain;
      const head = hashOf(prev, seq, event);
      chain = { events: seq, head };
      waiting.push(`${JSON.stringify({ seq, prev, event, hash: head })}\n`);
      writing = writing.then(flush, flush);
      return writing;
    },
    chain: () => chain,
    async close() {
      await writing.catch(() => undefined);
      await file.close();
      await rm(lock, { force: true });
    },
  };
}
