/** Exclusive or of byte strings. */

/** `dst[i] ^= src[i]` over the whole of `dst`; `src` is at least as long. */
export function xorInto(dst: Uint8Array, src: Uint8Array): void {
  for (let i = 0; i < dst.length; i++) dst[i] = (dst[i] as number) ^ (src[i] as number);
}

/** A fresh array with `a[i] ^ b[i]`; both have one length. */
export function xor(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = Uint8Array.from(a);
  xorInto(out, b);
  return out;
}
