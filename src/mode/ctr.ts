/**
 * CTR (SP 800-38A clause 6.5) with the whole block as counter. Building block: unauthenticated, and two
 * messages under one key must never share a counter.
 */
import type { BlockCipher } from '../block-cipher.ts';
import { xorInto } from '../bytes/xor.ts';
import { fail, kindOf } from '../error.ts';

/** Adds one to a big-endian number, in place; past its end it starts again at 0. */
function increment(counter: Uint8Array): void {
  for (let at = counter.length - 1; at >= 0; at--) {
    counter[at] = (counter[at] as number) + 1;
    if (counter[at] !== 0) return;
  }
}

/** A fresh array: `data`, of any length, enciphered or deciphered; `start` is the first counter block. */
export function cryptCtr(cipher: BlockCipher, start: Uint8Array, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const size = cipher.blockBytes;
  if (start.length !== size) fail('ERR_INPUT', 'start', `${size} bytes`, kindOf(start));
  const out = Uint8Array.from(data);
  const counter = Uint8Array.from(start);
  const stream = new Uint8Array(size);
  for (let at = 0; at < out.length; at += size) {
    cipher.encryptBlocks(counter, stream);
    xorInto(out.subarray(at, at + size), stream);
    increment(counter);
  }
  stream.fill(0);
  return out;
}
