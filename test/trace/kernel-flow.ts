/**
 * Where secrets flow in a WebAssembly module: which branch conditions, addresses and sizes depend on them.
 *
 * Public are constants, parameters of exported functions, and what is loaded from the places that are named as
 * public. Every other load is secret, and so is whatever is computed from a secret. A parameter of an inner function
 * is public if it is so at every call. An instruction whose branch, address or size is secret is a finding.
 *
 * `select` chooses between two values that are both computed: it is flow of data, and no branch. What is set under a
 * secret branch is secret too.
 *
 * An address is taken to stay in the region where it begins: constants are added up, indexes and loop counters count
 * as what they start from. What that is at run time, and memory that is read beyond a region, is not looked at here.
 */
import { Module, type PublicRegion, type Sink } from './flow-facts.ts';
import { Walk } from './flow-walk.ts';
import type { Form } from './wat.ts';

/** An instruction that depends on a secret where it must not. */
export interface Finding {
  /** The exported function, or the number of an inner one. */
  readonly where: string;
  readonly sink: Sink;
  readonly instruction: string;
}

/** What was looked at, and what was found. */
export interface Verdict {
  readonly functions: number;
  /** How many instructions of each kind there are. */
  readonly looked: { readonly [S in Sink]: number };
  readonly findings: readonly Finding[];
}

/** Everything in a module that depends on a secret where it must not. */
export function flowOfSecrets(forms: readonly Form[], regions: readonly PublicRegion[]): Verdict {
  const module = new Module(forms, regions);
  while (module.changed) {
    module.changed = false;
    for (const flow of module.flows.values()) if (flow.given !== undefined) new Walk(module, flow).run();
  }
  const looked: { [S in Sink]: number } = { branch: 0, address: 0, size: 0, division: 0, 'public region': 0 };
  const findings: Finding[] = [];
  for (const [{ head }, { flow, sink, secret }] of module.looked) {
    looked[sink]++;
    const label = flow.form.words[0] ?? '';
    if (secret) findings.push({ where: module.exportOf(label) ?? label, sink, instruction: head });
  }
  const functions = [...module.flows.values()].filter(({ given }) => given !== undefined).length;
  return { functions, looked, findings };
}
