/** A sink of a batch in a file: one line for each chunk, synchronised, cut back when the batch goes on. */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import type { BatchSegment, BatchSink } from '../../src/issuer/issue-batch.ts';

/** The chunks of a file; half a line at its end is none. */
export function readSegments(path: string): BatchSegment[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as BatchSegment);
}

/** Chunks that were ever written, those that were cut off again among them. */
export function chunksWritten(path: string): number {
  return existsSync(`${path}.log`) ? readFileSync(`${path}.log`, 'utf8').length : 0;
}

export function lineSink(path: string): BatchSink {
  let file: number | undefined;
  return {
    async resume(_, lines) {
      file ??= openSync(path, 'a+');
      let bytes = 0;
      let held = 0;
      for (const line of readFileSync(path, 'utf8').split('\n').slice(0, -1)) {
        if (held === lines) break;
        const { firstLine, count } = JSON.parse(line) as BatchSegment;
        if (firstLine !== held + 1 || held + count > lines) throw new Error('chunks that do not fit');
        held += count;
        bytes += line.length + 1;
      }
      if (held !== lines) throw new Error('fewer lines than were issued');
      ftruncateSync(file, bytes);
      fsyncSync(file);
    },
    async write(segment) {
      if (file === undefined) throw new Error('not begun');
      appendFileSync(`${path}.log`, '.');
      writeSync(file, `${JSON.stringify(segment)}\n`);
      fsyncSync(file);
    },
    async finish() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}
