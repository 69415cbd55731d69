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
function merged(before: Agreed, found: ReadonlyMap<string, Hashes>): Agreed {
  const families = Object.fromEntries(
    FAMILIES.map(({ name, other }) => {
      const hashes = { ...before.families[name]?.hashes, ...found.get(name) };
      return [name, { other, hashes }] as const;
    }).filter(([, { hashes }]) => Object.keys(hashes).length > 0),
  );
  const far = (name: string): boolean => families[name]?.hashes[TEN_MILLION] !== undefined;
  const belowTenMillion = FAMILIES.map(({ name }) => name).filter((name) => !far(name));
  return { about: ABOUT, belowTenMillion, families };
}

/** Runs both sides; whether they agree on every family. */
async function compare(): Promise<boolean> {
  const agreed = readAgreed(AGREED_FILE);
  const reports = new Map<string, Partial<Record<Side, Report>>>();
  const found = new Map<string, Hashes>();
  const { json } = values;
  let sound = true;

  const conclude = (family: Family, library: Report, other: Report): void => {
    const [ours, theirs] = [library.hashes ?? {}, other.hashes ?? {}];
    const known = agree(ours, agreed.families[family.name]?.hashes ?? {});
    const verdict = !agree(ours, theirs) ? 'DIFFER' : known ? 'agree' : 'DIFFER FROM BEFORE';
    console.log(
      `${family.name}: ${cases} cases, ${verdict}: ${ours[cases]} (library, ${library.seconds} s) ` +
        `${theirs[cases]} (${family.other}, ${other.seconds} s)`,
    );
    if (verdict !== 'agree') sound = false;
    else {
      found.set(family.name, ours);
      if (json !== undefined) {
        const before = existsSync(json)
          ? readAgreed(json)
          : { about: ABOUT, belowTenMillion: [], families: {} };
        writeFileSync(json, `${JSON.stringify(merged(before, found), undefined, 2)}\n`);
      }
    }
  };
  const told = (side: Side, report: Report): void => {
    const name = report.family;
    if (report.hashes === undefined) {
      console.log(`${name}: ${side}, ${report.done} cases after ${report.seconds} s`);
      return;
    }
    const both = { ...reports.get(name), [side]: report };
    reports.set(name, both);
    if (both.library !== undefined && both.other !== undefined)
      conclude(familyNamed(name), both.library, both.other);
  };
  await Promise.all(SIDES.map((side) => start(side, told)));
  return sound;
}

if (values.side !== undefined) work(values.side as Side);
else process.exitCode = (await compare()) ? 0 : 1;
