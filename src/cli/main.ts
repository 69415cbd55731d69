#!/usr/bin/env node
/** The program `cardwright`: reads the command, runs it, turns its end into an exit code. */
import { PaymentCryptoError } from '../error.ts';
import { AuditFileError } from '../node/audit-file.ts';
import { CardFileError } from '../node/card-file.ts';
import { ExportFileError } from '../node/export-file.ts';
import { KeyFileError } from '../node/key-file.ts';
import { demo } from './demo.ts';
import { issue } from './issue.ts';
import { DatabaseFileError } from './sqlite.ts';
import { EXIT, type ExitCode, note, ownVersion, print, UsageError } from './terminal.ts';
import { vectors } from './vectors.ts';
import { verify } from './verify.ts';

const HELP = `cardwright: issuer-side payment cryptography. An emulator with test keys, not a certified HSM.

  cardwright issue --iin 400000 --expiry 2912 --out cards.csv    a batch of cards to a file
  cardwright verify cards.csv                                    every value of the file recomputed
  cardwright vectors [FILE… | FOLDER…]                           published test vectors; --html: as a report
  cardwright demo                                                the whole journey of a card, on SQLite
  cardwright COMMAND --help · cardwright --version

  Exit codes: 0 done · 1 something did not verify · 2 refused: command line, input or files`;

const COMMANDS: { readonly [name: string]: (args: readonly string[]) => Promise<ExitCode> } = {
  demo,
  issue,
  vectors,
  verify,
};

async function run(args: readonly string[]): Promise<ExitCode> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    print(HELP);
    return name === undefined ? EXIT.refused : EXIT.done;
  }
  if (name === '--version') {
    print(ownVersion());
    return EXIT.done;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) throw new UsageError(`unknown command ${JSON.stringify(name.slice(0, 20))}`);
  return command(rest);
}

/** What is wrong with a file, in words that may be shown. */
const FILE_ERRORS = [AuditFileError, CardFileError, DatabaseFileError, ExportFileError, KeyFileError];

/** What an error is worth on the terminal: its code and message where it is ours, and no stack. */
function describe(error: unknown): string {
  if (error instanceof PaymentCryptoError) return `${error.code}: ${error.message}`;
  if (error instanceof UsageError) return `${error.message} (try --help)`;
  if (FILE_ERRORS.some((kind) => error instanceof kind)) return (error as Error).message;
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (code !== undefined)
    return `${code}${syscall === undefined ? '' : ` in ${syscall}`}${path === undefined ? '' : ` of ${path}`}`;
  return 'an internal error; please report it';
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe has gone; there is nobody left to tell.
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.done);
});

run(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    note(`cardwright: ${describe(error)}`);
    process.exitCode = EXIT.refused;
  },
);
