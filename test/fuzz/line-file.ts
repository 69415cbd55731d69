/** Files of lines on disk, exports and audits: whole and unchanged, or refused. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyAuditFile } from '../../src/node/audit-file.ts';
import { readExportFile } from '../../src/node/export-file.ts';
import { changeText } from './changes.ts';
import { type Dice, oneIn, pick } from './dice.ts';
import { changeJson } from './json.ts';
import { type Input, law, type Target } from './target.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const asLines = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');

const HEADER = { format: 'cardwright-export/1', batchId: 'B1' };
const SEGMENTS = [
  { firstLine: 1, count: 2, envelopes: ['AQID', 'BAUG'] },
  { firstLine: 3, count: 1, envelopes: ['BwgJ'] },
] as const;

/** The last line of an export over what stands before it. */
function sealed(before: string, count: number): string {
  return before + asLines([{ batchId: 'B1', count, sha256: sha256(before) }]);
}

/** Events, each bound to the one before. */
function chained(events: readonly unknown[]): string {
  let prev = '0'.repeat(64);
  const lines = events.map((event, place) => {
    const seq = place + 1;
    const hash = sha256(JSON.stringify([prev, seq, event]));
    const line = { seq, prev, event, hash };
    prev = hash;
    return line;
  });
  return asLines(lines);
}

const EVENTS = [{ operation: 'a', outcome: 'done' }, { operation: 'b', keys: ['k'] }, null] as const;

const SEEDS: readonly Input[] = [
  ['export', sealed(asLines([HEADER, ...SEGMENTS]), 3)],
  ['export', sealed(asLines([HEADER]), 0)],
  ['audit', chained(EVENTS)],
  ['audit', ''],
];

const NAMES = [
  'format',
  'batchId',
  'firstLine',
  'count',
  'envelopes',
  'sha256',
  'seq',
  'prev',
  'event',
  'hash',
];

function change([kind = '', text = '']: Input, dice: Dice): Input {
  if (oneIn(5, dice)) return [kind, changeText(text, dice)];
  const lines = text.split('\n');
  const at = dice.below(lines.length);
  const line = lines[at] ?? '';
  switch (dice.below(6)) {
    case 0:
      return [kind, lines.toSpliced(at, 1).join('\n')];
    case 1:
      return [kind, lines.toSpliced(dice.below(lines.length), 0, line).join('\n')];
    // A last line that is right about what stands before it, whatever that is.
    case 2:
      return kind === 'export'
        ? [kind, sealed(text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1), pick([0, 1, 2, 3], dice))]
        : [kind, chained(lines.map((one) => one.slice(0, 20)))];
    default:
      return [kind, lines.with(at, changeJson(line, NAMES, dice)).join('\n')];
  }
}

let file: string | undefined;

/** A file that goes with the process. */
function scratch(): string {
  if (file !== undefined) return file;
  const folder = mkdtempSync(join(tmpdir(), 'cardwright-fuzz-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  file = join(folder, 'lines');
  return file;
}

async function runExport(path: string, text: string): Promise<void> {
  let next = 1;
  for await (const { firstLine, count, envelopes } of readExportFile(path)) {
    law(firstLine === next, 'a chunk that does not follow the one before');
    law(
      envelopes.every((one) => typeof one === 'string'),
      'an envelope that is no text',
    );
    next += count;
  }
  const before = text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1);
  law(text.includes(sha256(before)), 'an export that was changed is taken for whole');
}

async function runAudit(path: string, text: string): Promise<void> {
  const { events, head } = await verifyAuditFile(path);
  // A last line without its end is what a crash leaves, and does not count.
  const lines = text.split('\n').slice(0, -1);
  law(events === lines.length, 'a chain with another number of events than lines');
  const read = lines.map((line) => (JSON.parse(line) as { readonly event?: unknown }).event ?? null);
  const again = chained(read);
  law(events === 0 || again.includes(head), 'a chain that its events do not give');
}

export const lineFile: Target = {
  name: 'line-file',
  share: 5,
  seeds: SEEDS,
  change,
  async run([kind = '', text = '']) {
    const path = scratch();
    writeFileSync(path, text);
    // What was written: halves of characters are not.
    const written = Buffer.from(text).toString();
    await (kind === 'export' ? runExport(path, written) : runAudit(path, written));
  },
};
