/** The S-boxes as source text: for the kernel in AssemblyScript, and for the fallback in TypeScript. */
import { P } from '../../src/des/tables.ts';
import { AES_CIRCUIT, CIRCUITS, type Circuit, stepsOf } from './circuits.ts';

const HEAD = (what: string): string => `/**
 * ${what}
 *
 * Made by tools/kernel/generate.ts from the circuits beside it: change those, not this.
 */
`;

/** The plane of R, 0 to 31, that the expansion E hands to input `i` of box `b`: 32 1 2 3 4 5, 4 5 6 … */
function inputPlane(b: number, i: number): number {
  return (4 * b + i + 31) % 32;
}

/** The plane of L, 0 to 31, that output `j` of box `b` goes to by way of P. */
function outputPlane(b: number, j: number): number {
  return P.indexOf(4 * b + j + 1);
}

/** Whether the circuits hand plane 0 to 31 of f(R) over complemented. */
function complemented(): boolean[] {
  const planes = new Array<boolean>(32).fill(false);
  for (const [b, { outputs }] of CIRCUITS.entries())
    for (const [j, { inverted }] of outputs.entries()) planes[outputPlane(b, j)] = inverted;
  return planes;
}

function boxLines(
  circuit: Circuit,
  b: number,
  write: {
    readonly input: (signal: string, plane: number, key: number) => string;
    readonly gate: (signal: string, op: string, a: string, b: string) => string;
    readonly output: (signal: string, plane: number) => string;
  },
): string[] {
  const name = (signal: number): string => (signal < 6 ? `x${signal}` : `t${signal}`);
  return stepsOf(circuit, 6).map((step) => {
    if (step.kind === 'input')
      return write.input(name(step.signal), inputPlane(b, step.signal), 6 * b + step.signal);
    if (step.kind === 'gate') return write.gate(name(step.signal), step.op, name(step.a), name(step.b));
    return write.output(name(step.signal), outputPlane(b, step.bit));
  });
}

/** The boxes for the kernel: planes of 16 bytes, key bits of 4 bytes each that are spread over a plane. */
export function kernelBoxes(): string {
  const boxes = CIRCUITS.map((circuit, b) => {
    const lines = boxLines(circuit, b, {
      input: (s, plane, key) =>
        `const ${s} = v128.xor(v128.load(r, ${16 * plane}), v128.load32_splat(k, ${4 * key}));`,
      gate: (s, op, x, y) => `const ${s} = v128.${op === 'andn' ? 'andnot' : op}(${x}, ${y});`,
      output: (s, plane) => `v128.store(l, v128.xor(v128.load(l, ${16 * plane}), ${s}), ${16 * plane});`,
    });
    return `// @ts-ignore: decorator
@inline
export function box${b + 1}(l: usize, r: usize, k: usize): void {
  ${lines.join('\n  ')}
}
`;
  });
  return `${HEAD('S-boxes 1 to 8 over planes: L ^= P(S(E(R) ^ K)), but for the complements that the key masks carry.')}
${boxes.join('\n')}`;
}

/** The S-box of AES for the kernel, over eight planes, that of the lowest bit first. */
export function kernelAesBox(): string {
  const name = (signal: number): string => (signal < 8 ? `x${signal}` : `t${signal}`);
  const lines = stepsOf(AES_CIRCUIT, 8).flatMap((step) =>
    step.kind === 'gate'
      ? [`const ${name(step.signal)} = v128.${step.op}(${name(step.a)}, ${name(step.b)});`]
      : [],
  );
  const inputs = [0, 1, 2, 3, 4, 5, 6, 7].map((s) => `const x${s} = v128.load(at, ${16 * (7 - s)});`);
  const outputs = AES_CIRCUIT.outputs.map(({ id }, s) => `v128.store(at, ${name(id)}, ${16 * (7 - s)});`);
  return `${HEAD('The S-box of AES over planes, but for the complements that the round keys carry: the constant 63 of the box.')}
// @ts-ignore: decorator
@inline
export function aesBox(at: usize): void {
  ${[...inputs, ...lines, ...outputs].join('\n  ')}
}
`;
}

const SIGNS: { readonly [op: string]: string } = { xor: '^', and: '&', or: '|', andn: '& ~' };

/** Four boxes of one round for the fallback, as a function: L lies at number `l`, R at number `r`. */
function portableBoxes(name: string, first: number, l: number, r: number): string {
  const boxes = [0, 1, 2, 3].map((i) => {
    const b = first + i;
    const lines = boxLines(CIRCUITS[b] as Circuit, b, {
      input: (s, plane, key) =>
        `const ${s} = (planes[${r + plane}] as number) ^ (masks[at + ${key}] as number);`,
      gate: (s, op, x, y) => `const ${s} = ${x} ${SIGNS[op]}${op === 'andn' ? '' : ' '}${y};`,
      output: (s, plane) => `planes[${l + plane}] = (planes[${l + plane}] as number) ^ ${s};`,
    });
    return `  {
    ${lines.join('\n    ')}
  }`;
  });
  return `function ${name}(masks: readonly number[], at: number): void {
${boxes.join('\n')}
}
`;
}

/** Text two columns further in. */
function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

/** Where bit n of a block, 0 the leftmost, is among the planes: the initial permutation. */
const PLANE_OF = Array.from({ length: 64 }, (_, n) => (n & 1 ? 0 : 32) + 8 * ((n & 7) >> 1) + 7 - (n >> 3));

/**
 * All rounds for the fallback: planes of 32 bits, one number each. Four boxes make a function: with eight,
 * engines keep far more values alive than there are registers, and with fewer there are more calls, and more
 * questions whether the memory of the planes is still there.
 */
export function portableRounds(): string {
  const bits = complemented().map((is) => (is ? 1 : 0));
  return `${HEAD('The rounds of DES over planes of 32 blocks, without look-ups and branches.')}
/** 1 for each bit of f(R) that the circuits hand over complemented. */
// biome-ignore format: one row
export const COMPLEMENTED: readonly number[] = [${bits.join(', ')}];

/**
 * Sixteen rounds for each 768 masks, with IP before and FP after all of them: between two passes they cancel,
 * and the halves change places, as they do in the end.
 *
 * @param bits   64 numbers: bit i of number n is bit n of block i; overwritten with the result
 * @param masks  of \`masks.ts\`
 */
export const rounds: (bits: Int32Array, masks: readonly number[]) => void = /* @__PURE__ */ makeRounds();

function makeRounds(): (bits: Int32Array, masks: readonly number[]) => void {
  // L in numbers 0 to 31, R in 32 to 63. A constant that no bundler makes a variable: engines know its length.
  const planes = new Int32Array(64);

${indented(portableBoxes('addToLeft1', 0, 0, 32))}
${indented(portableBoxes('addToLeft5', 4, 0, 32))}
${indented(portableBoxes('addToRight1', 0, 32, 0))}
${indented(portableBoxes('addToRight5', 4, 32, 0))}
  return (bits, masks) => {
    ${PLANE_OF.map((plane, n) => `planes[${plane}] = bits[${n}] as number;`).join('\n    ')}
    for (let at = 0; at < masks.length; ) {
      for (const end = at + 768; at < end; at += 96) {
        addToLeft1(masks, at);
        addToLeft5(masks, at);
        addToRight1(masks, at + 48);
        addToRight5(masks, at + 48);
      }
      for (let n = 0; n < 32; n++) {
        const t = planes[n] as number;
        planes[n] = planes[32 + n] as number;
        planes[32 + n] = t;
      }
    }
    ${PLANE_OF.map((plane, n) => `bits[${n}] = planes[${plane}] as number;`).join('\n    ')}
    planes.fill(0);
  };
}
`;
}
