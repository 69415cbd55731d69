/**
 * Best-effort erasure. The engine may hold copies that nobody can reach, and strings cannot be
 * erased at all; overwriting our own buffers shortens the time in which a secret lies in memory.
 */

/** Overwrites each array with zeros. */
export function wipe(...arrays: readonly (Uint8Array | Int32Array | Uint32Array | Uint16Array)[]): void {
  for (const array of arrays) array.fill(0);
}
