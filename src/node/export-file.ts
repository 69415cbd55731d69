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
import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import * as v from 'valibot';
import type { SealedEnvelope } from '../brand.ts';
import type { BatchSegment, BatchSink } from '../issuer/batch-sink.ts';
import { type Lock, takeLock } from './lock-file.ts';
import { requirePath } from './path.ts';
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

const refuse = (message: string): ExportFileError => new ExportFileError(message);

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
  for await (const line of wholeLinesOf(path, refuse)) {
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
    // What comes after was never issued, whatever it is.
    if (lines === most) break;
  }
  return batchId === undefined ? undefined : { batchId, lines, bytes, hash, summary: undefined };
}

/** A file of its own, or the one that is there: places in it are said, since not every system cuts what it appends to. */
async function openPartial(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const file = await open(path, 'wx+', 0o600);
  await syncFolderOf(path);
  return file;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return false;
  }
}

/** Where a file stands: lines of its batch, bytes, and the hash over them. */
interface Place {
  readonly lines: number;
  readonly bytes: number;
  readonly hash: Hash;
}

/**
 * A sink for `issueBatch` that writes an export file. While it is written it is called `path.partial`, and a lock
 * beside it keeps a second process off.
 *
 * @param path  where the whole file shall be; one that is there is taken for the end of the same batch
 * @throws ERR_INPUT  path
 */
export function exportFileSink(path: string): BatchSink {
  const partial = `${requirePath(path)}.partial`;
  let lock: Lock | undefined;
  let file: FileHandle | undefined;
  let batch = '';
  let place: Place = { lines: 0, bytes: 0, hash: createHash('sha256') };
  /** Before the last chunk: where its lines are taken back, the file need not be read again. */
  let before: Place | undefined;
  let isDone = false;

  /** Writes behind what is there, durably. */
  const write = async (text: string, lines: number): Promise<void> => {
    if (file === undefined) throw new ExportFileError(`${path} is not open`);
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; )
      at += (await file.write(bytes, at, bytes.length - at, place.bytes + at)).bytesWritten;
    await file.datasync();
    const hash = place.hash.copy().update(bytes);
    place = { lines: place.lines + lines, bytes: place.bytes + bytes.length, hash };
  };
  const cut = async (handle: FileHandle, to: Place): Promise<void> => {
    await handle.truncate(to.bytes);
    await handle.datasync();
    place = to;
    before = undefined;
  };
  const close = async (): Promise<void> => {
    const [handle, taken] = [file, lock];
    [file, lock, before] = [undefined, undefined, undefined];
    try {
      await handle?.close();
    } finally {
      await taken?.release();
    }
  };
  /** Finds the place after so many lines of the batch; a file of another one is left as it is. */
  const find = async (handle: FileHandle, from: number): Promise<void> => {
    const header = Buffer.from(`${JSON.stringify({ format: FORMAT, batchId: batch })}\n`);
    const sound = await soundPart(partial, from);
    if (sound !== undefined && sound.batchId !== batch)
      throw new ExportFileError(`${partial} is of another batch`);
    if (from !== (sound?.lines ?? 0))
      throw new ExportFileError(`${partial} does not hold the ${from} lines that were issued`);
    if (sound !== undefined) return cut(handle, sound);
    // A header that was torn as it was written is the beginning of ours, and nothing more.
    const { size } = await handle.stat();
    const torn = Buffer.alloc(Math.min(size, header.length));
    await handle.read(torn, 0, torn.length, 0);
    if (size >= header.length || !torn.equals(header.subarray(0, size)))
      throw new ExportFileError(`${partial} is there, and no export of this batch`);
    await cut(handle, { lines: 0, bytes: 0, hash: createHash('sha256') });
    await write(header.toString(), 0);
  };

  return {
    async resume(batchId, from) {
      if (file !== undefined && batchId === batch && before?.lines === from) return cut(file, before);
      batch = batchId;
      isDone = false;
      lock ??= await takeLock(path, refuse);
      try {
        if (await exists(path)) {
          const { batchId: found, count } = await verifyExportFile(path);
          if (found !== batchId || count !== from) throw new ExportFileError(`${path} is of another batch`);
          isDone = true;
          await close();
          return;
        }
        file ??= await openPartial(partial);
        await find(file, from);
      } catch (error) {
        await close();
        throw error;
      }
    },
    async write({ firstLine, count: added, envelopes }) {
      if (firstLine !== place.lines + 1) throw new ExportFileError(`${path} is not at line ${firstLine}`);
      const start = place;
      await write(`${JSON.stringify({ firstLine, count: added, envelopes })}\n`, added);
      before = start;
    },
    async finish() {
      if (isDone) return;
      try {
        const { lines, hash } = place;
        const sha256 = hash.copy().digest('hex');
        await write(`${JSON.stringify({ batchId: batch, count: lines, sha256 })}\n`, 0);
        await file?.sync();
        await rename(partial, path);
        await syncFolderOf(path);
        isDone = true;
      } finally {
        await close();
      }
    },
    close,
  };
}

/**
 * Reads an export file to its end and checks its last line.
 *
 * @throws ERR_INPUT        path
 * @throws ExportFileError  the file is not whole, or was changed
 */
export async function verifyExportFile(path: string): Promise<ExportSummary> {
  const sound = await soundPart(requirePath(path), Number.MAX_SAFE_INTEGER);
  if (sound?.summary === undefined) throw new ExportFileError(`${path} is not a whole export`);
  const end = sound.bytes + Buffer.byteLength(`${JSON.stringify(sound.summary)}\n`);
  if ((await stat(path)).size !== end) throw new ExportFileError(`${path} goes on after its end`);
  return sound.summary;
}

/** The chunks of an export file, after all of it was verified. */
export async function* readExportFile(path: string): AsyncGenerator<BatchSegment, void, undefined> {
  await verifyExportFile(path);
  for await (const { text } of wholeLinesOf(path, refuse)) {
    const segment = parsed(SegmentSchema, text);
    if (segment !== undefined) yield { ...segment, envelopes: segment.envelopes as SealedEnvelope[] };
  }
}
