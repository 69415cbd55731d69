/**
 * The file of a batch for its embosser: JSON lines, written beside it and renamed when it is whole.
 *
 *   {"format":"cardwright-export/1","batchId":"B1"}
 *   {"firstLine":1,"count":1000,"envelopes":["…"]}            one line for each chunk, on disk before it is issued
 *   {"batchId":"B1","count":2500,"sha256":"…"}                over every byte before this line
 *
 * A file without its last line is no export; a batch that goes on cuts it back to the lines that were issued.
 */
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import * as v from 'valibot';
import type { SealedEnvelope } from '../brand.ts';
import type { BatchSegment, BatchSink } from '../issuer/issue-batch.ts';
import { takeLock } from './lock-file.ts';
import { syncFolderOf } from './whole-file.ts';
import { wholeLinesOf } from './whole-lines.ts';

const FORMAT = 'cardwright-export/1';

const HeaderSchema = v.strictObject({ format: v.literal(FORMAT), batchId: v.string() });
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const SegmentSchema = v.strictObject({ firstLine: count, count, envelopes: v.array(v.string()) });
const TrailerSchema = v.strictObject({
  batchId: v.string(),
  count: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

/** A file that is no export, or not the one that is wanted; the message says why, without contents. */
export class ExportFileError extends Error {
  override readonly name = 'ExportFileError';
}

/** What the last line of an export says, once it was found to be true. */
export interface ExportSummary {
  readonly batchId: string;
  /** Lines of the batch. */
  readonly count: number;
  /** Of every byte before the last line: 64 hex digits. */
  readonly sha256: string;
}

function parsed<T>(schema: v.GenericSchema<unknown, T>, text: string): T | undefined {
  try {
    const result = v.safeParse(schema, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}

/** What of a file is sound: its header and the chunks that follow each other. */
interface Sound {
  readonly batchId: string;
  readonly lines: number;
  readonly bytes: number;
  readonly hash: Hash;
  readonly summary: ExportSummary | undefined;
}

/** Reads a file up to so many lines of its batch, or to where it stops being sound. */
async function soundPart(
  path: string,
  most: number,
  take?: (segment: BatchSegment) => void,
): Promise<Sound | undefined> {
  const hash = createHash('sha256');
  let batchId: string | undefined;
  let lines = 0;
  let bytes = 0;
  for await (const line of wholeLinesOf(path)) {
    if (batchId === undefined) {
      batchId = parsed(HeaderSchema, line.text)?.batchId;
      if (batchId === undefined) return undefined;
    } else {
      const segment = parsed(SegmentSchema, line.text);
      if (segment === undefined) {
        const trailer = parsed(TrailerSchema, line.text);
        const whole = trailer?.batchId === batchId && trailer.count === lines;
        const holds = whole && hash.copy().digest('hex') === trailer.sha256;
        return { batchId, lines, bytes, hash, summary: holds ? trailer : undefined };
      }
      if (segment.firstLine !== lines + 1 || lines + segment.count > most) break;
      lines += segment.count;
      take?.(segment as unknown as BatchSegment);
    }
    bytes += line.bytes;
    hash.update(`${line.text}\n`);
  }
  return batchId === undefined ? undefined : { batchId, lines, bytes, hash, summary: undefined };
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * A sink for `issueBatch` that writes an export file. While it is written it is called `path.partial`, and a lock
 * beside it keeps a second process off.
 *
 * @param path  where the whole file shall be; one that is there is taken for the end of the same batch
 */
export function exportFileSink(path: string): BatchSink {
  const partial = `${path}.partial`;
  const lock = `${path}.lock`;
  let file: FileHandle | undefined;
  let hash = createHash('sha256');
  let batch = '';
  let lines = 0;
  let isDone = false;

  const write = async (text: string): Promise<void> => {
    if (file === undefined) throw new ExportFileError(`${path} is not open`);
    await file.appendFile(text);
    await file.datasync();
  };
  const begin = async (): Promise<void> => {
    const header = `${JSON.stringify({ format: FORMAT, batchId: batch })}\n`;
    hash = createHash('sha256').update(header);
    await write(header);
  };
  const release = async (): Promise<void> => {
    await file?.close();
    file = undefined;
    await rm(lock, { force: true });
  };

  return {
    async resume(batchId, from) {
      batch = batchId;
      lines = from;
      if (await exists(path)) {
        const { batchId: found, count } = await verifyExportFile(path);
        if (found !== batchId || count !== from) throw new ExportFileError(`${path} is of another batch`);
        isDone = true;
        return;
      }
      if (file === undefined && !(await takeLock(lock)))
        throw new ExportFileError(`${path} is in use; remove ${lock} if no other program writes it`);
      try {
        file ??= await open(partial, 'a', 0o600);
        const sound = (await stat(partial)).size === 0 ? undefined : await soundPart(partial, from);
        const right = sound !== undefined && sound.batchId === batchId && sound.lines === from;
        if (!right && from > 0)
          throw new ExportFileError(`${partial} does not hold the ${from} lines that were issued`);
        await file.truncate(right ? sound.bytes : 0);
        if (right) hash = sound.hash;
        else await begin();
        await file.datasync();
      } catch (error) {
        await release();
        throw error;
      }
    },
    async write({ firstLine, count: added, envelopes }) {
      if (firstLine !== lines + 1) throw new ExportFileError(`${path} is not at line ${firstLine}`);
      const text = `${JSON.stringify({ firstLine, count: added, envelopes })}\n`;
      await write(text);
      hash.update(text);
      lines += added;
    },
    async finish() {
      if (isDone) return;
      const sha256 = hash.copy().digest('hex');
      await write(`${JSON.stringify({ batchId: batch, count: lines, sha256 })}\n`);
      await file?.sync();
      await rename(partial, path);
      await syncFolderOf(path);
      await release();
      isDone = true;
    },
  };
}

/**
 * Reads an export file to its end and checks its last line.
 *
 * @throws ExportFileError  the file is not whole, or was changed
 */
export async function verifyExportFile(path: string): Promise<ExportSummary> {
  const sound = await soundPart(path, Number.MAX_SAFE_INTEGER);
  if (sound?.summary === undefined) throw new ExportFileError(`${path} is not a whole export`);
  const end = sound.bytes + Buffer.byteLength(`${JSON.stringify(sound.summary)}\n`);
  if ((await stat(path)).size !== end) throw new ExportFileError(`${path} goes on after its end`);
  return sound.summary;
}

/** The chunks of an export file, after all of it was verified. */
export async function* readExportFile(path: string): AsyncGenerator<BatchSegment, void, undefined> {
  await verifyExportFile(path);
  for await (const { text } of wholeLinesOf(path)) {
    const segment = parsed(SegmentSchema, text);
    if (segment !== undefined) yield { ...segment, envelopes: segment.envelopes as SealedEnvelope[] };
  }
}
