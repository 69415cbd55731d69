/** The program `cardwright` as a child process: what it prints where, what it leaves behind, how it ends. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DatabaseFileError, openSqlite } from '../../src/cli/sqlite.ts';
import { runFile } from '../../src/conformance/run.ts';
import { parseVectorFile } from '../../src/conformance/vector-file.ts';
import { isPan, maskPan, type Pan } from '../../src/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = join(ROOT, 'dist', 'cli', 'main.js');
const VECTORS = join(ROOT, 'vectors');

const COLUMNS = [
  'token',
  'maskedPan',
  'expiry',
  'serviceCode',
  'pvki',
  'pvv',
  'cvvBlock',
  'cvv2Block',
  'icvvBlock',
  'pinBlock',
];
const CLEAR = ['pan', 'cvv', 'cvv2', 'icvv', 'pin'];

let work = '';

beforeAll(() => {
  if (!existsSync(PROGRAM)) throw new Error('dist/cli/main.js is missing: npm run build');
  work = mkdtempSync(join(tmpdir(), 'cardwright-cli-'));
});

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function cardwright(args: readonly string[], cwd = work): Ended {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [PROGRAM, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', FORCE_COLOR: '0' },
    maxBuffer: 1 << 26,
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

/** An empty folder of its own for a test. */
function folder(name: string): string {
  const path = join(work, name);
  mkdirSync(path);
  return path;
}

const ISSUE = ['issue', '--iin', '400000', '--expiry', '2912'];

function issued(cwd: string, ...args: readonly string[]): Ended {
  const ended = cardwright([...ISSUE, ...args], cwd);
  expect(ended.status, ended.stderr).toBe(0);
  return ended;
}

type Row = Readonly<Record<string, string>>;

function readCsv(path: string): readonly Row[] {
  const [header = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const names = header.split(',');
  return lines.map((line) =>
    Object.fromEntries(line.split(',').map((cell, i) => [names[i] as string, cell])),
  );
}

/** Changes one cell of a file of cards. */
function tamper(path: string, row: number, column: string, change: (cell: string) => string): void {
  const lines = readFileSync(path, 'utf8').split('\n');
  const at = (lines[0] as string).split(',').indexOf(column);
  const cells = (lines[row] as string).split(',');
  const before = cells[at] as string;
  cells[at] = change(before);
  expect(cells[at]).not.toBe(before);
  lines[row] = cells.join(',');
  writeFileSync(path, lines.join('\n'));
}

const nextDigit = (text: string): string => text.slice(0, -1) + String((Number(text.slice(-1)) + 1) % 10);
const nextHex = (text: string): string =>
  text.slice(0, -1) + ((Number.parseInt(text.slice(-1), 16) + 1) % 16).toString(16).toUpperCase();

describe('cardwright', () => {
  it('says its version and its commands', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(cardwright(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
    for (const help of ['--help', '-h', 'help']) {
      const { status, stdout, stderr } = cardwright([help]);
      expect([status, stderr]).toEqual([0, '']);
      for (const command of ['issue', 'verify', 'vectors', 'demo'])
        expect(stdout).toContain(`cardwright ${command}`);
      expect(stdout).toContain('not a certified HSM');
    }
    for (const command of ['issue', 'verify', 'vectors', 'demo']) {
      const { status, stdout, stderr } = cardwright([command, '--help']);
      expect([command, status, stderr]).toEqual([command, 0, '']);
      expect(stdout).toContain(`cardwright ${command}`);
    }
    expect(cardwright([]).status).toBe(2);
  });

  it.each([
    [['nonsense'], 'unknown command'],
    [['__proto__'], 'unknown command'],
    [['issue'], '--iin'],
    [['issue', '--iin', '400000'], '--expiry'],
    [[...ISSUE, '--count', '0'], '--count'],
    [[...ISSUE, '--count', '1e3'], '--count'],
    [[...ISSUE, '--count=-5'], '--count'],
    [[...ISSUE, '--count', '1000001'], '--count'],
    [[...ISSUE, '--length', '20'], '--length'],
    [[...ISSUE, '--colour', 'red'], '--colour'],
    [[...ISSUE, 'extra'], 'extra'],
    [[...ISSUE, '--pvki', '7'], 'ERR_INDEX'],
    [[...ISSUE, '--service-code', '20'], 'ERR_SERVICE_CODE'],
    [[...ISSUE, '--service-code', '000'], 'ERR_SERVICE_CODE'],
    [['issue', '--iin', '40000', '--expiry', '2912'], 'ERR_PAN'],
    [['issue', '--iin', '4OOOOO', '--expiry', '2912'], 'ERR_PAN'],
    [['issue', '--iin', '400000', '--expiry', '1229'], 'ERR_EXPIRY'],
    [['issue', '--iin', '40000012', '--length', '12', '--expiry', '2912'], 'ERR_DOMAIN_TOO_SMALL'],
    [[...ISSUE, '--out', 'no/such/folder/cards.csv', '--keys', 'bad-out.json', '--count', '1'], 'ENOENT'],
    [[...ISSUE, '--keys', 'no/such/folder/keys.json'], 'ENOENT'],
    [['verify'], 'verify takes one file'],
    [['verify', 'a.csv', 'b.csv'], 'verify takes one file'],
    [['verify', 'a.csv', '--keys', 'missing.json'], 'missing.json'],
    [['vectors', 'missing.json'], 'missing.json'],
    [['vectors', '--verbose'], '--verbose'],
    [['demo', `-${'h'.repeat(20_000)}`], 'more than 4096 characters'],
    [['demo', '--count', '0'], '--count'],
  ])('refuses %j with exit code 2 and one line', (args, said) => {
    const { status, stdout, stderr } = cardwright(args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^cardwright: [^\n]+\n$/);
    expect(stderr).toContain(said);
    expect(stderr).not.toMatch(/\n\s+at |node:internal|\.js:\d/);
  });

  it('leaves nothing behind when it refuses', () => {
    const cwd = folder('refused');
    for (const args of [
      [...ISSUE, '--count', '0'],
      ['issue', '--iin', '400000', '--expiry', '2913'],
      [...ISSUE, '--pvki', '9'],
      ['verify', 'cards.csv'],
    ]) {
      expect(cardwright(args, cwd).status).toBe(2);
      expect(readdirSync(cwd)).toEqual([]);
    }
  });
});

describe('cardwright issue and verify', () => {
  it('issue a file that verifies, with keys that only their owner reads', () => {
    const cwd = folder('round-trip');
    const { stdout, stderr } = issued(cwd, '--count', '50');
    expect(stderr).toBe('');
    expect(stdout).toContain('issued 50 cards to cards.csv');
    expect(stdout).toContain('made cardwright-keys.json');
    expect(readdirSync(cwd).sort()).toEqual(['cards.csv', 'cardwright-keys.json']);
    if (process.platform !== 'win32')
      for (const file of ['cards.csv', 'cardwright-keys.json'])
        expect(statSync(join(cwd, file)).mode & 0o777, file).toBe(0o600);

    const rows = readCsv(join(cwd, 'cards.csv'));
    expect(rows.length).toBe(50);
    for (const row of rows) {
      expect(Object.keys(row)).toEqual(COLUMNS);
      expect(row).toMatchObject({ expiry: '2912', serviceCode: '201', pvki: '1' });
      expect(row['token']).toMatch(/^000400000[0-9A-Z]{6}[0-9]{4}$/);
      expect(row['maskedPan']).toMatch(/^400000\*{6}[0-9]{4}$/);
    }
    expect(new Set(rows.map((row) => row['token'])).size).toBe(50);
    expect(new Set(rows.map((row) => row['pinBlock'])).size).toBe(50);

    const verified = cardwright(['verify', 'cards.csv'], cwd);
    expect([verified.status, verified.stderr]).toEqual([0, '']);
    expect(verified.stdout).toContain('verified 50 of 50 cards in cards.csv');
    expect(existsSync(join(cwd, 'cardwright-keys.json.lock'))).toBe(false);
  });

  it('print their summaries as JSON, and nothing else', () => {
    const cwd = folder('json');
    const issue = issued(cwd, '--count', '7', '--json', '--out', 'a.csv', '--keys', 'k.json');
    expect(issue.stderr).toBe('');
    expect(JSON.parse(issue.stdout)).toEqual({
      cards: 7,
      file: 'a.csv',
      keys: 'k.json',
      keysMade: true,
      clear: false,
      firstSequenceNumber: 0,
      nextSequenceNumber: 7,
      remainingInRange: 1e9 - 7,
      seconds: expect.any(Number),
      cardsPerSecond: expect.any(Number),
    });
    const verify = cardwright(['verify', 'a.csv', '--keys', 'k.json', '--json'], cwd);
    expect([verify.status, verify.stderr]).toEqual([0, '']);
    expect(JSON.parse(verify.stdout)).toEqual({
      file: 'a.csv',
      cards: 7,
      verified: 7,
      failed: 0,
      failures: [],
      seconds: expect.any(Number),
      cardsPerSecond: expect.any(Number),
    });
  });

  it('write one JSON object a line for .jsonl, and verify it', () => {
    const cwd = folder('jsonl');
    issued(cwd, '--count', '5', '--out', 'cards.jsonl');
    const lines = readFileSync(join(cwd, 'cards.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.length).toBe(5);
    for (const line of lines) expect(Object.keys(JSON.parse(line) as object)).toEqual(COLUMNS);
    expect(cardwright(['verify', 'cards.jsonl'], cwd).status).toBe(0);
  });

  it('take every PAN length that has a million numbers, and each its token', () => {
    const cwd = folder('lengths');
    for (const [iin, length] of [
      ['400000', 13],
      ['400000', 14],
      ['40000012', 15],
      ['40000012', 16],
      ['400000', 19],
    ] as const) {
      const args = ['issue', '--iin', iin, '--length', String(length), '--expiry', '3001', '--count', '3'];
      const { status, stderr } = cardwright([...args, '--clear', '--out', 'cards.csv'], cwd);
      expect([status, stderr.split('\n').length]).toEqual([0, 2]);
      for (const { pan = '' } of readCsv(join(cwd, 'cards.csv'))) {
        expect(isPan(pan)).toBe(true);
        expect(pan.length).toBe(length);
        expect(pan.startsWith(iin)).toBe(true);
      }
      expect(cardwright(['verify', 'cards.csv'], cwd).status).toBe(0);
    }
  });

  it('give clear values only with --clear, and then a warning', () => {
    const cwd = folder('clear');
    const { stderr, stdout } = issued(cwd, '--count', '5', '--clear', '--out', 'clear.csv');
    expect(stderr).toMatch(/^warning: --clear [^\n]+\n$/);
    expect(stdout).not.toContain('warning');
    const rows = readCsv(join(cwd, 'clear.csv'));
    for (const row of rows) {
      expect(Object.keys(row)).toEqual([...COLUMNS, ...CLEAR]);
      expect(maskPan(row['pan'] as Pan)).toBe(row['maskedPan']);
    }
    expect(cardwright(['verify', 'clear.csv'], cwd).status).toBe(0);

    // The same numbers again without --clear: the counter of a copy of the keys is set back.
    const keys = JSON.parse(readFileSync(join(cwd, 'cardwright-keys.json'), 'utf8')) as object;
    writeFileSync(join(cwd, 'back.json'), JSON.stringify({ ...keys, nextInRange: {} }));
    const plain = issued(cwd, '--count', '5', '--keys', 'back.json', '--out', 'plain.csv');
    expect(plain.stderr).toBe('');
    const text = readFileSync(join(cwd, 'plain.csv'), 'utf8');
    const again = readCsv(join(cwd, 'plain.csv'));
    expect(again.map((row) => row['token'])).toEqual(rows.map((row) => row['token']));
    for (const row of again) expect(Object.keys(row)).toEqual(COLUMNS);
    for (const { pan = '' } of rows) {
      expect(text).not.toContain(pan);
      expect(text).not.toContain(pan.slice(6, 12));
    }
  });

  it('never repeat a PAN over batches, whatever the process, and keep one counter a range', () => {
    const cwd = folder('batches');
    const pans: string[] = [];
    for (const [file, count] of [
      ['a.csv', 30],
      ['b.csv', 20],
      ['c.csv', 25],
    ] as const) {
      const { stdout } = issued(cwd, '--count', String(count), '--clear', '--json', '--out', file);
      expect(JSON.parse(stdout)).toMatchObject({
        firstSequenceNumber: pans.length,
        keysMade: pans.length === 0,
      });
      pans.push(...readCsv(join(cwd, file)).map((row) => row['pan'] as string));
    }
    expect(new Set(pans).size).toBe(75);
    const other = cardwright(['issue', '--iin', '510000', '--expiry', '2912', '--count', '5', '--json'], cwd);
    expect(JSON.parse(other.stdout)).toMatchObject({ firstSequenceNumber: 0 });
    const { nextInRange } = JSON.parse(readFileSync(join(cwd, 'cardwright-keys.json'), 'utf8'));
    expect(nextInRange).toEqual({ '400000/16': 75, '510000/16': 5 });
  });

  it('use a range to its last number and not beyond', () => {
    const cwd = folder('range');
    const args = ['issue', '--iin', '40000012', '--length', '15', '--expiry', '2912', '--json', '--clear'];
    expect(cardwright([...args, '--count', '1'], cwd).status).toBe(0);
    const path = join(cwd, 'cardwright-keys.json');
    const keys = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...keys, nextInRange: { '40000012/15': 999_990 } }));
    rmSync(join(cwd, 'cards.csv'));
    const over = cardwright([...args, '--count', '11'], cwd);
    expect([over.status, over.stdout]).toEqual([2, '']);
    expect(over.stderr).toContain('ERR_PAN_SPACE');
    expect(existsSync(join(cwd, 'cards.csv'))).toBe(false);
    const last = cardwright([...args, '--count', '10'], cwd);
    expect(JSON.parse(last.stdout)).toMatchObject({ nextSequenceNumber: 1_000_000, remainingInRange: 0 });
    expect(cardwright([...args, '--count', '1'], cwd).status).toBe(2);
  });

  it('find every value that was tampered with, by card and column, with exit code 1', () => {
    const cwd = folder('tampered');
    issued(cwd, '--count', '18', '--clear');
    const changes = [
      ['pvv', nextDigit, 'pinBlock'],
      ['pvki', nextDigit, 'pinBlock'],
      ['maskedPan', nextDigit, 'maskedPan'],
      ['cvvBlock', nextHex, 'cvvBlock'],
      ['cvv2Block', nextHex, 'cvv2Block'],
      ['icvvBlock', nextHex, 'icvvBlock'],
      ['pinBlock', nextHex, 'pinBlock'],
      ['expiry', () => '2911', 'cvvBlock'],
      ['serviceCode', () => '221', 'cvvBlock'],
      ['pan', nextDigit, 'pan'],
      ['cvv', nextDigit, 'cvv'],
      ['cvv2', nextDigit, 'cvv2'],
      ['icvv', nextDigit, 'icvv'],
      ['pin', nextDigit, 'pin'],
      // Another token is another PAN, or none: the card does not hold for it.
      ['token', (token: string) => token.replace(/(?<=^.{9})./, (c) => (c === 'Q' ? 'R' : 'Q')), undefined],
    ] as const;
    changes.forEach(([column, change], i) => {
      tamper(join(cwd, 'cards.csv'), i + 1, column, change);
    });
    const { status, stdout, stderr } = cardwright(['verify', 'cards.csv'], cwd);
    expect([status, stdout]).toEqual([1, expect.stringContaining('verified 3 of 18 cards')]);
    const lines = stderr.trimEnd().split('\n');
    expect(lines.length).toBe(changes.length);
    changes.forEach(([, , named], i) => {
      expect(lines[i]).toMatch(new RegExp(`^card ${i + 1}: .*${named ?? ''}`));
    });
    const json = cardwright(['verify', 'cards.csv', '--json'], cwd);
    expect([json.status, json.stderr]).toEqual([1, '']);
    const { failures, ...summary } = JSON.parse(json.stdout) as { failures: { columns: string[] }[] };
    expect(summary).toMatchObject({ cards: 18, verified: 3, failed: 15 });
    failures.forEach(({ columns }, i) => {
      expect(columns.join()).toContain(changes[i]?.[2] ?? columns[0]);
    });
    // Clear columns are compared one by one, so that only the one that was changed is named.
    for (const i of [9, 10, 11, 12, 13]) expect(failures[i]?.columns).toEqual([changes[i]?.[0]]);
  });

  it('report an expiry that is none as a card that does not verify', () => {
    const cwd = folder('month');
    issued(cwd, '--count', '3');
    tamper(join(cwd, 'cards.csv'), 2, 'expiry', () => '2913');
    const { status, stdout, stderr } = cardwright(['verify', 'cards.csv'], cwd);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^card 2: /)]);
    expect(stdout).toContain('verified 2 of 3 cards');
  });

  it('refuse a file that is none of cards, naming line and column and no value', () => {
    const cwd = folder('foreign');
    issued(cwd, '--count', '3', '--out', 'good.csv');
    for (const [name, text] of [
      ['empty.csv', ''],
      ['binary.csv', '"\u0000'],
      ['other.csv', 'a,b\n1,2\n'],
      ['lines.jsonl', 'not json\n'],
      ['shape.jsonl', '{"token":1}\n'],
    ] as const) {
      writeFileSync(join(cwd, name), text);
      const { status, stderr } = cardwright(['verify', name, '--keys', 'cardwright-keys.json'], cwd);
      expect([name, status], stderr).toEqual([name, name === 'empty.csv' ? 1 : 2]);
    }
    copyFileSync(join(cwd, 'good.csv'), join(cwd, 'bad.csv'));
    tamper(join(cwd, 'bad.csv'), 2, 'cvvBlock', () => 'SECRETSECRET0000');
    const { status, stderr } = cardwright(['verify', 'bad.csv'], cwd);
    expect(status).toBe(2);
    expect(stderr).toContain('card 2: see cvvBlock');
    expect(stderr).not.toContain('SECRET');
  });

  it('verify nothing under other keys', () => {
    const cwd = folder('other-keys');
    issued(cwd, '--count', '20', '--keys', 'a.json');
    issued(cwd, '--count', '1', '--keys', 'b.json', '--out', 'b.csv');
    const { status, stdout } = cardwright(['verify', 'cards.csv', '--keys', 'b.json'], cwd);
    expect(status).toBe(1);
    expect(stdout).toContain('verified 0 of 20 cards');
  });

  it('refuse a key file that another process has, and one that is damaged', () => {
    const cwd = folder('locked');
    issued(cwd, '--count', '1');
    // Of a process that runs: this one.
    const owner = { host: hostname(), pid: process.pid, start: null, nonce: 'n' };
    writeFileSync(join(cwd, 'cardwright-keys.json.lock'), JSON.stringify(owner));
    for (const args of [ISSUE, ['verify', 'cards.csv']]) {
      const { status, stdout, stderr } = cardwright(args, cwd);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^cardwright: cardwright-keys\.json is in use[^\n]*\n$/);
    }
    // The lock belongs to the other process.
    const lock = join(cwd, 'cardwright-keys.json.lock');
    expect(existsSync(lock)).toBe(true);

    // One that is dead: its lock is taken over, but not while somebody else removes it.
    const { pid: dead } = spawnSync(process.execPath, ['-e', '']);
    const left = JSON.stringify({ ...owner, pid: dead });
    writeFileSync(lock, left);
    writeFileSync(`${lock}.removal`, JSON.stringify(owner));
    expect(cardwright(['verify', 'cards.csv'], cwd)).toMatchObject({ status: 2, stdout: '' });
    expect(readFileSync(lock, 'utf8')).toBe(left);
    writeFileSync(`${lock}.removal`, left);
    expect(cardwright(['verify', 'cards.csv'], cwd).status).toBe(0);
    expect([lock, `${lock}.removal`].filter(existsSync)).toEqual([]);

    const good = readFileSync(join(cwd, 'cardwright-keys.json'), 'utf8');
    const contents = JSON.parse(good) as { keys: Record<string, string>; storageKey: string };
    const cvk = contents.keys['cvk'] as string;
    for (const [what, text] of [
      ['text', 'nothing'],
      ['shape', '{}'],
      ['counter', JSON.stringify({ ...contents, nextInRange: { '400000/16': -1 } })],
      ['key block', JSON.stringify({ ...contents, keys: { ...contents.keys, cvk: nextHex(cvk) } })],
      ['swapped keys', JSON.stringify({ ...contents, keys: { ...contents.keys, pvk: cvk } })],
      ['storage key', JSON.stringify({ ...contents, storageKey: nextHex(contents.storageKey) })],
    ] as const) {
      writeFileSync(join(cwd, 'cardwright-keys.json'), text);
      const { status, stdout, stderr } = cardwright([...ISSUE, '--out', 'new.csv'], cwd);
      expect([what, status, stdout], stderr).toEqual([what, 2, '']);
      expect(stderr).not.toContain(contents.storageKey.slice(0, 16));
      expect(existsSync(join(cwd, 'new.csv'))).toBe(false);
      expect(existsSync(join(cwd, 'cardwright-keys.json.lock')), what).toBe(false);
      // A damaged file is the owner's only copy: it is never replaced.
      expect(readFileSync(join(cwd, 'cardwright-keys.json'), 'utf8')).toBe(text);
    }
  });
});

describe('cardwright vectors', () => {
  const wrong = {
    id: 'cvv-wrong',
    source: 'x',
    op: 'cvv',
    comment: '',
    cvk: '0123456789ABCDEFFEDCBA9876543210',
  };
  const file = (cases: readonly object[]): string =>
    JSON.stringify({ algorithm: 'x', source: [{ id: 'x' }], notes: '', cases });
  const good = {
    ...wrong,
    id: 'cvv-good',
    pan: '4000000000285066',
    expiry: '2812',
    serviceCode: '201',
    cvv: '352',
  };

  it('runs the vectors of the package without an argument', () => {
    const { status, stdout, stderr } = cardwright(['vectors']);
    expect([status, stderr]).toEqual([0, '']);
    for (const name of ['cvv.json', 'self/token.json', 'together', 'unsupported: '])
      expect(stdout).toContain(name);
    const json = cardwright(['vectors', '--json']);
    expect([json.status, json.stderr]).toEqual([0, '']);
    const result = JSON.parse(json.stdout) as { families: { file: string }[] };
    const own = readdirSync(VECTORS, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.json'),
    );
    const verdicts = own.flatMap((name) =>
      runFile(parseVectorFile(readFileSync(join(VECTORS, name), 'utf8'))).results.map(
        ({ verdict }) => verdict,
      ),
    );
    const unsupported = verdicts.filter((verdict) => verdict === 'unsupported').length;
    expect(result).toMatchObject({ passed: verdicts.length - unsupported, failed: 0, unsupported });
    expect(result.families.map((family) => family.file)).toEqual(own.sort());
  });

  it('prints exactly the shape of JSON that was promised, and nothing else', () => {
    const cwd = folder('vectors-json');
    writeFileSync(
      join(cwd, 'v.json'),
      file([good, { ...good, id: 'b', op: 'new.op' }, { ...good, id: 'c', cvv: '353' }]),
    );
    const { status, stdout, stderr } = cardwright(['vectors', 'v.json', '--json'], cwd);
    expect(status).toBe(1);
    expect(stderr).toBe('');
    expect(stdout).toBe(
      '{"families":[{"file":"v.json","passed":1,"failed":1,"unsupported":1}],"passed":1,"failed":1,"unsupported":1}\n',
    );
  });

  it('counts a refusal that was asked for as passed', () => {
    const cwd = folder('vectors-refused');
    writeFileSync(join(cwd, 'v.json'), file([good, { ...good, id: 'b', op: 'cvv.mismatch', cvv: '353' }]));
    const { status, stdout } = cardwright(['vectors', 'v.json', '--json'], cwd);
    expect([status, JSON.parse(stdout)]).toEqual([
      0,
      {
        families: [{ file: 'v.json', passed: 2, failed: 0, unsupported: 0 }],
        passed: 2,
        failed: 0,
        unsupported: 0,
      },
    ]);
  });

  it('takes files and folders, with all below them, schemas excepted', () => {
    const cwd = folder('vectors-folder');
    mkdirSync(join(cwd, 'set', 'deep'), { recursive: true });
    writeFileSync(join(cwd, 'set', 'a.json'), file([good]));
    writeFileSync(join(cwd, 'set', 'a.schema.json'), '{"type":"object"}');
    writeFileSync(join(cwd, 'set', 'README.md'), 'text');
    writeFileSync(join(cwd, 'set', 'deep', 'b.json'), file([good, { ...good, id: 'c' }]));
    writeFileSync(join(cwd, 'single.json'), file([good]));
    const { status, stdout } = cardwright(['vectors', 'set', 'single.json', '--json'], cwd);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      families: [
        { file: join('set', 'a.json'), passed: 1, failed: 0, unsupported: 0 },
        { file: join('set', 'deep', 'b.json'), passed: 2, failed: 0, unsupported: 0 },
        { file: 'single.json', passed: 1, failed: 0, unsupported: 0 },
      ],
      passed: 4,
      failed: 0,
      unsupported: 0,
    });
    const cvv = cardwright(['vectors', join(VECTORS, 'cvv.json'), join(VECTORS, 'pvv.json')], cwd);
    expect([cvv.status, cvv.stderr]).toEqual([0, '']);
    expect(cvv.stdout).toMatch(/together\s+24\s+0\s+0\s+0/);
  });

  it('lists failures on stderr by file, case and reason, without a value, and ends with 1', () => {
    const cwd = folder('vectors-failed');
    writeFileSync(
      join(cwd, 'v.json'),
      file([good, { ...good, id: 'cvv-two', cvv: '353' }, { ...wrong, pan: 'x' }]),
    );
    const { status, stdout, stderr } = cardwright(['vectors', 'v.json'], cwd);
    expect(status).toBe(1);
    expect(stdout).toMatch(/v\.json\s+1\s+0\s+2\s+0\n/);
    expect(stderr).toMatch(
      /^failed: v\.json cvv-two \(cvv\): "cvv" differs[^\n]*\nfailed: v\.json cvv-wrong \(cvv\): [^\n]*\n$/,
    );
    for (const value of [good.cvk, good.pan, '352', '353']) expect(stderr).not.toContain(value);
  });

  it('never calls an unknown operation passed, but is not stopped by it either', () => {
    const cwd = folder('vectors-unknown');
    writeFileSync(join(cwd, 'v.json'), file([{ ...good, op: 'emv.of-tomorrow' }]));
    const { status, stdout } = cardwright(['vectors', 'v.json'], cwd);
    expect(status).toBe(0);
    expect(stdout).toMatch(/v\.json\s+0\s+0\s+0\s+1\n/);
    expect(stdout).toContain('operation emv.of-tomorrow (1)');
  });

  it.each([
    ['text', 'nothing', 'not JSON'],
    ['another shape', '{"cases":1}', 'not a vector file'],
    ['a case without op', '{"algorithm":"x","source":[],"cases":[{"id":"a"}]}', 'cases.0.op'],
  ])('passes over a file of %s, runs the others and ends with exit code 2', (_, text, said) => {
    const cwd = mkdtempSync(join(work, 'vectors-bad-'));
    writeFileSync(join(cwd, 'v.json'), text);
    writeFileSync(
      join(cwd, 'w.json'),
      '{"cases":[{"op":"luhn.validate","number":"4242424242424242","length":16,"valid":true}]}',
    );
    for (const [args, passed] of [
      [['v.json'], 0],
      [['v.json', 'w.json'], 1],
      [['.'], 1],
    ] as const) {
      const { status, stdout, stderr } = cardwright(['vectors', ...args, '--json'], cwd);
      expect(status).toBe(2);
      expect(JSON.parse(stdout)).toMatchObject({ passed, failed: 0, unsupported: 0 });
      expect(stderr).toContain(said);
      expect(stderr).toContain('v.json');
      expect(cardwright(['vectors', ...args], cwd)).toMatchObject({ status: 2, stderr });
    }
  });

  it('passes over what cannot be read, and a failure weighs more than a file that is none', () => {
    const cwd = folder('vectors-odd');
    mkdirSync(join(cwd, 'in', 'folder.json'), { recursive: true });
    symlinkSync(join(cwd, 'nowhere'), join(cwd, 'in', 'dangling.json'));
    const vector = { op: 'luhn.validate', number: '4242424242424242', length: 16, valid: true };
    writeFileSync(join(cwd, 'in', 'good.json'), JSON.stringify({ cases: [vector] }));
    const first = cardwright(['vectors', 'in', '--json'], cwd);
    expect(first.status).toBe(2);
    expect(first.stderr).toMatch(/dangling\.json: cannot be read/);
    expect(JSON.parse(first.stdout)).toMatchObject({ passed: 1, failed: 0 });
    writeFileSync(join(cwd, 'in', 'wrong.json'), JSON.stringify({ cases: [{ ...vector, valid: false }] }));
    const second = cardwright(['vectors', 'in', '--json'], cwd);
    expect(second.status).toBe(1);
    expect(JSON.parse(second.stdout)).toMatchObject({ passed: 1, failed: 1 });
    expect(cardwright(['vectors', 'in', 'nowhere'], cwd)).toMatchObject({ status: 2, stdout: '' });
  });

  it('refuses a folder without any', () => {
    const cwd = folder('vectors-none');
    mkdirSync(join(cwd, 'empty'));
    expect(cardwright(['vectors', 'empty'], cwd)).toMatchObject({ status: 2, stdout: '' });
  });

  describe('--html', () => {
    /** A page in an empty folder of its own, beside what the call printed. */
    function pageOf(
      name: string,
      files: Readonly<Record<string, string>>,
    ): Ended & { readonly page: string } {
      const cwd = folder(name);
      mkdirSync(join(cwd, 'set'));
      for (const [path, text] of Object.entries(files)) writeFileSync(join(cwd, 'set', path), text);
      const ended = cardwright(['vectors', 'set', '--html', 'page.html', '--json'], cwd);
      return { ...ended, page: readFileSync(join(cwd, 'page.html'), 'utf8') };
    }

    /** The cells of the rows of a page whose first cell has the text, tags left out. */
    const rowOf = (page: string, first: string): readonly string[] | undefined =>
      [...page.matchAll(/<tr>(.*?)<\/tr>/gs)]
        .map(([, row = '']) =>
          [...row.matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, cell = '']) => cell.replace(/<[^>]+>/g, '')),
        )
        .find(([cell]) => cell === first);

    it('is not written over a file of vectors that a shell put in its place', () => {
      const cwd = folder('html-over');
      writeFileSync(join(cwd, 'a.json'), file([good]));
      const { status, stderr } = cardwright(['vectors', '--html', 'a.json', 'b.json'], cwd);
      expect([status, stderr.includes('not of a .json')]).toEqual([2, true]);
      expect(readFileSync(join(cwd, 'a.json'), 'utf8')).toBe(file([good]));
    });

    it('writes the counts that --json prints, for each file and together', () => {
      const { status, stdout, stderr, page } = pageOf('html-counts', {
        'a.json': file([good, { ...good, id: 'b', op: 'cvv.mismatch', cvv: '353' }]),
        'b.json': file([good, { ...good, id: 'c', op: 'new.op' }, { ...good, id: 'd', op: 'new.op' }]),
      });
      expect([status, stderr]).toEqual([0, '']);
      const { families, ...total } = JSON.parse(stdout) as {
        families: { file: string; passed: number; failed: number; unsupported: number }[];
      } & Record<'passed' | 'failed' | 'unsupported', number>;
      expect(families.length).toBe(2);
      for (const { file: name, passed, failed, unsupported } of [
        ...families,
        { file: 'together', ...total },
      ]) {
        const [, own, refused, ...rest] = (rowOf(page, name) ?? []).map(Number);
        expect([name, Number(own) + Number(refused), ...rest.slice(0, 2)]).toEqual([
          name,
          passed,
          failed,
          unsupported,
        ]);
      }
      expect(rowOf(page, 'together')?.slice(1, 5)).toEqual(['2', '1', '0', '2']);
      expect(page).toContain('3 cases were run, <span class="yes">no case failed</span>; 2 ask');
      expect(rowOf(page, 'operation new.op')).toEqual(['operation new.op', '2']);
    });

    it('names each failed case with its operation and reason, without a value', () => {
      const { status, page } = pageOf('html-failed', {
        'v.json': file([good, { ...good, id: 'cvv-two', cvv: '353' }]),
      });
      expect(status).toBe(1);
      const [id, op, reason] = rowOf(page, 'cvv-two') ?? [];
      expect([id, op]).toEqual(['cvv-two', 'cvv']);
      expect(reason).toContain('differs');
      expect(page).toContain('<span class="no">1 failed, 0 files unreadable</span>');
      for (const value of [good.cvk, good.pan]) expect(page).not.toContain(value);
    });

    it('names files that are none of vectors, and does not say that all is well', () => {
      const { status, page } = pageOf('html-unreadable', { 'v.json': file([good]), 'x.json': 'nothing' });
      expect(status).toBe(2);
      expect(rowOf(page, join('set', 'x.json'))?.[1]).toContain('not JSON');
      expect(page).toContain('<span class="no">0 failed, 1 files unreadable</span>');
      expect(page).not.toContain('class="yes"');
    });

    it('writes a page with the hash and the sources of each file, which loads and runs nothing', () => {
      const text = JSON.stringify({
        algorithm: '<script>alert(1)</script>',
        source: [{ id: '"><img src=x>', title: 'a & b', repo_or_doc: 'javascript:alert(1)', version: '1' }],
        cases: [
          { ...good, id: '</table><script>' },
          { ...wrong, id: "<a href='http://x.test'>" },
        ],
      });
      const { status, page } = pageOf('html-alone', { 'v.json': text });
      expect(status).toBe(1);
      expect(page).toContain(createHash('sha256').update(text).digest('hex'));
      expect(rowOf(page, '&quot;&gt;&lt;img src=x&gt;')).toEqual([
        '&quot;&gt;&lt;img src=x&gt;',
        'a &amp; b',
        'javascript:alert(1)',
        '1',
      ]);
      expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
      expect(page).not.toMatch(/<(?:script|link|img|iframe|object|form)\b|@import|url\(|\son\w+=/i);
      const links = [...page.matchAll(/\b(?:href|src)="([^"]*)"/g)].map(([, to = '']) => to);
      expect(links).toEqual(['#file-1']);
      expect(page).toContain('id="file-1"');
    });

    it.each([
      [['missing', 'page.html'], 'ENOENT'],
      [[], 'EISDIR'],
    ])('that cannot be written to %j ends with exit code 2 and the code of the system', (parts, code) => {
      const cwd = mkdtempSync(join(work, 'html-nowhere-'));
      writeFileSync(join(cwd, 'v.json'), file([good]));
      const { status, stdout, stderr } = cardwright(
        ['vectors', 'v.json', '--html', join(cwd, ...parts)],
        cwd,
      );
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(new RegExp(`^cardwright: ${code}[^\\n]*\\n$`));
      expect(readdirSync(cwd)).toEqual(['v.json']);
    });

    it('needs the name of a file, and writes none where the call is refused', () => {
      const cwd = folder('html-refused');
      for (const args of [['--html'], ['nowhere', '--html', 'page.html']])
        expect(cardwright(['vectors', ...args], cwd)).toMatchObject({ status: 2, stdout: '' });
      expect(readdirSync(cwd)).toEqual([]);
    });
  });
});

describe('cardwright demo', () => {
  it('walks the whole journey in a folder of its own, and again', () => {
    const cwd = folder('demo');
    for (const time of [1, 2]) {
      const { status, stdout, stderr } = cardwright(['demo', '--count', '200', '--folder', 'there'], cwd);
      expect([time, status, stderr]).toEqual([time, 0, '']);
      expect(stdout).toContain('not a certified HSM');
      expect(stdout).toContain('200 cards');
      for (const outcome of [
        'rejected, 2 left · rejected, 1 left · rejected, 0 left · blocked',
        'unblocked, the right PIN                     verified',
        'used again                                   rejected',
        'replaced, cancelled',
        '200 cards, 199 in stock',
        '200 lines, whole',
        'in one chain',
      ])
        expect(stdout, outcome).toContain(outcome);
      expect(stdout).toContain('all as it should be');
      // Neither a PAN nor anything that looks like one.
      expect(stdout).not.toMatch(/[0-9]{12,}/);
    }
    expect(readdirSync(join(cwd, 'there')).sort()).toEqual([
      'demo-audit.jsonl',
      'demo-export.jsonl',
      'demo.db',
    ]);
    expect(readdirSync(cwd)).toEqual(['there']);
  });

  it('leaves alone what a demo that runs has, and says what is wrong with a database', () => {
    const cwd = folder('demo-twice');
    const owner = { host: hostname(), pid: process.pid, start: null, nonce: 'n' };
    writeFileSync(join(cwd, 'demo.db'), 'of the other');
    writeFileSync(join(cwd, 'demo.db.lock'), JSON.stringify(owner));
    const { status, stderr } = cardwright(['demo', '--folder', '.'], cwd);
    expect([status, stderr]).toEqual([
      2,
      'cardwright: demo.db is in use; remove demo.db.lock if no other program uses it\n',
    ]);
    expect(readFileSync(join(cwd, 'demo.db'), 'utf8')).toBe('of the other');
  });
});

describe('a database of the journey', () => {
  it('that cannot be opened is told from a client that is not installed', async () => {
    const cwd = folder('databases');
    writeFileSync(join(cwd, 'damaged.db'), 'no database'.repeat(1000));
    for (const path of [join(cwd, 'damaged.db'), join(cwd, 'nowhere', 'demo.db'), cwd])
      await expect(openSqlite(path), path).rejects.toThrow(DatabaseFileError);
    const client = await openSqlite(join(cwd, 'sound.db'));
    client.close();
  });
});
