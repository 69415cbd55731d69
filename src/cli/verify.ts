/** `cardwright verify`: every value of a file of cards recomputed. */
import { readCardFile } from '../node/card-file.ts';
import { openKeyFile } from '../node/key-file.ts';
import { verifyRow } from './card.ts';
import {
  EXIT,
  type ExitCode,
  grouped,
  note,
  print,
  progress,
  readArguments,
  UsageError,
} from './terminal.ts';

export const VERIFY_HELP = `cardwright verify cards.csv --keys cardwright-keys.json

  FILE         a file that cardwright issue wrote, .csv or .jsonl
  --keys FILE  the keys that it was issued with (cardwright-keys.json)
  --json       prints the result as JSON`;

/** Failures that are listed one by one. */
const MOST_LISTED = 20;

/** What was verified. */
export interface VerifySummary {
  readonly file: string;
  readonly cards: number;
  readonly verified: number;
  readonly failed: number;
  /** Card number and the columns that do not verify, the first 20. */
  readonly failures: readonly { readonly card: number; readonly columns: readonly string[] }[];
  readonly seconds: number;
  readonly cardsPerSecond: number;
}

/** Verifies each card of the file. */
export async function verifyFile(path: string, keysPath: string): Promise<VerifySummary> {
  const file = await openKeyFile(keysPath, { make: false });
  try {
    const rows = await readCardFile(path);
    const bar = progress('verifying', rows.length);
    const started = performance.now();
    const failures: { card: number; columns: string[] }[] = [];
    let failed = 0;
    rows.forEach((row, i) => {
      const columns = verifyRow(file.keys, row);
      if (columns.length > 0 && ++failed <= MOST_LISTED) failures.push({ card: i + 1, columns });
      if (i % 500 === 0) bar.step(i);
    });
    const seconds = (performance.now() - started) / 1000;
    bar.end();
    return {
      file: path,
      cards: rows.length,
      verified: rows.length - failed,
      failed,
      failures,
      seconds,
      cardsPerSecond: rows.length / seconds,
    };
  } finally {
    await file.close();
  }
}

/** The command line; `undefined` where it asks for help. */
export function readVerify(
  args: readonly string[],
): { readonly path: string; readonly keys: string; readonly json: boolean } | undefined {
  const { values, positionals } = readArguments(
    args,
    {
      keys: { type: 'string', default: 'cardwright-keys.json' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
    true,
  );
  if (values.help) return undefined;
  const [path, ...rest] = positionals;
  if (path === undefined || rest.length > 0) throw new UsageError('verify takes one file');
  return { path, keys: values.keys, json: values.json };
}

/** Runs the command. */
export async function verify(args: readonly string[]): Promise<ExitCode> {
  const read = readVerify(args);
  if (read === undefined) {
    print(VERIFY_HELP);
    return EXIT.done;
  }
  const summary = await verifyFile(read.path, read.keys);
  if (read.json) print(JSON.stringify(summary));
  else {
    print(
      `verified ${grouped(summary.verified)} of ${grouped(summary.cards)} cards in ${summary.file}: ${grouped(summary.cardsPerSecond)} a second`,
    );
    for (const { card, columns } of summary.failures) note(`card ${card}: ${columns.join('; ')}`);
    if (summary.failed > summary.failures.length)
      note(`and ${summary.failed - summary.failures.length} more`);
  }
  return summary.failed === 0 && summary.cards > 0 ? EXIT.done : EXIT.failed;
}
