/** Odd parity of DES key bytes: the low bit of each makes the number of ones odd (FIPS 46-3). */

function parityOf(byte: number): number {
  let bits = byte ^ (byte >>> 4);
  bits ^= bits >>> 2;
  return (bits ^ (bits >>> 1)) & 1;
}

/** Whether every byte has odd parity. */
export function hasOddParity(key: Uint8Array): boolean {
  let even = 0;
  for (const byte of key) even |= parityOf(byte) ^ 1;
  return even === 0;
}

/** A fresh array: the key with each low bit set so that the byte has odd parity. */
export function adjustParity(key: Uint8Array): Uint8Array<ArrayBuffer> {
  const adjusted = new Uint8Array(key);
  for (let i = 0; i < adjusted.length; i++) {
    const byte = adjusted[i] as number;
    adjusted[i] = byte ^ parityOf(byte) ^ 1;
  }
  return adjusted;
}
