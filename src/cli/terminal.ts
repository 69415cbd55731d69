/** What the commands say and how: text on stdout, everything else on stderr, exit codes. */
import { readFileSync } from 'node:fs';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { Presets, SingleBar } from 'cli-progress';

/** Exit codes of the program. */
export const EXIT = { done: 0, failed: 1, refused: 2 } as const;

/** An exit code. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A command line that cannot be understood, or asks for what cannot be. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Most characters of an argument: those of a path. A group of short options takes its length by itself to read. */
const MOST_CHARACTERS = 4096;

/** The options of a command, strictly: unknown ones and missing values are refused. */
export function readArguments<const T extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: T,
  positionals: boolean,
) {
  if (args.some((arg) => arg.length > MOST_CHARACTERS))
    throw new UsageError(`an argument has more than ${MOST_CHARACTERS} characters`);
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: positionals });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** A whole number of an option. */
export function wholeOption(name: string, text: string, low: number, high: number): number {
  const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= low && value <= high))
    throw new UsageError(`--${name} takes a whole number from ${low} to ${high}`);
  return value;
}

/** Prints a line of the result. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** Prints a line beside the result. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A bar on stderr where that is a terminal, and nothing elsewhere. */
export function progress(label: string, total: number): { step(done: number): void; end(): void } {
  if (process.stderr.isTTY !== true) return { step: () => undefined, end: () => undefined };
  const bar = new SingleBar(
    { format: `${label} {bar} {percentage}% {value}/{total}`, clearOnComplete: true, stream: process.stderr },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { step: (done) => bar.update(done), end: () => bar.stop() };
}

/** Thousands set apart. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US').replaceAll(',', ' ');
}

/** The version of the package that the program is part of. */
export function ownVersion(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}
