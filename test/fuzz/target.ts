/**
 * What a fuzzer is: a parser, valid inputs, and a way to change an input without taking its shape from it at once.
 *
 * A parser may accept or refuse by one of the errors that are its to throw. Whatever else it does is a finding.
 */

import { readFileSync } from 'node:fs';
import { UsageError } from '../../src/cli/terminal.ts';
import { VectorFormatError } from '../../src/conformance/vector-file.ts';
import { PaymentCryptoError } from '../../src/error.ts';
import { AuditFileError } from '../../src/node/audit-file.ts';
import { CardFileError } from '../../src/node/card-file.ts';
import { ExportFileError } from '../../src/node/export-file.ts';
import { KeyFileError } from '../../src/node/key-file.ts';
import type { Dice } from './dice.ts';

/** The texts that a target reads; bytes are characters below 256. */
export type Input = readonly string[];

/** One parser. */
export interface Target {
  readonly name: string;
  /** Of a run over all targets, so many parts of the cases. */
  readonly share: number;
  /** Valid inputs. */
  readonly seeds: readonly Input[];
  /** One change. */
  change(input: Input, dice: Dice): Input;
  /** Returns where the input is accepted, throws where it is refused, and `BrokenLaw` where the result is wrong. */
  run(input: Input): void | Promise<void>;
}

/** A result that cannot be. */
export class BrokenLaw extends Error {
  override readonly name = 'BrokenLaw';
}

/** Says that a law of the target is broken where it does not hold. */
export function law(holds: boolean, what: string): asserts holds {
  if (!holds) throw new BrokenLaw(what);
}

/** What is wrong: by kind, and in words without a value of the input. */
export interface Finding {
  readonly kind: 'crash' | 'hang' | 'internal' | 'law' | 'pollution' | 'slow';
  readonly what: string;
}

/** What comes of a case. */
export type Verdict = 'accepted' | 'refused' | Finding;

/** Milliseconds that a case may take, and how often one that took longer is measured again. */
const MOST_MILLISECONDS = 50;
const MEASUREMENTS = 4;

const REFUSALS = [
  AuditFileError,
  CardFileError,
  ExportFileError,
  KeyFileError,
  UsageError,
  VectorFormatError,
];

/** What an error that a target threw amounts to. */
function verdictOf(error: unknown): Verdict {
  if (error instanceof BrokenLaw) return { kind: 'law', what: error.message };
  if (error instanceof PaymentCryptoError)
    return error.code === 'ERR_INTERNAL' ? { kind: 'internal', what: placeOf(error) } : 'refused';
  if (REFUSALS.some((refusal) => error instanceof refusal)) return 'refused';
  return { kind: 'crash', what: placeOf(error) };
}

/** The name of an error and the functions that it came through, innermost first: no message, which could hold a value. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return `a ${typeof error} was thrown`;
  const frames = [...(error.stack ?? '').matchAll(/^ +at (?:async )?([\w.$<># ]+?) \(/gm)];
  const names = frames.map(([, name = '']) => name).filter((name) => !name.startsWith('process.'));
  const ours = names.indexOf('outcomeOf');
  return [error.name, ...names.slice(0, ours < 0 ? 3 : Math.min(3, ours))].join(' < ');
}

async function outcomeOf(target: Target, input: Input): Promise<Verdict> {
  try {
    const running = target.run(input);
    if (running !== undefined) await running;
    return 'accepted';
  } catch (error) {
    return verdictOf(error);
  }
}

/** What every object has, as it is when nothing has been parsed. */
const INHERITED = new Map(Object.entries(Object.getOwnPropertyDescriptors(Object.prototype)));

/** Puts back what every object has, and says whether that was another. */
function restored(): boolean {
  let changed = false;
  for (const name of Object.getOwnPropertyNames(Object.prototype)) {
    const was = INHERITED.get(name);
    const is = Object.getOwnPropertyDescriptor(Object.prototype, name);
    if (is?.value === was?.value && is?.get === was?.get) continue;
    changed = true;
    if (was === undefined) Reflect.deleteProperty(Object.prototype, name);
    else Object.defineProperty(Object.prototype, name, was);
  }
  return changed;
}

/** Milliseconds that this thread has run; where the system does not say, those that have passed. */
function spent(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ', 1)[0]) / 1e6;
  } catch {
    return performance.now();
  }
}

/** Whether a case takes too long whenever it is measured: what else the machine does must not look like it. */
async function isSlow(target: Target, input: Input): Promise<boolean> {
  for (let measured = 0; measured < MEASUREMENTS; measured++) {
    const began = spent();
    await outcomeOf(target, input);
    if (spent() - began <= MOST_MILLISECONDS) return false;
  }
  return true;
}

/** Runs one case; `ran` is called after it, and before it is measured again. */
export async function judge(target: Target, input: Input, ran?: () => void): Promise<Verdict> {
  const began = performance.now();
  const verdict = await outcomeOf(target, input);
  const taken = performance.now() - began;
  ran?.();
  if (restored())
    return { kind: 'pollution', what: 'every object has something that it did not have before' };
  if (typeof verdict === 'string' && taken > MOST_MILLISECONDS && (await isSlow(target, input)))
    return { kind: 'slow', what: `more than ${MOST_MILLISECONDS} ms` };
  return verdict;
}
