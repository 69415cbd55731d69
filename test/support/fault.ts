/** What fault tests share: how much of each is done, its figures in a line, and processes that may be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { StoreAddress, Task } from '../fault/programs/issuer.ts';
import { type Figures, tellFigures } from './figures.ts';

/** Whether the long form runs: `npm run test:slow`. */
export const isSlow: boolean = process.env['CARDWRIGHT_SLOW'] === '1';

/** A count of the short form, or of the long one. */
export function times(short: number, long: number): number {
  return isSlow ? long : short;
}

/** Milliseconds that a test may take. */
export function within(seconds: number, longHours = 6): number {
  return isSlow ? longHours * 3_600_000 : seconds * 1000;
}

/** Tells the figures of a test: what is the same in each run, and what depends on how processes happened to meet. */
export function tell(name: string, figures: Figures, measured?: Figures): void {
  tellFigures('fault', name, figures, measured);
}

/** A line of a program. */
export interface Line {
  readonly ready?: true;
  readonly id?: number;
  readonly result?: unknown;
  readonly evaluations?: number;
  readonly code?: string;
  readonly ack?: string;
  readonly token?: string;
  readonly done?: number;
  readonly compared?: 1;
}

/** What came of a task. */
export interface Answer<T> {
  readonly result: T;
  readonly evaluations: number;
}

/** A task that a program refused. */
export class Refused extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** A task whose program ended before it was done. */
export class Ended extends Error {}

/** A process with an issuer. */
export interface Program {
  readonly pid: number;
  /** Gives it something to do: what came of it. */
  ask<T = unknown>(task: Task): Promise<Answer<T>>;
  /** Tells of every line; what was written before the end comes before `ended`. */
  onLine(hear: (line: Line) => void): void;
  kill(signal?: NodeJS.Signals): void;
  /** By which signal, once everything that it wrote is read. */
  readonly ended: Promise<NodeJS.Signals | null>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let bundled: Promise<string> | undefined;

/** Programs are bundled once: a process then starts in a third of the time that it takes from source. */
async function bundle(): Promise<string> {
  const cache = join(ROOT, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'cardwright-fault-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, 'issuer.mjs');
  await build({
    entryPoints: [join(ROOT, 'test', 'fault', 'programs', 'issuer.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    outfile,
    logLevel: 'error',
  });
  return outfile;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a process and waits until it is ready. Under a prefix, such as that of a tracer. */
export async function startIssuer(address: StoreAddress, prefix: readonly string[] = []): Promise<Program> {
  bundled ??= bundle();
  const [command, ...rest] = [...prefix, process.execPath, await bundled, JSON.stringify(address)];
  const child = spawn(command as string, rest, { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] });
  running.add(child);
  const waiting = new Map<number, { resolve(line: Line): void; reject(error: Error): void }>();
  const ears: ((line: Line) => void)[] = [];
  let last = 0;
  let ready: () => void = () => undefined;
  let failed: (error: Error) => void = () => undefined;
  const started = new Promise<void>((resolve, reject) => {
    ready = resolve;
    failed = reject;
  });
  const drained = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout })
      .on('line', (text) => {
        let line: Line;
        try {
          line = JSON.parse(text) as Line;
        } catch {
          // The last line of a process that was killed while it wrote.
          return;
        }
        if (line.ready) ready();
        for (const hear of ears) hear(line);
        if (line.id !== undefined) waiting.get(line.id)?.resolve(line);
      })
      .on('close', resolve);
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.on('error', () => undefined);
    child.on('close', (_, signal) => {
      running.delete(child);
      void drained.then(() => {
        failed(new Ended('a program that did not start'));
        for (const { reject } of waiting.values()) reject(new Ended('a program that ended'));
        resolve(signal);
      });
    });
  });
  child.stdin.on('error', () => undefined);
  await started;
  return {
    pid: child.pid as number,
    ask<T>(task: Task): Promise<Answer<T>> {
      const id = ++last;
      const answer = new Promise<Line>((resolve, reject) => waiting.set(id, { resolve, reject }));
      child.stdin.write(`${JSON.stringify({ id, ...task })}\n`);
      return answer.then((line) => {
        waiting.delete(id);
        if (line.code !== undefined) throw new Refused(line.code);
        return { result: line.result as T, evaluations: line.evaluations ?? 0 };
      });
    },
    onLine: (hear) => void ears.push(hear),
    kill: (signal = 'SIGKILL') => void child.kill(signal),
    ended,
  };
}

/** Ends programs and waits until they are gone. */
export async function endAll(programs: readonly Program[]): Promise<void> {
  for (const program of programs) program.kill();
  await Promise.all(programs.map(({ ended }) => ended));
}
