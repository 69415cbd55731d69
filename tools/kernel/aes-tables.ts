/**
 * The S-box of AES as look-ups in tables of sixteen bytes, which fit into registers.
 *
 * GF(2^8) is seen as pairs (i, k) over its subfield GF(2^4): x = i·α + k, where α is such that α + α^16 = α^17 = a.
 * Then N = x^17 = a·i² + a·i·k + k² lies in the subfield, and 1/x = (i·α^16 + k) / N. With j = i + k two quotients
 * give it by nothing but inversions in the subfield and additions:
 *
 *   io = 1/(1/i + a/k) + j = N / (k + a·i)          u = 1/io
 *   jo = 1/(1/j + a/k) + i = N / (k + a·i + a·k)    v = 1/jo
 *   1/x = ((u + (u + v)/a) / a)·α + u
 *
 * which is linear in u and v, so that S(x) but for its constant is a table of io plus a table of jo. 1/0 is 128, which
 * stays above 15 whatever is added, and a look-up beyond 15 gives 0, as 1/∞ should.
 *
 * The form of the quotients: M. Hamburg, Accelerating AES with Vector Permute Instructions, CHES 2009. The field, the
 * numbers and the tables are computed here.
 */

function multiply(a: number, b: number): number {
  let product = 0;
  for (let i = 0; i < 8; i++) {
    if ((b >> i) & 1) product ^= a << i;
  }
  for (let i = 14; i >= 8; i--) if ((product >> i) & 1) product ^= 0x11b << (i - 8);
  return product;
}

function power(a: number, exponent: number): number {
  let result = 1;
  for (let i = 0; i < exponent; i++) result = multiply(result, a);
  return result;
}

/** 1/0 is 0 here. */
function inverse(a: number): number {
  return power(a, 254);
}

/** The S-box without its constant: FIPS 197, 5.1.1. */
function affine(x: number): number {
  let result = 0;
  for (let i = 0; i < 8; i++) {
    const bit = [0, 4, 5, 6, 7].reduce((sum, k) => sum ^ (x >> ((i + k) % 8)), 0) & 1;
    result |= bit << i;
  }
  return result;
}

/** α, and four elements of the subfield by which its nibbles are numbered: nibble n is the sum of those of its bits. */
const ALPHA = Array.from({ length: 256 }, (_, x) => x).find(
  (x) => power(x, 16) !== x && (x ^ power(x, 16)) === power(x, 17),
) as number;
const A = power(ALPHA, 17);
const SUBFIELD = Array.from({ length: 256 }, (_, x) => x).filter((x) => power(x, 16) === x);
const BASIS: number[] = [];
for (const x of SUBFIELD) if (BASIS.length < 4 && !spanOf(BASIS).includes(x)) BASIS.push(x);

function spanOf(basis: readonly number[]): number[] {
  return Array.from({ length: 1 << basis.length }, (_, n) =>
    basis.reduce((sum, element, bit) => sum ^ ((n >> bit) & 1 ? element : 0), 0),
  );
}

/** Nibble to element of the subfield, and back. */
const ELEMENT = spanOf(BASIS);
const nibbleOf = (element: number): number => ELEMENT.indexOf(element);

/** Byte of AES to i in the low and k in the high half of a byte, and back. */
const BYTE_OF = Array.from(
  { length: 256 },
  (_, pair) => multiply(ELEMENT[pair & 15] as number, ALPHA) ^ (ELEMENT[pair >> 4] as number),
);
const pairOf = (byte: number): number => BYTE_OF.indexOf(byte);

const INFINITE = 128;
const nibbles = (f: (element: number, nibble: number) => number): number[] =>
  ELEMENT.map((element, nibble) => f(element, nibble));

/** What u and v are worth in S(x). */
const ofU = (u: number): number =>
  affine(multiply(multiply(u ^ multiply(u, inverse(A)), inverse(A)), ALPHA) ^ u);
const ofV = (v: number): number => affine(multiply(multiply(multiply(v, inverse(A)), inverse(A)), ALPHA));

/** The place that byte p of a state takes from, by ShiftRows and then a turn of the columns by `turn`. */
const shifted = (turn: number): number[] =>
  Array.from({ length: 16 }, (_, p) => {
    const row = ((p & 3) + turn) & 3;
    return (((p >> 2) + row) & 3) * 4 + row;
  });

/** The place that byte p of a state takes from, by a turn of the columns alone. */
const turned = (turn: number): number[] =>
  Array.from({ length: 16 }, (_, p) => (p & 12) | (((p & 3) + turn) & 3));

/** The tables by name, in the order in which the kernel holds them. */
export const AES_TABLES: { readonly [name: string]: readonly number[] } = {
  LOW: Array.from({ length: 16 }, (_, n) => pairOf(n)),
  HIGH: Array.from({ length: 16 }, (_, n) => pairOf(n << 4)),
  INVERSE: nibbles((x) => (x === 0 ? INFINITE : nibbleOf(inverse(x)))),
  A_OVER: nibbles((x) => (x === 0 ? INFINITE : nibbleOf(multiply(A, inverse(x))))),
  S_IO: nibbles((x) => pairOf(ofU(inverse(x)))),
  S_JO: nibbles((x) => pairOf(ofV(inverse(x)))),
  TWICE_IO: nibbles((x) => pairOf(multiply(2, ofU(inverse(x))))),
  TWICE_JO: nibbles((x) => pairOf(multiply(2, ofV(inverse(x))))),
  LAST_IO: nibbles((x) => ofU(inverse(x))),
  LAST_JO: nibbles((x) => ofV(inverse(x))),
  ROWS: shifted(0),
  ROWS_1: shifted(1),
  ROWS_2: shifted(2),
  ROWS_3: shifted(3),
  TURN_2: turned(2),
};

/** The tables as source of the kernel. */
export function kernelAesTables(): string {
  const rows = Object.entries(AES_TABLES).map(
    ([name, bytes]) => `export const ${name}: usize = memory.data<u8>([${bytes.join(', ')}], 16);`,
  );
  return `/**
 * Tables of AES, sixteen bytes each, as they are explained in tools/kernel/aes-tables.ts.
 *
 * Made by tools/kernel/generate.ts: change that, not this.
 */
${rows.join('\n')}
`;
}
