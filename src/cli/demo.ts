/** `cardwright demo`: the whole journey of a card, on an SQLite file that is closed and opened again. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccountId, PanToken } from '../brand.ts';
import { verifyAuditFile } from '../node/audit-file.ts';
import { verifyExportFile } from '../node/export-file.ts';
import { takeLock } from '../node/lock-file.ts';
import {
  blockOf,
  CUSTOMER,
  codeOf,
  cvv2Of,
  firstOfBatch,
  type JourneyFiles,
  journeyStorageKey,
  type Opened,
  openIssuer,
  panOf,
  runBatch,
  told,
} from './journey.ts';
import type { ClientHands } from './journey-keys.ts';
import { DatabaseFileError } from './sqlite.ts';
import { EXIT, type ExitCode, grouped, print, progress, readArguments, wholeOption } from './terminal.ts';

export const DEMO_HELP = `cardwright demo

  --count N     cards of the batch, 1 to 1000000 (10000)
  --folder DIR  where the database, the export and the audit go (out); those of an earlier demo are removed`;

/** Says what was seen, and remembers whether it is what it should be. */
class Checks {
  failed = 0;

  say(what: string, seen: string, holds: boolean): void {
    if (!holds) this.failed++;
    print(`  ${what.padEnd(44)} ${seen}${holds ? '' : '   <- not as it should be'}`);
  }
}

/** Wrong PINs until the card's is blocked, and back. */
async function pins(opened: Opened, hands: ClientHands, token: PanToken, checks: Checks): Promise<void> {
  const { issuer, authority } = opened;
  const permit = authority.grant('reveal-pan', 60);
  const pan = panOf(hands, token, (await issuer.panForToken({ token, client: 'ATM', permit })).pan);
  const right = blockOf(hands, pan, '2739');
  await issuer.assignPin({ token, client: 'ATM', block: right, permit: authority.grant('set-pin', 60) });
  // A PVV verifies for another PIN once in 10 000: go on until the card says blocked.
  const outcomes: string[] = [];
  for (const pin of ['1357', '2468', '8642', '9753', '1470', '2580', '9630']) {
    const outcome = await issuer.validatePin({ token, client: 'ATM', block: blockOf(hands, pan, pin) });
    outcomes.push(told(outcome));
    if (outcome.outcome === 'blocked') break;
  }
  checks.say('wrong PINs', outcomes.join(' · '), outcomes.includes('blocked'));
  const blocked = await issuer.validatePin({ token, client: 'ATM', block: right });
  checks.say('the right PIN now', told(blocked), blocked.outcome === 'blocked');
  const tries = await issuer.pinTries({ token });
  checks.say('tries', `${tries.tries} of ${tries.limit}, blocked ${tries.blocked}`, tries.blocked === 'B');
  await issuer.unblockPin({ token, permit: authority.grant('unblock-pin', 60) });
  const after = await issuer.validatePin({ token, client: 'ATM', block: right });
  checks.say('unblocked, the right PIN', told(after), after.outcome === 'verified');
  const changed = await issuer.changePin({
    token,
    client: 'ATM',
    current: right,
    requested: blockOf(hands, pan, '5081'),
  });
  checks.say('changed to another', told(changed), changed.outcome === 'verified');
  const latest = await issuer.validatePin({ token, client: 'ATM', block: blockOf(hands, pan, '5081') });
  checks.say('the new PIN', told(latest), latest.outcome === 'verified');
}

/** The printed code and dynamic ones. */
async function codes(opened: Opened, hands: ClientHands, token: PanToken, checks: Checks): Promise<void> {
  const { issuer } = opened;
  const printed = cvv2Of(hands, await issuer.securityCodes({ token, channel: 'W', client: 'ATM' }));
  const before = await issuer.validateCvv2({ token, candidate: printed });
  checks.say('the printed CVV2', told(before), before.outcome === 'verified');
  const issued = await issuer.dynamicCvv2({ token, channel: 'W', client: 'ATM' });
  if (!('code' in issued)) return checks.say('a dynamic CVV2', 'none', false);
  const code = codeOf(hands, issued.code);
  const off = await issuer.validateCvv2({ token, candidate: printed });
  checks.say('with a dynamic one, the printed one', told(off), off.outcome === 'rejected');
  const fresh = await issuer.validateCvv2({ token, candidate: code });
  checks.say('the dynamic CVV2', told(fresh), fresh.outcome === 'verified');
  const again = await issuer.validateCvv2({ token, candidate: code });
  checks.say('used again', told(again), again.outcome === 'rejected');
}

/** Everything that happens to one card. */
async function oneCard(
  opened: Opened,
  hands: ClientHands,
  files: JourneyFiles,
  checks: Checks,
): Promise<PanToken[]> {
  const { issuer } = opened;
  await issuer.accounts.addCustomer(CUSTOMER);
  await issuer.accounts.openAccount(CUSTOMER, 'account-1' as AccountId);
  const { pan, pinBlock } = await firstOfBatch(files, hands);
  const { token } = await issuer.tokenForPan({ pan, permit: opened.authority.grant('find-token', 60) });
  const transferred = await issuer.transferCard({ token, account: 'account-1', customer: CUSTOMER });
  checks.say('from stock to an account', transferred.maskedPan, transferred.account === 'account-1');
  const active = await issuer.activateCard({ token });
  checks.say('activated', active.state, active.state === 'active');
  const embossed = await issuer.validatePin({ token, client: 'ATM', block: pinBlock });
  checks.say('the PIN that the embosser printed', told(embossed), embossed.outcome === 'verified');
  print('3  PIN: each try is paid before the PIN is looked at');
  await pins(opened, hands, token, checks);
  print('4  CVV2: the printed one, and one for a single purchase');
  await codes(opened, hands, token, checks);

  print('5  lost: a new PAN in the place of the old one, then the end');
  const { card: second } = await issuer.reissueCard({
    token,
    requestId: 'lost-1',
    reason: 'lost',
    pin: 'new',
  });
  checks.say('reissued', second.maskedPan, second.replaces === token);
  const old = await issuer.cardStatus({ token });
  checks.say('the old card', old.state, old.state === 'replaced' && old.replacedBy === second.token);
  const ended = await issuer.cancelCard({ token: second.token });
  checks.say('the new card, cancelled', ended.state, ended.state === 'cancelled');
  return [token, second.token];
}

/** Closes the file, opens it again, and looks whether everything is there. */
async function reopened(
  files: JourneyFiles,
  storageKey: ReturnType<typeof journeyStorageKey>,
  tokens: readonly PanToken[],
  count: number,
  checks: Checks,
): Promise<void> {
  const opened = await openIssuer(files, storageKey);
  try {
    const { issuer } = opened;
    const states: string[] = [];
    for (const token of tokens) states.push((await issuer.cardStatus({ token })).state);
    checks.say('the two cards', states.join(', '), states.join() === 'replaced,cancelled');
    const { done, inStock } = await issuer.batchReport({ batchId: 'stock-1' });
    checks.say('the batch', `${grouped(done)} cards, ${grouped(inStock)} in stock`, inStock === count - 1);
  } finally {
    await opened.close();
  }
  const exported = await verifyExportFile(files.exported);
  checks.say('the export', `${grouped(exported.count)} lines, whole`, exported.count === count);
  const { events } = await verifyAuditFile(files.audit);
  checks.say('the audit', `${grouped(events)} events in one chain`, events > 0);
}

/** The command line; `undefined` where it asks for help. */
export function readDemo(
  args: readonly string[],
): { readonly count: number; readonly folder: string } | undefined {
  const { values } = readArguments(
    args,
    {
      count: { type: 'string', default: '10000' },
      folder: { type: 'string', default: 'out' },
      help: { type: 'boolean', short: 'h', default: false },
    },
    false,
  );
  if (values.help) return undefined;
  return { count: wholeOption('count', values.count, 1, 1_000_000), folder: values.folder };
}

/** Runs the command. */
export async function demo(args: readonly string[]): Promise<ExitCode> {
  const read = readDemo(args);
  if (read === undefined) {
    print(DEMO_HELP);
    return EXIT.done;
  }
  const { count, folder } = read;
  await mkdir(folder, { recursive: true });
  const at = (name: string): string => join(folder, name);
  const files = { database: at('demo.db'), exported: at('demo-export.jsonl'), audit: at('demo-audit.jsonl') };
  // What an earlier demo left is removed, and never under one that runs.
  const lock = await takeLock(files.database, (message) => new DatabaseFileError(message));
  try {
    for (const path of [
      files.database,
      `${files.database}-wal`,
      `${files.database}-shm`,
      files.exported,
      `${files.exported}.partial`,
      files.audit,
    ])
      await rm(path, { force: true });
    return await journey(files, count);
  } finally {
    await lock.release();
  }
}

/** The whole journey, on files that are not there yet. */
async function journey(files: JourneyFiles, count: number): Promise<ExitCode> {
  print('cardwright: an emulator with test keys, not a certified HSM\n');
  const storageKey = journeyStorageKey();
  const checks = new Checks();
  const opened = await openIssuer(files, storageKey);
  let tokens: readonly PanToken[];
  try {
    const { hands } = opened;
    if (hands === undefined) return EXIT.failed;
    print('1  a batch: PAN, token, CVV, CVV2, iCVV, PIN, PVV; records to SQLite, the rest to the embosser');
    const bar = progress('issuing', count);
    const began = performance.now();
    const { done } = await runBatch(opened, files, count, bar.step);
    const seconds = (performance.now() - began) / 1000;
    bar.end();
    checks.say(
      `${files.database}`,
      `${grouped(done)} cards, ${grouped(done / seconds)} a second`,
      done === count,
    );
    print('2  one of them: a customer, an account, activation');
    tokens = await oneCard(opened, hands, files, checks);
  } finally {
    await opened.close();
  }
  print('6  the file closed and opened again');
  await reopened(files, storageKey, tokens, count, checks);
  print(checks.failed === 0 ? '\nall as it should be' : '\nsomething is not as it should be');
  return checks.failed === 0 ? EXIT.done : EXIT.failed;
}
