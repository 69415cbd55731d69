/** The lines of a file, as far as they are whole. */
import { createReadStream } from 'node:fs';

/** Most bytes of a line: a chunk of a batch has less than one megabyte. */
const MOST_BYTES = 1 << 24;

/** A line without its end, and the bytes that it takes with it. */
export interface WholeLine {
  readonly text: string;
  readonly bytes: number;
}

/**
 * The lines of a file in order. A last line without end, as a crash leaves it, is left out.
 *
 * @param refuse  makes the error for a line that does not end: the file is a damaged one, or another
 */
export async function* wholeLinesOf(
  path: string,
  refuse: (message: string) => Error,
): AsyncGenerator<WholeLine, void, undefined> {
  let parts: Buffer[] = [];
  let bytes = 0;
  const take = (part: Buffer): void => {
    bytes += part.length;
    if (bytes > MOST_BYTES) throw refuse(`${path} has a line of more than ${MOST_BYTES} bytes`);
    parts.push(part);
  };
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      take(chunk.subarray(from, end));
      yield { text: Buffer.concat(parts).toString('utf8'), bytes: bytes + 1 };
      parts = [];
      bytes = 0;
      from = end + 1;
    }
    take(chunk.subarray(from));
  }
}
