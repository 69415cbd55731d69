/** One function of a WebAssembly module, walked through from what is known of its parameters. */
import {
  type Fact,
  type Flow,
  type Locals,
  type Module,
  PUBLIC,
  SECRET,
  type Sink,
  same,
} from './flow-facts.ts';
import type { Form } from './wat.ts';

/** The whole number of a constant. */
const numberOf = (word: string | undefined): number => Number(word ?? Number.NaN);

/** The walk. */
export class Walk {
  readonly module: Module;
  readonly flow: Flow;
  #locals: Locals;
  /** Joined locals at the ends of blocks, by label, of those that branch there. */
  readonly #ends: Map<string, Locals> = new Map();
  readonly #values: Map<string, Fact> = new Map();
  /** How many secret branches lie around; once one of them leaves, for ever. */
  #under = 0;

  constructor(module: Module, flow: Flow) {
    this.module = module;
    this.flow = flow;
    // What is no parameter starts as zero.
    const zero: Fact = { secret: false, place: 0 };
    this.#locals = [...flow.names.values()].map((i) => flow.given?.[i] ?? zero);
  }

  run(): void {
    const value = this.#sequence(this.flow.body);
    this.#return(value);
  }

  #return(value: Fact): void {
    if (this.#locals === undefined) return;
    const known = this.flow.result;
    const fact = { ...value, secret: value.secret || this.#under > 0 };
    this.flow.result = this.module.learn(known, known === undefined ? fact : this.module.join(known, fact));
  }

  #sequence(forms: readonly Form[]): Fact {
    let value = PUBLIC;
    for (const form of forms) value = this.#value(form);
    return value;
  }

  #find(form: Form, sink: Sink, fact: Fact): void {
    const { looked } = this.module;
    looked.set(form, { flow: this.flow, sink, secret: fact.secret || looked.get(form)?.secret === true });
  }

  #value(form: Form): Fact {
    // Behind a branch that is always taken nothing runs.
    if (this.#locals === undefined) return PUBLIC;
    const { head, words } = form;
    const [word = ''] = words;
    switch (head) {
      case 'i32.const':
        return { secret: false, place: numberOf(word) };
      case 'local.get':
        return this.#locals[this.#numberOf(word)] ?? PUBLIC;
      case 'local.set':
      case 'local.tee':
        return this.#set(word, this.#only(form));
      case 'global.get':
        return this.module.globals.get(word) ?? PUBLIC;
      case 'global.set':
        return this.#setGlobal(word, this.#only(form));
      case 'block':
        return this.#block(form, word);
      case 'loop':
        return this.#loop(form, word);
      case 'if':
        return this.#if(form);
      case 'br':
      case 'br_if':
        return this.#branch(form, word);
      case 'return':
        this.#return(this.#sequence(form.parts));
        return this.#leave();
      case 'call':
        return this.#call(form, word);
      case 'unreachable':
        return this.#leave();
      case 'br_table':
      case 'call_indirect':
        throw new Error(`${head} is not known here`);
      default:
        return this.#operation(form);
    }
  }

  #numberOf(name: string): number {
    const number = this.flow.names.get(name);
    if (number === undefined) throw new Error(`no local ${name}`);
    return number;
  }

  #only(form: Form): Fact {
    const [operand] = form.parts;
    return operand === undefined ? PUBLIC : this.#value(operand);
  }

  /** What is set under a secret branch tells of it. */
  #told(fact: Fact): Fact {
    return this.#under > 0 ? { ...fact, secret: true } : fact;
  }

  #set(name: string, value: Fact): Fact {
    const fact = this.#told(value);
    const at = this.#numberOf(name);
    this.#locals = this.#locals?.with(at, fact);
    return fact;
  }

  #setGlobal(name: string, value: Fact): Fact {
    const known = this.module.globals.get(name);
    const fact = this.#told(value);
    this.module.globals.set(
      name,
      this.module.learn(known, known === undefined ? fact : this.module.join(known, fact)),
    );
    return PUBLIC;
  }

  #leave(): Fact {
    this.#locals = undefined;
    return PUBLIC;
  }

  #block(form: Form, label: string): Fact {
    this.#ends.delete(label);
    this.#values.delete(label);
    const value = this.#sequence(form.parts.filter(({ head }) => head !== 'result'));
    const carried = this.#values.get(label);
    const fallen = this.#locals !== undefined;
    this.#locals = this.module.joinLocals(this.#locals, this.#ends.get(label));
    if (carried === undefined) return value;
    return fallen ? this.module.join(value, carried) : carried;
  }

  #loop(form: Form, label: string): Fact {
    for (;;) {
      const start = this.#locals;
      this.#ends.delete(label);
      const value = this.#sequence(form.parts.filter(({ head }) => head !== 'result'));
      const again = this.#ends.get(label);
      // A walk stays where it began.
      const next = start?.map((fact, i) => {
        const back = again?.[i] ?? fact;
        const place = back.place === undefined ? undefined : fact.place;
        return { secret: fact.secret || back.secret, place };
      });
      if (same(start, next)) return value;
      this.#locals = next;
    }
  }

  #if(form: Form): Fact {
    const condition = form.parts.find(({ head }) => !['result', 'then', 'else'].includes(head));
    const fact = condition === undefined ? PUBLIC : this.#value(condition);
    this.#find(form, 'branch', fact);
    const before = this.#locals;
    if (fact.secret) this.#under++;
    const left: Locals[] = [];
    const values: Fact[] = [];
    for (const name of ['then', 'else']) {
      this.#locals = before;
      const value = this.#sequence(form.parts.find(({ head }) => head === name)?.parts ?? []);
      left.push(this.#locals);
      if (this.#locals !== undefined) values.push(value);
    }
    const isBack = left.every((locals) => locals !== undefined);
    // An arm that leaves decides what runs of all that follows.
    if (fact.secret && isBack) this.#under--;
    this.#locals = this.module.joinLocals(left[0], left[1]);
    const value = values.reduce((a, b) => this.module.join(a, b), values[0] ?? PUBLIC);
    return fact.secret ? { ...value, secret: true } : value;
  }

  #branch(form: Form, label: string): Fact {
    const operands = form.parts.map((part) => this.#value(part));
    const condition = form.head === 'br_if' ? operands.at(-1) : undefined;
    if (condition !== undefined) this.#find(form, 'branch', condition);
    if (condition?.secret === true) this.#under++;
    const carried = form.head === 'br_if' ? operands.slice(0, -1) : operands;
    this.#ends.set(label, this.module.joinLocals(this.#ends.get(label), this.#locals));
    const [value] = carried;
    if (value !== undefined) {
      const known = this.#values.get(label);
      this.#values.set(label, known === undefined ? value : this.module.join(known, value));
    }
    return condition === undefined ? this.#leave() : (value ?? PUBLIC);
  }

  #call(form: Form, name: string): Fact {
    const callee = this.module.flows.get(name);
    if (callee === undefined) throw new Error(`no function ${name}`);
    const operands = form.parts.map((part) => this.#told(this.#value(part)));
    const known = callee.given;
    const given =
      known === undefined ? operands : known.map((fact, i) => this.module.join(fact, operands[i] ?? PUBLIC));
    callee.given = this.module.learn(known, given);
    return this.#told(callee.result ?? PUBLIC);
  }

  /** Everything that takes values and gives one. */
  #operation(form: Form): Fact {
    const { head, words } = form;
    const operands = form.parts.map((part) => this.#value(part));
    const [first = PUBLIC, second = PUBLIC] = operands;
    const secret = operands.some((fact) => fact.secret);
    if (/\.load/.test(head)) {
      this.#find(form, 'address', first);
      return this.module.regionOf(moved(first, words)) !== undefined && !first.secret ? PUBLIC : SECRET;
    }
    if (/\.store/.test(head)) {
      this.#find(form, 'address', first);
      if (this.module.regionOf(moved(first, words)) !== undefined) this.#find(form, 'public region', second);
      return PUBLIC;
    }
    if (/^memory\.(copy|fill|grow)$/.test(head)) {
      this.#find(form, 'size', { secret, place: undefined });
      return PUBLIC;
    }
    if (/\.(div|rem)_[su]$/.test(head)) this.#find(form, 'division', { secret, place: undefined });
    return { secret, place: placeOf(head, first.place, second.place) };
  }
}

/** An address with the offset of its instruction. */
function moved({ secret, place }: Fact, words: readonly string[]): Fact {
  const offset = words.find((word) => word.startsWith('offset='))?.slice('offset='.length) ?? '0';
  return { secret, place: place === undefined ? undefined : place + Number(offset) };
}

/** Where the result of arithmetic begins. */
function placeOf(head: string, a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return undefined;
  switch (head) {
    case 'i32.add':
      return a + b;
    case 'i32.sub':
      return a - b;
    case 'i32.mul':
      return a * b;
    case 'i32.shl':
      return a << b;
    default:
      return undefined;
  }
}
