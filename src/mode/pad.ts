/**
 * Paddings, by the names under which the standards know them.
 *
 * `iso9797-1`  zeros up to a block, a whole block for the empty message (ISO/IEC 9797-1 method 1)
 * `iso9797-2`  80, then zeros (method 2; `iso7816-4` is the same rule)
 * `iso9797-3`  the length in bits in a block of its own, then the message as in method 1 (method 3)
 * `pkcs7`      n bytes of value n (RFC 5652 clause 6.3)
 * `x9.23`      zeros, then their number including itself (ANSI X9.23)
 * `zero`       zeros up to a block, nothing when the message is whole blocks already
 * `none`       nothing
 *
 * Only the methods with a mark at the end can be taken off again: 2, 7816-4, pkcs7 and x9.23.
 */
/** The paddings known here. */
export type Padding =
  | 'none'
  | 'zero'
  | 'iso9797-1'
  | 'iso9797-2'
  | 'iso9797-3'
  | 'iso7816-4'
  | 'pkcs7'
  | 'x9.23';

/** The names of the paddings. */
export const PADDINGS: readonly Padding[] = [
  'none',
  'zero',
  'iso9797-1',
  'iso9797-2',
  'iso9797-3',
  'iso7816-4',
  'pkcs7',
  'x9.23',
];

/** A fresh array: `message` padded to whole blocks of `blockBytes`. */
export function pad(message: Uint8Array, padding: Padding, blockBytes: number): Uint8Array<ArrayBuffer> {
  const toBlock = (length: number): number => Math.ceil(length / blockBytes) * blockBytes;
  switch (padding) {
    case 'none':
      return Uint8Array.from(message);
    case 'zero':
      return resized(message, toBlock(message.length), 0);
    case 'iso9797-1':
      return resized(message, Math.max(blockBytes, toBlock(message.length)), 0);
    case 'iso9797-2':
    case 'iso7816-4': {
      const out = resized(message, toBlock(message.length + 1), 0);
      out[message.length] = 0x80;
      return out;
    }
    case 'iso9797-3': {
      const out = resized(message, blockBytes + Math.max(blockBytes, toBlock(message.length)), blockBytes);
      for (let bits = message.length * 8, i = blockBytes - 1; bits > 0; bits = Math.floor(bits / 256))
        out[i--] = bits % 256;
      return out;
    }
    case 'pkcs7': {
      const out = resized(message, toBlock(message.length + 1), 0);
      return out.fill(out.length - message.length, message.length);
    }
    case 'x9.23': {
      const out = resized(message, toBlock(message.length + 1), 0);
      out[out.length - 1] = out.length - message.length;
      return out;
    }
  }
}

function resized(message: Uint8Array, length: number, at: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(length);
  out.set(message, at);
  return out;
}

/**
 * The message without its padding, or `undefined` for whatever `pad` would not have made.
 * Call it on authenticated data only: the answer is an oracle.
 */
export function unpad(
  padded: Uint8Array,
  padding: 'iso9797-2' | 'iso7816-4' | 'pkcs7' | 'x9.23',
  blockBytes: number,
): Uint8Array<ArrayBuffer> | undefined {
  let length = -1;
  if (padded.length > 0 && padded.length % blockBytes === 0) {
    if (padding === 'pkcs7' || padding === 'x9.23') {
      const count = padded[padded.length - 1] as number;
      if (count >= 1 && count <= blockBytes) {
        length = padded.length - count;
        const fill = padding === 'pkcs7' ? count : 0;
        for (let i = length; i < padded.length - 1; i++) if (padded[i] !== fill) length = -1;
      }
    } else {
      let last = padded.length - 1;
      while (last > padded.length - blockBytes && padded[last] === 0) last--;
      if (padded[last] === 0x80) length = last;
    }
  }
  return length < 0 ? undefined : padded.slice(0, length);
}
