/** What every public function says when it refuses: code and message, for every kind of wrong argument there is. */
import { PaymentCryptoError } from '../../src/index.ts';
import { badCalls, type Fixture, PUBLIC_CALLS } from '../support/public-calls.ts';

/** Name of a function → what it says, sorted, each once. */
export type Refusals = { readonly [name: string]: readonly string[] };

/** The functions of the table, in its order. */
export const FUNCTIONS: readonly string[] = [...new Set(PUBLIC_CALLS.map(({ name }) => name))];

/** What one function says. */
export async function refusalsOf(name: string, f: Fixture): Promise<readonly string[]> {
  const said = new Set<string>();
  for (const row of PUBLIC_CALLS)
    if (row.name === name)
      for (const { args } of badCalls(row, f))
        try {
          await row.call(...args());
        } catch (error) {
          if (!(error instanceof PaymentCryptoError)) throw error;
          said.add(`${error.code}: ${error.message.replace(/, got .*/s, '')}`);
        }
  return [...said].sort();
}
