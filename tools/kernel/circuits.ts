/** The S-box circuits as steps of a program. */
import { readFileSync } from 'node:fs';

/** What a gate does with two signals; `andn` is a AND NOT b. */
export type Op = 'xor' | 'and' | 'or' | 'andn';

/** One S-box: its inputs are the first signals, its gates the next ones. */
export interface Circuit {
  readonly gates: readonly (readonly [Op, number, number])[];
  readonly outputs: readonly { readonly id: number; readonly inverted: boolean }[];
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
}

/** The eight boxes of DES: six inputs, four outputs. */
export const CIRCUITS: readonly Circuit[] = (
  read('./des-circuits.json') as { readonly boxes: readonly Circuit[] }
).boxes;

/** The box of AES: eight inputs, eight outputs. */
export const AES_CIRCUIT: Circuit = read('./aes-circuit.json') as Circuit;

/** What is done at one step: an input fetched, a gate computed, or an output handed over. */
export type Step =
  | { readonly kind: 'input'; readonly signal: number }
  | {
      readonly kind: 'gate';
      readonly signal: number;
      readonly op: Op;
      readonly a: number;
      readonly b: number;
    }
  | { readonly kind: 'output'; readonly signal: number; readonly bit: number };

/**
 * The steps of a circuit: gates in the order in which they were found, inputs fetched when they are first
 * used, outputs handed over at once. An order with the fewest values alive (13 instead of 15 in S8, say)
 * was tried and is no faster on any engine: they order gates and keep registers in ways of their own.
 */
export function stepsOf({ gates, outputs }: Circuit, inputs: number): Step[] {
  const steps: Step[] = [];
  const fetched = new Set<number>();
  for (const [g, [op, a, b]] of gates.entries()) {
    for (const signal of [a, b]) {
      if (signal >= inputs || fetched.has(signal)) continue;
      fetched.add(signal);
      steps.push({ kind: 'input', signal });
    }
    steps.push({ kind: 'gate', signal: inputs + g, op, a, b });
    for (const [bit, { id }] of outputs.entries())
      if (id === inputs + g) steps.push({ kind: 'output', signal: id, bit });
  }
  return steps;
}
