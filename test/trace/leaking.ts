/** Ways in which functions tell of their secrets, so that the method can be seen to find them. */

/** Stops at the first byte that differs. */
export function earlyExit(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Leaves the comparison to the engine, which may stop at the first character that differs. */
export function byOperator(a: string, b: string): 0 | 1 {
  return a === b ? 1 : 0;
}

const SQUARES: readonly number[] = Array.from({ length: 256 }, (_, i) => (i * i) & 255);

/** Looks a secret up in a table. */
export function byTable(secret: Uint8Array): number {
  let sum = 0;
  for (const byte of secret) sum ^= SQUARES[byte] as number;
  return sum;
}

/** Looks for a secret in a list. */
export function inList(list: readonly string[], secret: string): boolean {
  return list.some((entry) => entry.charCodeAt(0) === secret.charCodeAt(0) && list.includes(secret));
}
