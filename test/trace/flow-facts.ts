/** What is known of the values of a WebAssembly module: which are secret, and where addresses begin. */
import type { Form } from './wat.ts';

/** A region of memory with public contents. */
export interface PublicRegion {
  readonly from: number;
  /** The first place behind it. */
  readonly to: number;
  readonly why: string;
}

/** What must not depend on a secret; `division` only takes a time of its own. */
export type Sink = 'branch' | 'address' | 'size' | 'division' | 'public region';

/** What is known of a value. */
export interface Fact {
  readonly secret: boolean;
  /** The place in memory where it begins, if it is an address; a loop counter is what it starts from. */
  readonly place: number | undefined;
}

/** Locals of a function at one point; `undefined` where no path leads. */
export type Locals = readonly Fact[] | undefined;

export const PUBLIC: Fact = { secret: false, place: undefined };
export const SECRET: Fact = { secret: true, place: undefined };

export const same = (a: Locals, b: Locals): boolean => JSON.stringify(a) === JSON.stringify(b);

/** A function of the module, and what is known of it so far. */
export class Flow {
  readonly form: Form;
  readonly params: number;
  /** Parameters and locals by name, in order. */
  readonly names: ReadonlyMap<string, number>;
  /** Facts of the parameters, joined over all calls. */
  given: Fact[] | undefined;
  result: Fact | undefined;

  constructor(form: Form) {
    this.form = form;
    const declared = form.parts.filter(({ head }) => head === 'param' || head === 'local');
    this.params = declared.filter(({ head }) => head === 'param').length;
    this.names = new Map(declared.map(({ words }, i) => [words[0] ?? '', i]));
  }

  get body(): readonly Form[] {
    return this.form.parts.filter(({ head }) => !['param', 'local', 'result', 'type'].includes(head));
  }
}

/** A module under analysis. */
export class Module {
  readonly forms: readonly Form[];
  readonly regions: readonly PublicRegion[];
  readonly flows: Map<string, Flow> = new Map();
  readonly globals: Map<string, Fact> = new Map();
  /** Every instruction with a sink, and whether what comes there is secret. */
  readonly looked: Map<Form, { readonly flow: Flow; readonly sink: Sink; readonly secret: boolean }> =
    new Map();
  changed = true;

  constructor(forms: readonly Form[], regions: readonly PublicRegion[]) {
    this.forms = forms;
    this.regions = regions;
    for (const form of forms) if (form.head === 'func') this.flows.set(form.words[0] ?? '', new Flow(form));
    for (const [label, flow] of this.flows)
      if (
        this.exportOf(label) !== undefined ||
        forms.some(({ head, words }) => head === 'start' && words[0] === label)
      )
        flow.given = Array.from({ length: flow.params }, () => PUBLIC);
  }

  /** The name under which a function is exported. */
  exportOf(label: string): string | undefined {
    const isOf = ({ head, parts }: Form): boolean =>
      head === 'export' && parts[0]?.head === 'func' && parts[0].words[0] === label;
    return this.forms.find(isOf)?.words[0]?.replaceAll('"', '');
  }

  /** The public region that a value is a place of. */
  regionOf({ place }: Fact): PublicRegion | undefined {
    return this.regions.find(({ from, to }) => place !== undefined && place >= from && place < to);
  }

  /** What holds of either; of two places in one region the first will do. */
  join(a: Fact, b: Fact): Fact {
    const region = this.regionOf(a);
    const isOnePlace = a.place === b.place || (region !== undefined && region === this.regionOf(b));
    return { secret: a.secret || b.secret, place: isOnePlace ? a.place : undefined };
  }

  joinLocals(a: Locals, b: Locals): Locals {
    if (a === undefined || b === undefined) return a ?? b;
    return a.map((fact, i) => this.join(fact, b[i] ?? PUBLIC));
  }

  /** Joins facts into what is known, and notes where that is news. */
  learn<T>(known: T | undefined, news: T): T {
    if (JSON.stringify(known) !== JSON.stringify(news)) this.changed = true;
    return news;
  }
}
