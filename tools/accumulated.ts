/**
 * Hashes over the outputs of many cases, by the library and by a second implementation, each in a process of its own:
 * `npm run hashes -- --cases 10000000 [--family NAME]... [--json FILE]`. With a file, hashes that both came to are
 * added to it. Ends with 1 where the two differ from one another, or from a hash that was agreed before.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  AGREED_FILE,
  type Agreed,
  accumulate,
  FAMILIES,
  type Hashes,
  readAgreed,
} from '../test/differential/accumulated.ts';
import { type Family, SIDES, type Side, TESTED } from '../test/differential/families/family.ts';

const ABOUT =
  'SHA-256 over the outputs of so many seeded cases, a line each. Two implementations came to each hash: the library ' +
  'and the one named as other (oracle/… is below test/support). Made by npm run hashes; which cases they are: ' +
  'test/differential/families.';

const TEN_MILLION = 10_000_000;

/** What a side sends: how far it is, and what it came to. */
interface Report {
  readonly family: string;
  readonly done: number;
  readonly hashes?: Hashes;
  readonly seconds: number;
}

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    family: { type: 'string', multiple: true },
    json: { type: 'string' },
    side: { type: 'string' },
  },
});

const cases = Number(values.cases);
if (!Number.isSafeInteger(cases) || cases < 1) throw new Error('--cases: a whole number');
/** The hashes that tests look at are told on the way. */
const counts = [...TESTED.filter((count) => count < cases), cases];
const chosen = values.family?.map(familyNamed) ?? FAMILIES;

function familyNamed(name: string): Family {
  const found = FAMILIES.find((family) => family.name === name);
  if (found === undefined)
    throw new Error(`--family: one of ${FAMILIES.map((family) => family.name).join(', ')}`);
  return found;
}

/** Does one side of all families, and reports to the parent. */
function work(side: Side): void {
  for (const family of chosen) {
    const started = performance.now();
    let last = started;
    const tell = (done: number, hashes?: Hashes): void => {
      last = performance.now();
      const seconds = Math.round((last - started) / 100) / 10;
      const report: Report = { family: family.name, done, seconds, ...(hashes && { hashes }) };
      process.send?.(report);
    };
    const hashes = accumulate(family, side, counts, (done) => {
      if (performance.now() - last > 10_000) tell(done);
    });
    tell(cases, hashes);
  }
}

/** A side in a process of its own, and a promise of its end. */
function start(side: Side, told: (side: Side, report: Report) => void): Promise<void> {
  const child: ChildProcess = fork(
    fileURLToPath(import.meta.url),
    [...process.argv.slice(2), '--side', side],
    {
      execArgv: process.execArgv,
    },
  );
  child.on('message', (report) => told(side, report as Report));
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${side} ended with ${code}`))));
  });
}

/** Whether two sets of hashes have nothing that differs. */
function agree(some: Hashes, others: Hashes): boolean {
  return Object.entries(some).every(([count, hash]) => (others[count] ?? hash) === hash);
}

/** The hashes that were agreed before, with these added. */
function merged(before: Agreed, added: string, hashes: Hashes): Agreed {
  const families: Record<string, Agreed['families'][string]> = {};
  for (const { name, other } of FAMILIES) {
    const all = { ...before.families[name]?.hashes, ...(name === added && hashes) };
    if (Object.keys(all).length > 0) families[name] = { other, hashes: all };
  }
  const belowTenMillion = FAMILIES.map(({ name }) => name).filter(
    (name) => families[name]?.hashes[TEN_MILLION] === undefined,
  );
  return { about: ABOUT, belowTenMillion, families };
}

/** Adds hashes of a family to the file, if there is one. */
function keep(name: string, hashes: Hashes): void {
  const { json } = values;
  if (json === undefined) return;
  const before = existsSync(json) ? readAgreed(json) : { about: ABOUT, belowTenMillion: [], families: {} };
  writeFileSync(json, `${JSON.stringify(merged(before, name, hashes), undefined, 2)}\n`);
}

/** Tells what both sides came to for a family; whether they agree, with one another and with what was agreed before. */
function conclude({ name, other }: Family, ours: Report, theirs: Report, before: Agreed): boolean {
  const [mine, yours] = [ours.hashes ?? {}, theirs.hashes ?? {}];
  const known = agree(mine, before.families[name]?.hashes ?? {});
  const verdict = !agree(mine, yours) ? 'DIFFER' : known ? 'agree' : 'DIFFER FROM BEFORE';
  console.log(
    `${name}: ${cases} cases, ${verdict}: ${mine[cases]} (library, ${ours.seconds} s) ` +
      `${yours[cases]} (${other}, ${theirs.seconds} s)`,
  );
  if (verdict === 'agree') keep(name, mine);
  return verdict === 'agree';
}

/** Runs both sides; whether they agree on every family. */
async function compare(): Promise<boolean> {
  const before = readAgreed(AGREED_FILE);
  const ended = new Map<string, Partial<Record<Side, Report>>>();
  let sound = true;
  const told = (side: Side, report: Report): void => {
    const name = report.family;
    if (report.hashes === undefined) {
      console.log(`${name}: ${side}, ${report.done} cases after ${report.seconds} s`);
      return;
    }
    const both = { ...ended.get(name), [side]: report };
    ended.set(name, both);
    if (both.library === undefined || both.other === undefined) return;
    if (!conclude(familyNamed(name), both.library, both.other, before)) sound = false;
  };
  await Promise.all(SIDES.map((side) => start(side, told)));
  return sound;
}

if (values.side !== undefined) work(values.side as Side);
else process.exitCode = (await compare()) ? 0 : 1;
