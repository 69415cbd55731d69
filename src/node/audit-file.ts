/**
 * A file of audit events, each chained to the one before by a hash:
 *
 *   {"seq":1,"prev":"00…","event":{…},"hash":"…"}          hash = SHA-256( prev ‖ seq ‖ event ), as JSON
 *
 * A line that is changed, dropped, added or moved breaks the chain. Whoever can write the whole file can chain it
 * anew: keep the last hash somewhere else from time to time, and ask `verifyAuditFile` whether it is still there.
 * A chain may go on in another file: its first event follows the last one of the file before, by number and hash.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open, truncate } from 'node:fs/promises';
import * as v from 'valibot';
import type { AuditEvent, AuditHook } from '../hsm/audit.ts';
import { readOptions } from '../input.ts';
import { takeLock } from './lock-file.ts';
import { requirePath } from './path.ts';
import { syncFolderOf } from './whole-file.ts';
import { wholeLinesOf } from './whole-lines.ts';

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const LineSchema = v.strictObject({
  seq: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  prev: hash,
  // As it was read: a schema would put its names in another order, and the hash is over the text.
  event: v.unknown(),
  hash,
});

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

const ChainSchema = v.object({ events: v.pipe(v.number(), v.safeInteger(), v.minValue(0)), head: hash });

/** Before the first event. */
const BEGINNING: AuditChain = Object.freeze({ events: 0, head: '0'.repeat(64) });

function requireChain(after: unknown): AuditChain {
  const read = v.safeParse(ChainSchema, after);
  if (!read.success) throw new AuditFileError('"after" expected the chain of a file of events');
  return read.output;
}

/** An open file of events. */
export interface AuditFile {
  /** Takes an event; its promise resolves once the event is on disk. After a failure it refuses every one. */
  readonly hook: AuditHook;
  /** Where the chain has come to on disk. */
  chain(): AuditChain;
  close(): Promise<void>;
}

function hashOf(prev: string, seq: number, event: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([prev, seq, event]))
    .digest('hex');
}

const refuse = (message: string): AuditFileError => new AuditFileError(message);

/** Follows the chain of a file to its end. */
async function follow(
  path: string,
  after: AuditChain,
  kept: string | undefined,
): Promise<AuditChain & { readonly bytes: number; readonly found: boolean }> {
  let { head, events } = after;
  let bytes = 0;
  let found = kept === undefined || kept === head;
  for await (const line of wholeLinesOf(path, refuse)) {
    let read: v.InferOutput<typeof LineSchema>;
    let ours: string;
    try {
      read = v.parse(LineSchema, JSON.parse(line.text));
      // What is nested deeply can be read, and not be written again.
      ours = hashOf(read.prev, read.seq, read.event);
    } catch {
      throw new AuditFileError(`${path}: event ${events + 1} cannot be read`);
    }
    const { seq, prev } = read;
    if (seq !== events + 1 || prev !== head || read.hash !== ours)
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
 * @param kept     a hash that was kept elsewhere: it must still be one of the chain's
 * @param options  after: where the chain of the file before had come to
 * @throws ERR_INPUT       path, options
 * @throws AuditFileError  the chain breaks, or does not have that hash
 */
export async function verifyAuditFile(
  path: string,
  kept?: string,
  options?: { readonly after?: AuditChain },
): Promise<AuditChain> {
  const { after = BEGINNING } = readOptions(options, 'options', ['after']);
  const { events, head, found } = await follow(requirePath(path), requireChain(after), kept);
  if (!found) throw new AuditFileError(`${path} does not hold the event that was kept`);
  return { events, head };
}

/**
 * Opens a file of events, or makes it, and goes on where its chain ends. What a crash left of a last line, which
 * nobody was told is taken, is cut off. Events that come together are written together.
 *
 * @param options  after: where the chain of the file before had come to, which this one carries on
 * @throws ERR_INPUT       path, options
 * @throws AuditFileError  the chain breaks, or another process writes the file
 */
export async function openAuditFile(
  path: string,
  options?: { readonly after?: AuditChain },
): Promise<AuditFile> {
  const given = readOptions(options, 'options', ['after']);
  const after = requireChain(given.after ?? BEGINNING);
  const lock = await takeLock(requirePath(path), refuse);
  let file: FileHandle | undefined;
  let onDisk: AuditChain;
  try {
    file = await open(path, 'a', 0o600);
    const { events, head, bytes } = await follow(path, after, undefined);
    await truncate(path, bytes);
    // A file that was made now is lost with its folder's entry.
    await syncFolderOf(path);
    onDisk = { events, head };
  } catch (error) {
    await file?.close();
    await lock.release();
    throw error;
  }

  const opened = file;
  /** With what is waiting to be written. */
  let chain = onDisk;
  let waiting: string[] = [];
  let writing: Promise<void> = Promise.resolve();
  /** Set for good when a write failed: what came after would hang on an event that is not there. */
  let failed: unknown;

  const flush = async (): Promise<void> => {
    if (failed !== undefined) throw failed;
    const lines = waiting;
    const written = chain;
    waiting = [];
    if (lines.length === 0) return;
    try {
      await opened.appendFile(lines.join(''));
      await opened.datasync();
      onDisk = written;
    } catch (error) {
      failed = error;
      throw error;
    }
  };
  return {
    hook: async (event: AuditEvent) => {
      if (failed !== undefined) throw failed;
      const seq = chain.events + 1;
      const { head: prev } = chain;
      const head = hashOf(prev, seq, event);
      chain = { events: seq, head };
      waiting.push(`${JSON.stringify({ seq, prev, event, hash: head })}\n`);
      writing = writing.then(flush, flush);
      await writing;
    },
    chain: () => onDisk,
    async close() {
      await writing.catch(() => undefined);
      await opened.close();
      await lock.release();
    },
  };
}
