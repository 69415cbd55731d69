/** Long input for every argument in the table of public calls: text, bytes and arrays of a million. */
import type { DigitColumn } from '../../src/index.ts';
import { type Fixture, type PublicCall, replaced, type Shape } from './public-calls.ts';

/** Characters, bytes or elements: a long input, and one a tenth as long. */
export const LONG = 1_000_000;
export const SHORTER = 100_000;

/** One call with a long value at one place. */
export interface LargeCall {
  readonly label: string;
  /** The arguments with the value that long. */
  readonly args: (size: number) => readonly unknown[];
  /** The same with nothing there: what may not change. */
  readonly rest: (args: readonly unknown[]) => readonly unknown[];
  /** Whether it must be refused, answered, or may be either: some texts are the caller's own. */
  readonly expect: 'refuse' | 'answer' | 'either';
}

type Path = readonly (string | number)[];

interface Place {
  readonly path: Path;
  readonly shape: Shape;
  readonly valid: unknown;
}

/** A value of a size. */
type Make = (size: number) => unknown;

/** Text, kept by its size, each in one piece. */
function kept(make: (size: number) => string): Make {
  const made = new Map<number, string>();
  return (size) => {
    const known = made.get(size) ?? Buffer.from(make(size), 'utf8').toString('utf8');
    made.set(size, known);
    return known;
  };
}

const TEXTS: Readonly<Record<string, Make>> = {
  digits: kept((size) => '1'.repeat(size)),
  'digits, then a letter': kept((size) => `${'1'.repeat(size - 1)}x`),
  hex: kept((size) => 'A1'.repeat(size / 2)),
  spaces: kept((size) => ' '.repeat(size)),
  'full-width digits': kept((size) => '\uff11'.repeat(size)),
};

/** Three more than a round number is a prime in both sizes: no whole number of rows or blocks. */
const BYTES: Readonly<Record<string, Make>> = {
  bytes: (size) => new Uint8Array(size + 3).fill(0x31),
};

/** Arrays of one value over and over, kept by their size. */
const arrays = (of: unknown): Make => {
  const made = new Map<number, readonly unknown[]>();
  return (size) => {
    const known = made.get(size) ?? new Array<unknown>(size).fill(of);
    made.set(size, known);
    return known;
  };
};
const LISTS: Readonly<Record<string, Make>> = {
  'array of nulls': arrays(null),
  'array of letters': arrays('x'),
};
const NUMERALS: Readonly<Record<string, Make>> = { 'array of numerals': arrays(1) };
const NUMBERS: Readonly<Record<string, Make>> = { numbers: (size) => new Uint16Array(size + 3).fill(0xffff) };

/** The values for a place: by its kind, and text and bytes where neither belongs. */
function valuesFor({ shape, valid }: Place): Readonly<Record<string, Make>> {
  switch (shape.kind) {
    case 'bytes':
    case 'memory':
      return { ...BYTES, digits: TEXTS['digits'] as Make };
    case 'numbers':
      return { ...NUMBERS, ...BYTES };
    case 'numerals':
      return { ...NUMERALS, ...BYTES };
    case 'list':
      return { ...LISTS, digits: TEXTS['digits'] as Make };
    case 'digits':
    case 'hex':
    case 'charset':
    case 'text':
    case 'candidate':
      return TEXTS;
    default:
      return typeof valid === 'string' ? TEXTS : { ...BYTES, digits: TEXTS['digits'] as Make };
  }
}

/** A place and the places in it. */
function placesIn(shape: Shape, valid: unknown, path: Path): readonly Place[] {
  const here = { path, shape, valid };
  if (typeof valid !== 'object' || valid === null) return [here];
  if (shape.kind === 'record') {
    const fields = Object.entries(shape.fields);
    const part = valid as Readonly<Record<string, unknown>>;
    return [here, ...fields.flatMap(([name, field]) => placesIn(field, part[name], [...path, name]))];
  }
  if (shape.kind === 'list') {
    const [first] = valid as readonly unknown[];
    return first === undefined ? [here] : [here, ...placesIn(shape.of, first, [...path, 0])];
  }
  if (shape.kind === 'column') {
    const { data, encoding } = valid as DigitColumn;
    return [
      here,
      { path: [...path, 'data'], shape: { kind: 'memory' }, valid: data },
      { path: [...path, 'encoding'], shape: { kind: 'oneOf' }, valid: encoding },
    ];
  }
  return [here];
}

function expectedOf(row: PublicCall, { shape }: Place): LargeCall['expect'] {
  if (row.never === true || shape.kind === 'candidate') return 'answer';
  return shape.kind === 'text' || shape.accepts?.includes('*') === true ? 'either' : 'refuse';
}

/** Every long call of a row of the table. */
export function largeCalls(row: PublicCall, f: Fixture): readonly LargeCall[] {
  const sample = row.valid(f);
  return row.shapes
    .flatMap((shape, position) => placesIn(shape, sample[position], [position]))
    .flatMap((place) =>
      Object.entries(valuesFor(place)).map(([label, make]): LargeCall => {
        const put = (args: readonly unknown[], value: unknown): readonly unknown[] =>
          replaced(args, place.path, value) as readonly unknown[];
        return {
          label: `${row.name}(#${place.path.join('.')}: ${label})`,
          args: (size) => put(row.valid(f), make(size)),
          rest: (args) => put(args, undefined),
          expect: expectedOf(row, place),
        };
      }),
    );
}

/** Every text, memory and array in plain objects, by its path. */
function partsIn(value: unknown, path: Path): readonly Path[] {
  if (typeof value === 'string' || value instanceof Uint8Array) return [path];
  const plain =
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  if (!plain && !Array.isArray(value)) return [];
  const entries = Object.entries(value as object).slice(0, plain ? undefined : 1);
  const inner = entries.flatMap(([name, part]) => partsIn(part, [...path, name]));
  return plain ? inner : [path, ...inner];
}

/** Long values for each of them, whatever was there. */
export function largeParts(sample: readonly unknown[]): readonly {
  readonly label: string;
  readonly put: (args: readonly unknown[], size: number) => unknown[];
}[] {
  const values = { digits: TEXTS['digits'] as Make, ...BYTES, 'array of letters': arrays('x') };
  return sample
    .flatMap((value, position) => partsIn(value, [position]))
    .flatMap((path) =>
      Object.entries(values).map(([label, make]) => ({
        label: `#${path.join('.')}: ${label}`,
        put: (args, size) => replaced(args, path, make(size)) as unknown[],
      })),
    );
}
