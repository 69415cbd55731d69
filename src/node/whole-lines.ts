/** The lines of a file, as far as they are whole. */
import { createReadStream } from 'node:fs';

/** A line without its end, and the bytes that it takes with it. */
export interface WholeLine {
  readonly text: string;
  readonly bytes: number;
}

/** The lines of a file in order. A last line without end, as a crash leaves it, is left out. */
export async function* wholeLinesOf(path: string): AsyncGenerator<WholeLine, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path)) {
    rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      yield { text: rest.toString('utf8', 0, end), bytes: end + 1 };
      rest = rest.subarray(end + 1);
    }
  }
}
