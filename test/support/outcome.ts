/** What comes of a call, and what a refusal may look like. */
import { readFileSync } from 'node:fs';

/** The codes that the library has. */
export const CODES: readonly string[] = [
  ...readFileSync(new URL('../../src/error.ts', import.meta.url), 'utf8').matchAll(/\| '(ERR_[A-Z_]+)'/g),
].map(([, code]) => code as string);

/** A thrown or returned thing; what came of a call. */
export interface Outcome {
  readonly how: 'threw' | 'returned' | 'rejected' | 'resolved';
  readonly value: unknown;
}

export async function outcomeOf(call: () => unknown): Promise<Outcome> {
  let value: unknown;
  try {
    value = call();
  } catch (error) {
    return { how: 'threw', value: error };
  }
  if (!(value instanceof Promise)) return { how: 'returned', value };
  return value.then(
    (answer): Outcome => ({ how: 'resolved', value: answer }),
    (error: unknown): Outcome => ({ how: 'rejected', value: error }),
  );
}
