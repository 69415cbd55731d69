/** The steps of a run: each a process of its own, its output in a log, its time noted. */
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Step } from './evidence.ts';

/** The checkout. */
export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url));

/** Makes a folder for a report, empty: what another report left in it goes, anything else stays and is refused. */
export function emptyFolder(path: string): void {
  const isEmpty = !existsSync(path) || readdirSync(path).length === 0;
  if (!isEmpty && !existsSync(join(path, 'logs', 'build.log')))
    throw new Error(`${path} has files that are of no report`);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
}

/** Runs steps one after the other. */
export class Steps {
  readonly #logs: string;
  readonly seconds: { [step: string]: number } = {};
  /** How each ended. */
  readonly ended: Step[] = [];

  constructor(folder: string) {
    this.#logs = join(folder, 'logs');
    mkdirSync(this.#logs, { recursive: true });
  }

  /** Runs a program to its end, with these variables beside those of the environment: its exit code. */
  async run(step: string, command: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<number> {
    return this.#time(step, async () => {
      const [program, ...args] = command as [string, ...string[]];
      const log = createWriteStream(this.#logOf(step));
      const child = spawn(program, args, {
        cwd: ROOT,
        env: { ...process.env, ...variables },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child.stdout.pipe(log, { end: false });
      child.stderr.pipe(log, { end: false });
      return new Promise<number>((resolve) => {
        child.on('error', (error) => log.write(`${error}\n`));
        child.on('close', (code) => log.end(() => resolve(code !== null && code >= 0 ? code : 1)));
      });
    });
  }

  /** Does something in this process; where it fails its log says why, and `otherwise` takes the place of the result. */
  async here<T>(step: string, work: () => T, otherwise: T): Promise<T> {
    let result = otherwise;
    await this.#time(step, async () => {
      try {
        result = work();
        return 0;
      } catch (error) {
        writeFileSync(this.#logOf(step), `${error}\n`);
        return 1;
      }
    });
    return result;
  }

  #logOf(step: string): string {
    return join(this.#logs, `${step.replace(/\W+/g, '-')}.log`);
  }

  /** Notes how long a step takes and how it ends, and says that it is done. */
  async #time(step: string, work: () => Promise<number>): Promise<number> {
    process.stdout.write(`${step} …`);
    const started = performance.now();
    const exit = await work();
    this.seconds[step] = Math.round((performance.now() - started) / 100) / 10;
    this.ended.push({ step, exit });
    process.stdout.write(` ${this.seconds[step]} s${exit === 0 ? '' : `, exit ${exit}`}\n`);
    return exit;
  }
}

/** A program of the project's own devDependencies. */
export function installed(...path: readonly string[]): readonly string[] {
  return [process.execPath, join(ROOT, 'node_modules', ...path)];
}

/** A program of tools/, in TypeScript. */
export function tool(name: string, ...args: readonly string[]): readonly string[] {
  return [process.execPath, '--import', 'tsx', join(ROOT, 'tools', name), ...args];
}
