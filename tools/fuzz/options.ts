/** Options of the fuzzers' programs. */

/** A whole number of an option. */
export function whole(name: string, text: string, most: number): number {
  const value = Number(text);
  if (!/^[0-9]{1,12}$/.test(text) || value > most) throw new Error(`--${name}: a whole number up to ${most}`);
  return value;
}
