/**
 * What the generated code is made of: each circuit gives every output of its S-box, and the register tables
 * of AES compose to its S-box and to whole rounds. The S-box of AES is computed here, those of DES are the
 * tables that the scalar cipher reads.
 */
import { describe, expect, it } from 'vitest';
import { COMPLEMENTED } from '../../src/des/bitslice-rounds.ts';
import { P, S } from '../../src/des/tables.ts';
import { AES_TABLES } from '../../tools/kernel/aes-tables.ts';
import { AES_CIRCUIT, CIRCUITS, type Circuit, type Op, stepsOf } from '../../tools/kernel/circuits.ts';
import { at, range, seededRandom } from '../support/arbitraries.ts';

const GATES: { readonly [O in Op]: (a: number, b: number) => number } = {
  xor: (a, b) => a ^ b,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  andn: (a, b) => a & ~b & 1,
};

/** The outputs of a circuit, the leftmost bit first, each complemented where the circuit says so. */
function evaluate({ gates, outputs }: Circuit, input: number, inputs: number): number {
  const signals = range(0, inputs - 1).map((i) => (input >> (inputs - 1 - i)) & 1);
  for (const [op, a, b] of gates) signals.push(GATES[op](at(signals, a), at(signals, b)));
  return outputs.reduce((value, { id, inverted }) => (value << 1) | (at(signals, id) ^ Number(inverted)), 0);
}

/** The same by the steps that become source text: nothing is there before it is fetched or computed. */
function evaluateSteps(circuit: Circuit, input: number, inputs: number): number {
  const signals = new Map<number, number>();
  const value = (signal: number): number => {
    const found = signals.get(signal);
    if (found === undefined) throw new Error(`signal ${signal} is used before it is there`);
    return found;
  };
  const bits: number[] = [];
  for (const step of stepsOf(circuit, inputs)) {
    if (step.kind === 'output') {
      if (bits[step.bit] !== undefined) throw new Error(`output ${step.bit} is handed over twice`);
      bits[step.bit] = value(step.signal) ^ Number(at(circuit.outputs, step.bit).inverted);
      continue;
    }
    if (signals.has(step.signal)) throw new Error(`signal ${step.signal} is made twice`);
    const made =
      step.kind === 'input'
        ? (input >> (inputs - 1 - step.signal)) & 1
        : GATES[step.op](value(step.a), value(step.b));
    signals.set(step.signal, made);
  }
  return range(0, circuit.outputs.length - 1).reduce((sum, bit) => (sum << 1) | at(bits, bit), 0);
}

/** Gates whose result neither a later gate nor an output takes. */
function unusedGates({ gates, outputs }: Circuit, inputs: number): number[] {
  const used = new Set([...gates.flatMap(([, a, b]) => [a, b]), ...outputs.map(({ id }) => id)]);
  return range(inputs, inputs + gates.length - 1).filter((signal) => !used.has(signal));
}

/** Gates that take what is not there yet, or nothing but one signal. */
function wrongGates({ gates }: Circuit, inputs: number): number[] {
  return [...gates.keys()].filter((g) => {
    const [op, a, b] = at(gates, g);
    return !(op in GATES) || a === b || Math.min(a, b) < 0 || Math.max(a, b) >= inputs + g;
  });
}

/** FIPS 46-3: "the first and last bits of B represent in base 2 a number in the range 0 to 3", the row. */
function desBox(box: number, six: number): number {
  const row = 2 * (six >> 5) + (six & 1);
  const column = (six >> 1) & 15;
  return at(at(S, box), 16 * row + column);
}

/** Multiplication in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1, FIPS 197, 4.2. */
function times(a: number, b: number): number {
  let product = 0;
  let shifted = a;
  for (let rest = b; rest > 0; rest >>= 1) {
    if ((rest & 1) === 1) product ^= shifted;
    shifted = (shifted << 1) ^ (shifted >= 0x80 ? 0x11b : 0);
  }
  return product;
}

/** The S-box of FIPS 197, 5.1.1: the inverse, found by search, through the affine map. */
const SBOX: readonly number[] = range(0, 255).map((x) => {
  const inverse = x === 0 ? 0 : range(1, 255).find((y) => times(x, y) === 1);
  if (inverse === undefined) throw new Error('no inverse');
  let box = 0;
  for (let i = 0; i < 8; i++) {
    const bit = [0, 4, 5, 6, 7].reduce((sum, k) => sum ^ (inverse >> ((i + k) % 8)), 0x63 >> i) & 1;
    box |= bit << i;
  }
  return box;
});

describe('the S-box of the test', () => {
  it('is the one that FIPS 197 prints: figure 7, corners and the example of 5.1.1', () => {
    expect([0x00, 0x01, 0x0f, 0x53, 0xf0, 0xff].map((x) => at(SBOX, x))).toEqual([
      0x63, 0x7c, 0x76, 0xed, 0x8c, 0x16,
    ]);
    expect(new Set(SBOX).size).toBe(256);
  });
});

describe('the circuits of DES', () => {
  it('are eight, of six inputs and four outputs, 349 gates in all', () => {
    expect(CIRCUITS.length).toBe(8);
    expect(CIRCUITS.map(({ outputs }) => outputs.length)).toEqual(new Array(8).fill(4));
    expect(CIRCUITS.reduce((sum, { gates }) => sum + gates.length, 0)).toBe(349);
  });

  it.each(range(0, 7))('give all 64 × 4 outputs: box %i, counted from 0', (box) => {
    const circuit = at(CIRCUITS, box);
    const expected = range(0, 63).map((six) => desBox(box, six));
    expect(range(0, 63).map((six) => evaluate(circuit, six, 6))).toEqual(expected);
    expect(range(0, 63).map((six) => evaluateSteps(circuit, six, 6))).toEqual(expected);
  });

  it('compute nothing that is not used, and nothing out of order', () => {
    for (const circuit of CIRCUITS) {
      expect(unusedGates(circuit, 6)).toEqual([]);
      expect(wrongGates(circuit, 6)).toEqual([]);
    }
  });

  it('hand over complements where the masks of the fallback take them back', () => {
    // Bit i of P(S1 ‖ … ‖ S8) is bit P[i] of the eight boxes' outputs, both counted from 1.
    const expected = P.map((bit) => {
      const { inverted } = at(at(CIRCUITS, (bit - 1) >> 2).outputs, (bit - 1) & 3);
      return Number(inverted);
    });
    expect(COMPLEMENTED).toEqual(expected);
    expect(expected).toContain(1);
  });

  it('would not pass with any one gate turned into an AND, or an AND into an OR', () => {
    const survivors = CIRCUITS.flatMap((circuit, box) =>
      [...circuit.gates.keys()].filter((g) => {
        const [op, a, b] = at(circuit.gates, g);
        const other: Op = op === 'and' ? 'or' : 'and';
        const changed: Circuit = { ...circuit, gates: circuit.gates.with(g, [other, a, b]) };
        return range(0, 63).every((six) => evaluate(changed, six, 6) === desBox(box, six));
      }),
    );
    expect(survivors).toEqual([]);
  });
});

describe('the circuit of AES', () => {
  it('has eight inputs, eight outputs and 115 gates', () => {
    expect(AES_CIRCUIT.outputs.length).toBe(8);
    expect(AES_CIRCUIT.gates.length).toBe(115);
  });

  it('gives all 256 × 8 outputs', () => {
    expect(range(0, 255).map((x) => evaluate(AES_CIRCUIT, x, 8))).toEqual(SBOX);
    // What becomes source text takes the inputs as they are, and leaves the outputs to the end.
    const ids = stepsOf(AES_CIRCUIT, 8).flatMap((step) => (step.kind === 'gate' ? [step.signal] : []));
    expect(ids).toEqual(range(8, 8 + 114));
  });

  it('hands over the complements that the constant 63 is', () => {
    const inverted = AES_CIRCUIT.outputs.reduce((sum, bit) => (sum << 1) | Number(bit.inverted), 0);
    expect(inverted).toBe(0x63);
  });

  it('computes nothing that is not used, and nothing out of order', () => {
    expect(unusedGates(AES_CIRCUIT, 8)).toEqual([]);
    expect(wrongGates(AES_CIRCUIT, 8)).toEqual([]);
  });
});

/** A look-up as `i8x16.swizzle` does it: beyond the sixteen bytes there is 0. */
function look(name: string, index: number): number {
  const table = AES_TABLES[name];
  if (table === undefined) throw new Error(`no table ${name}`);
  return index > 15 ? 0 : at(table, index);
}

/** A byte as a pair (i, k): i in the low half. */
const toPair = (x: number): number => look('LOW', x & 15) ^ look('HIGH', x >> 4);

/** The nine look-ups of a round of the kernel for one byte, and the two of the last round. */
function boxes(pair: number): { readonly s: number; readonly twice: number; readonly last: number } {
  const i = pair & 15;
  const k = pair >> 4;
  const j = i ^ k;
  const a = look('A_OVER', k);
  const io = look('INVERSE', look('INVERSE', i) ^ a) ^ j;
  const jo = look('INVERSE', look('INVERSE', j) ^ a) ^ i;
  return {
    s: look('S_IO', io) ^ look('S_JO', jo),
    twice: look('TWICE_IO', io) ^ look('TWICE_JO', jo),
    last: look('LAST_IO', io) ^ look('LAST_JO', jo),
  };
}

describe('the register tables of AES', () => {
  it('are sixteen bytes each, under the names that the kernel has', () => {
    expect(Object.keys(AES_TABLES).length).toBe(15);
    for (const [name, table] of Object.entries(AES_TABLES)) {
      expect(table.length, name).toBe(16);
      expect(
        table.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256),
        name,
      ).toBe(true);
    }
  });

  it('number the bytes anew: one pair for each, sums to sums', () => {
    const pairs = range(0, 255).map(toPair);
    expect(new Set(pairs).size).toBe(256);
    for (const x of range(0, 255))
      for (const y of [1, 0x0f, 0x55, 0xff]) expect(toPair(x ^ y)).toBe(at(pairs, x) ^ at(pairs, y));
  });

  it('compose to the S-box without its constant, to twice that, and to that out of the pairs', () => {
    const found = range(0, 255).map((x) => boxes(toPair(x)));
    const linear = SBOX.map((box) => box ^ 0x63);
    expect(found.map(({ s }) => s)).toEqual(linear.map(toPair));
    expect(found.map(({ twice }) => twice)).toEqual(linear.map((box) => toPair(times(2, box))));
    expect(found.map(({ last }) => last)).toEqual(linear);
  });

  it('put bytes where ShiftRows and MixColumns take them: whole rounds over random states', () => {
    const random = seededRandom(46);
    const swizzled = (state: readonly number[], name: string): number[] =>
      range(0, 15).map((p) => at(state, look(name, p)));
    for (let run = 0; run < 200; run++) {
      const state = range(0, 15).map(() => random.below(256));
      const key = range(0, 15).map(() => random.below(256));
      // FIPS 197, 5.1.1 to 5.1.4: byte 4c + r of a state is row r of column c.
      const rows = range(0, 15).map((p) => at(SBOX, at(state, (4 * ((p >> 2) + (p & 3)) + (p & 3)) % 16)));
      const lastRound = rows.map((byte, p) => byte ^ at(key, p));
      const round = range(0, 15).map((p) => {
        const row = (turn: number): number => at(rows, (p & 12) | ((p + turn) & 3));
        return times(2, row(0)) ^ times(3, row(1)) ^ row(2) ^ row(3) ^ at(key, p);
      });

      const found = state.map((byte) => boxes(toPair(byte)));
      const s = found.map((byte) => byte.s);
      const twice = found.map((byte) => byte.twice);
      // The constant is added to the key: MixColumns leaves it as it is.
      const keys = key.map((byte) => toPair(byte ^ 0x63));
      const terms = [
        swizzled(twice, 'ROWS'),
        swizzled(twice, 'ROWS_1'),
        swizzled(s, 'ROWS_1'),
        swizzled(s, 'ROWS_2'),
        swizzled(s, 'ROWS_3'),
        keys,
      ];
      const sum = range(0, 15).map((p) => terms.reduce((byte, term) => byte ^ at(term, p), 0));
      expect(sum).toEqual(round.map(toPair));
      const last = swizzled(
        found.map((byte) => byte.last),
        'ROWS',
      ).map((byte, p) => byte ^ at(key, p) ^ 0x63);
      expect(last).toEqual(lastRound);
      // By planes the turn of two is a permutation of its own.
      expect(swizzled(state, 'TURN_2')).toEqual(range(0, 15).map((p) => at(state, (p & 12) | ((p + 2) & 3))));
    }
  });
});
