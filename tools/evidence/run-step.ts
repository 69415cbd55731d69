/** The steps of a run: each a process of its own, its output in a log, its time noted. */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url));

/** Runs steps one after the other. */
export class Steps {
  readonly #logs: string;
  readonly seconds: { [step: string]: number } = {};

  constructor(folder: string) {
    this.#logs = join(folder, 'logs');
    mkdirSync(this.#logs, { recursive: true });
  }

  /** Runs a program to its end, with these variables beside those of the environment: its exit code. */
  async run(step: string, command: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<number> {
    return this.time(step, async () => {
      const [program, ...args] = command as [string, ...string[]];
      const log = createWriteStream(join(this.#logs, `${step.replace(/\W+/g, '-')}.log`));
      const child = spawn(program, args, {
        cwd: ROOT,
        env: { ...process.env, ...variables },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child.stdout.pipe(log, { end: false });
      child.stderr.pipe(log, { end: false });
      return new Promise<number>((resolve, reject) => {
        child.on('error', reject);
        child.on('close', (code) => log.end(() => resolve(code ?? 1)));
      });
    });
  }

  /** Notes how long something takes, and says that it is done. */
  async time<T>(step: string, work: () => T | Promise<T>): Promise<T> {
    process.stdout.write(`${step} …`);
    const started = performance.now();
    const result = await work();
    this.seconds[step] = Math.round((performance.now() - started) / 100) / 10;
    process.stdout.write(
      ` ${this.seconds[step]} s${typeof result === 'number' && result !== 0 ? `, exit ${result}` : ''}\n`,
    );
    return result;
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
