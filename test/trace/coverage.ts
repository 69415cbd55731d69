/** Traces by precise block coverage: how often the engine ran each block of each function of one script. */
import { type Profiler, Session } from 'node:inspector';
import type { Trace, Tracer } from './measure.ts';

/** Where a function stands in the script, and what it is called. */
interface Placed {
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

/** Counts blocks from its making on; the script is to be loaded after that. */
export class Coverage implements Tracer {
  readonly names: string[] = [];
  readonly #session: Session = new Session();
  readonly #url: string;
  readonly #known: Map<string, Placed> = new Map();
  readonly #places: Map<string, number> = new Map();

  constructor(url: string) {
    this.#url = url;
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Learns what is called what, from what ran while the script was loaded. */
  learn(): void {
    this.#counts();
  }

  async take(run: () => Promise<void>): Promise<Trace> {
    await run();
    const trace: number[] = [];
    for (const { functionName, ranges } of this.#counts()) {
      const place = this.#placeOf(functionName, ranges);
      let hash = trace[place] ?? 0;
      for (const { startOffset, endOffset, count } of ranges)
        for (const value of [startOffset, endOffset, count])
          hash = Math.imul(hash ^ value, 0x9e3779b1) ^ (hash >>> 15);
      trace[place] = hash;
    }
    return Array.from(trace, (hash) => hash ?? 0);
  }

  /** What ran since it was last asked. */
  #counts(): readonly Profiler.FunctionCoverage[] {
    let functions: readonly Profiler.FunctionCoverage[] = [];
    // In one's own thread the answer is there at once.
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error;
      functions = result.find(({ url }) => url === this.#url)?.functions ?? [];
    });
    for (const { functionName: name, ranges } of functions) {
      const [{ startOffset: from, endOffset: to } = { startOffset: 0, endOffset: 0 }] = ranges;
      if (name !== '') this.#known.set(`${from} ${to}`, { from, to, name });
    }
    return functions.filter(({ ranges }) => ranges.some(({ count }) => count > 0));
  }

  /** The place of a function, or of the nearest around it that has a name. */
  #placeOf(name: string, ranges: readonly Profiler.CoverageRange[]): number {
    const [{ startOffset: from, endOffset: to } = { startOffset: 0, endOffset: 0 }] = ranges;
    const key = `${from} ${to}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.#numberOf(name === '' ? this.#nameAround(from, to) : name);
      this.#places.set(key, place);
    }
    return place;
  }

  #numberOf(name: string): number {
    const known = this.names.indexOf(name);
    return known < 0 ? this.names.push(name) - 1 : known;
  }

  #nameAround(from: number, to: number): string {
    const around = [...this.#known.values()].filter((one) => one.from <= from && one.to >= to);
    around.sort((a, b) => a.to - a.from - (b.to - b.from));
    return around[0]?.name ?? 'module';
  }
}
