/** `cardwright issue`: a batch of cards to a file. */

import { resolve } from 'node:path';
import type { Pan } from '../brand.ts';
import { requireStripeServiceCode } from '../cvv/cvv.ts';
import { fail } from '../error.ts';
import { FF1_MIN_DOMAIN } from '../mode/ff1.ts';
import { type CardRow, writeCardFile } from '../node/card-file.ts';
import { openKeyFile } from '../node/key-file.ts';
import { parseExpiry, parseServiceCode } from '../pan/card-data.ts';
import type { PanLength } from '../pan/pan.ts';
import { definePanRange, type PanRange } from '../pan/range.ts';
import { nextPanFromSequence } from '../pan/sequence.ts';
import { parsePvki } from '../pin/pvv.ts';
import { definePinPolicy } from '../pin/weak-pin.ts';
import { type Batch, issueCard, profileFor } from './card.ts';
import {
  EXIT,
  type ExitCode,
  grouped,
  note,
  print,
  progress,
  readArguments,
  wholeOption,
} from './terminal.ts';

/** Most cards of one call: they are held in memory until the file is whole. */
const MOST_CARDS = 1_000_000;

/** How often the event loop gets a turn. */
const CARDS_PER_TURN = 500;

export const ISSUE_HELP = `cardwright issue --iin 400000 --length 16 --count 1000 --expiry 2912 --service-code 201 --out cards.csv

  --iin DIGITS           6 or 8 digits
  --length N             digits of a PAN, 13 to 19, or 15 to 19 with an IIN of 8 digits (16)
  --count N              cards, 1 to ${MOST_CARDS} (1000)
  --expiry YYMM          expiry of all cards
  --service-code DIGITS  service code of the stripe (201)
  --pvki DIGIT           PVKI, 1 to 6 (1)
  --out FILE             .csv, or .jsonl for one JSON object a line (cards.csv); replaced if it is there
  --keys FILE            test keys and counters; made where missing (cardwright-keys.json)
  --clear                adds PAN, CVV, CVV2, iCVV and PIN in clear to the file
  --json                 prints the summary as JSON`;

/** What was issued, for the summary. */
export interface IssueSummary {
  readonly cards: number;
  readonly file: string;
  readonly keys: string;
  readonly keysMade: boolean;
  readonly clear: boolean;
  readonly firstSequenceNumber: number;
  readonly nextSequenceNumber: number;
  readonly remainingInRange: number;
  readonly seconds: number;
  readonly cardsPerSecond: number;
}

/** The parameters of a batch, as they stand on the command line. */
export interface IssueRequest {
  readonly iin: string;
  readonly length: number;
  readonly count: number;
  readonly expiry: string;
  readonly serviceCode: string;
  readonly pvki: string;
  readonly out: string;
  readonly keys: string;
  readonly clear: boolean;
}

/** The range and the terms of a batch; refuses whatever can be refused before a file is touched. */
export function readBatch(request: IssueRequest): { readonly range: PanRange; readonly batch: Batch } {
  const range = definePanRange({ iin: request.iin, length: request.length as PanLength });
  if (range.capacity < FF1_MIN_DOMAIN)
    fail(
      'ERR_DOMAIN_TOO_SMALL',
      'length',
      `at least ${range.iin.length + 7} digits for this IIN: a sequence needs 10^6 numbers`,
    );
  const batch: Batch = {
    expiry: parseExpiry(request.expiry),
    serviceCode: parseServiceCode(request.serviceCode),
    pvki: parsePvki(request.pvki),
    pinPolicy: definePinPolicy({ minLength: 4, maxLength: 4 }),
    clear: request.clear,
  };
  requireStripeServiceCode(batch.serviceCode);
  if (resolve(request.out) === resolve(request.keys)) fail('ERR_INPUT', 'out', 'another file than --keys');
  return { range, batch };
}

/** Issues the batch. The counter is stored before the file appears: a crash wastes numbers, never repeats them. */
export async function issueBatch(request: IssueRequest): Promise<IssueSummary> {
  const { range, batch } = readBatch(request);
  const profile = profileFor(request.length);
  const file = await openKeyFile(request.keys, { make: true });
  try {
    const name = `${range.iin}/${range.length}`;
    const first = file.next(name);
    if (first + request.count > range.capacity)
      fail('ERR_PAN_SPACE', 'count', `at most ${range.capacity - first} cards: what the range has left`);
    const bar = progress('issuing', request.count);
    const started = performance.now();
    const rows: CardRow[] = [];
    let next = first;
    while (rows.length < request.count) {
      let pan: Pan;
      ({ pan, next } = nextPanFromSequence(file.keys.panKey, range, next));
      rows.push(issueCard(file.keys, batch, profile, pan));
      if (rows.length % CARDS_PER_TURN === 0) {
        bar.step(rows.length);
        await new Promise((turn) => setImmediate(turn));
      }
    }
    const seconds = (performance.now() - started) / 1000;
    bar.end();
    await file.advance(name, next);
    await writeCardFile(request.out, rows, { clear: request.clear });
    return {
      cards: rows.length,
      file: request.out,
      keys: request.keys,
      keysMade: file.made,
      clear: request.clear,
      firstSequenceNumber: first,
      nextSequenceNumber: next,
      remainingInRange: range.capacity - next,
      seconds,
      cardsPerSecond: rows.length / seconds,
    };
  } finally {
    await file.close();
  }
}

/** The command line; `undefined` where it asks for help. */
export function readIssue(args: readonly string[]): (IssueRequest & { readonly json: boolean }) | undefined {
  const { values } = readArguments(
    args,
    {
      iin: { type: 'string' },
      length: { type: 'string', default: '16' },
      count: { type: 'string', default: '1000' },
      expiry: { type: 'string' },
      'service-code': { type: 'string', default: '201' },
      pvki: { type: 'string', default: '1' },
      out: { type: 'string', default: 'cards.csv' },
      keys: { type: 'string', default: 'cardwright-keys.json' },
      clear: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
    false,
  );
  if (values.help) return undefined;
  return {
    iin: values.iin ?? fail('ERR_INPUT', 'iin', 'to be said: --iin 400000'),
    length: wholeOption('length', values.length, 12, 19),
    count: wholeOption('count', values.count, 1, MOST_CARDS),
    expiry: values.expiry ?? fail('ERR_INPUT', 'expiry', 'to be said: --expiry YYMM'),
    serviceCode: values['service-code'],
    pvki: values.pvki,
    out: values.out,
    keys: values.keys,
    clear: values.clear,
    json: values.json,
  };
}

/** Runs the command. */
export async function issue(args: readonly string[]): Promise<ExitCode> {
  const read = readIssue(args);
  if (read === undefined) {
    print(ISSUE_HELP);
    return EXIT.done;
  }
  if (read.clear)
    note('warning: --clear writes PAN, CVV, CVV2, iCVV and PIN in clear; never do this with real cards');
  const summary = await issueBatch(read);
  if (read.json) {
    print(JSON.stringify(summary));
  } else {
    if (summary.keysMade) print(`made ${summary.keys} with fresh test keys (mode 0600)`);
    print(
      `issued ${grouped(summary.cards)} cards to ${summary.file}: ${grouped(summary.cardsPerSecond)} a second`,
    );
    print(
      `sequence numbers ${grouped(summary.firstSequenceNumber)} to ${grouped(summary.nextSequenceNumber - 1)}; ${grouped(summary.remainingInRange)} left in the range`,
    );
  }
  return EXIT.done;
}
