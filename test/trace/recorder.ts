/**
 * What an instrumented build runs into: each branch that was taken and each index that was used is mixed into a
 * number of the function where it stands. Two runs that differ anywhere differ in a number.
 */

/** How the instrumented code finds the functions below. */
export const RECORDER_NAME = '__cardwright_recorder';

/** The numbers of the functions, by the number of the function; and the function of each site. */
const hashes = new Int32Array(1 << 12);
const functionOf = new Int32Array(1 << 16);
let functions = 0;
let isOn = false;

function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

function note(site: number, value: number): void {
  if (!isOn) return;
  const at = functionOf[site] as number;
  hashes[at] = mix(hashes[at] as number, Math.imul(site + 1, 0x85ebca6b) ^ value);
}

/** A number that stands for a value; what is no plain value is as good as another. */
function digest(value: unknown): number {
  switch (typeof value) {
    case 'number':
      return (value | 0) === value ? value : mix(value | 0, Math.floor(value / 2 ** 32) | 0);
    case 'string': {
      let hash = value.length;
      for (let i = 0; i < value.length; i++) hash = mix(hash, value.charCodeAt(i));
      return hash;
    }
    case 'bigint':
      return digest(value.toString());
    case 'boolean':
      return value ? 2 : 1;
    default:
      return 0;
  }
}

/** Characters that two texts have in common from the start: what a comparison by an engine may tell. */
function commonLength(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at;
}

/** What instrumented code calls; each gives its value back. */
const calls = {
  /** A statement was reached. */
  reached(site: number): void {
    note(site, 1);
  },
  /** A value was asked for: a default, the right side of `??=`. */
  asked<T>(site: number, value: T): T {
    note(site, 1);
    return value;
  },
  /** A condition. */
  condition<T>(site: number, value: T): T {
    note(site, value ? 1 : 0);
    return value;
  },
  /** Whether something is there: `?.` and `??`. */
  presence<T>(site: number, value: T): T {
    note(site, value === undefined || value === null ? 0 : 1);
    return value;
  },
  /** An index, or the case of a switch. */
  index<T>(site: number, value: T): T {
    note(site, digest(value));
    return value;
  },
  /** `===`, which of texts may look at as many characters as agree. */
  same(site: number, a: unknown, b: unknown): boolean {
    if (typeof a === 'string' && typeof b === 'string' && a.length === b.length)
      note(site, commonLength(a, b));
    return a === b;
  },
};

/** Puts the recorder where instrumented code finds it. */
export function installRecorder(): void {
  (globalThis as unknown as { [name: string]: unknown })[RECORDER_NAME] = calls;
}

/** Says which function each site is of, once a build is made. */
export function describeSites(ofSites: readonly number[], count: number): void {
  if (ofSites.length > functionOf.length || count > hashes.length) throw new Error('too many sites');
  functionOf.set(ofSites);
  functions = count;
}

/** What the functions do while `run` runs. */
export async function recorded(run: () => Promise<void>): Promise<Int32Array> {
  hashes.fill(0, 0, functions);
  isOn = true;
  try {
    await run();
  } finally {
    isOn = false;
  }
  return hashes.slice(0, functions);
}
