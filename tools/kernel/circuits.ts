/** The S-box circuits as steps of a program. */
import { readFileSync } from 'node:fs';

/** What a gate does with two signals; `andn` is a AND NOT b. */
export type Op = 'xor' | 'and' | 'or' | 'andn';

/** One S-box: six inputs (signals 0 to 5), gates (signal 6 and on), four outputs. */
export interface Circuit {
  readonly box: string;
  readonly gates: readonly (readonly [Op, number, number])[];
  readonly outputs: readonly { readonly id: number; readonly inverted: boolean }[];
}

/** The eight circuits. */
export const CIRCUITS: readonly Circuit[] = (
  JSON.parse(readFileSync(new URL('./sbox-circuits.json', import.meta.url), 'utf8')) as {
    readonly boxes: readonly Circuit[];
  }
).boxes;

/** What is done at one step: an input fetched, a gate computed, or an output handed over. */
export type Step =
  | { readonly kind: 'input'; readonly signal: number }
  | { readonly kind: 'gate'; readonly signal: number; readonly op: Op; readonly a: number; readonly b: number }
  | { readonly kind: 'output'; readonly signal: number; readonly bit: number };

/**
 * The steps of a circuit: gates in the order in which they were found, inputs fetched when they are first
 * used, outputs handed over at once. An order with the fewest values alive (13 instead of 15 in S8, say)
 * was tried and is no faster on any engine: they order gates and keep registers in ways of their own.
 */
export function stepsOf({ gates, outputs }: Circuit): Step[] {
  const steps: Step[] = [];
  const fetched = new Set<number>();
  for (const [g, [op, a, b]] of gates.entries()) {
    for (const signal of [a, b]) {
      if (signal >= 6 || fetched.has(signal)) continue;
      fetched.add(signal);
      steps.push({ kind: 'input', signal });
    }
    steps.push({ kind: 'gate', signal: 6 + g, op, a, b });
    for (const [bit, { id }] of outputs.entries())
      if (id === 6 + g) steps.push({ kind: 'output', signal: id, bit });
  }
  return steps;
}
