/** `cardwright demo`: the whole road of a card, from a batch to a locked and unlocked PIN. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { UnixSeconds } from '../brand.ts';
import { digitsToText } from '../bytes/digits.ts';
import { hexToBytes } from '../bytes/hex.ts';
import { generateDynamicCvv2, verifyDynamicCvv2 } from '../dcvv2/dcvv2.ts';
import { defineDynamicCvv2 } from '../dcvv2/scheme.ts';
import { parseUnixSeconds } from '../dcvv2/step.ts';
import { readCardFile } from '../node/card-file.ts';
import { openKeyFile, type TestKeys } from '../node/key-file.ts';
import { parseExpiry, parsePsn } from '../pan/card-data.ts';
import { maskPan } from '../pan/pan.ts';
import { type PinOutcome, verifyPin } from '../pin/attempt.ts';
import { parsePin, pinDigits } from '../pin/clear-pin.ts';
import { openPin } from '../pin/pin-code-block.ts';
import { parsePvki, parsePvv } from '../pin/pvv.ts';
import { encryptPinBlock } from '../pinblock/encrypt.ts';
import { prepareVerifyPinBlock } from '../pinblock/verify.ts';
import { createMemoryRecords } from '../tries/memory.ts';
import { createTryCounter, type TryCounter, unblock } from '../tries/tries.ts';
import { panOfRow } from './card.ts';
import { issueBatch } from './issue.ts';
import { EXIT, type ExitCode, grouped, print, readArguments, wholeOption } from './terminal.ts';
import { verifyFile } from './verify.ts';

export const DEMO_HELP = `cardwright demo

  --count N     cards, 1 to 100000 (10000)
  --folder DIR  where cards and test keys go (out)`;

function show(outcome: PinOutcome): string {
  return outcome.outcome === 'rejected' ? `rejected, ${outcome.triesLeft} left` : outcome.outcome;
}

/** Wrong PINs until the card is locked, then the right one, then unblocked. */
async function lockAndUnblock(
  keys: TestKeys,
  row: Awaited<ReturnType<typeof readCardFile>>[number],
): Promise<boolean> {
  const pan = panOfRow(keys, row);
  const right = openPin(keys.codeKey, hexToBytes(row.pinBlock));
  const reference = { pvki: parsePvki(row.pvki), pvv: parsePvv(row.pvv) };
  const check = (pin: typeof right): (() => boolean) =>
    prepareVerifyPinBlock(
      { pek: keys.pek, pvk: keys.pvk },
      encryptPinBlock(keys.pek, pin, pan, 'ISO-4'),
      pan,
      reference,
    );
  // A PVV verifies for two PINs on average: take wrong ones that it does not verify for.
  const digits = digitsToText(pinDigits(right));
  const wrong = [];
  for (let i = 1; wrong.length < 3; i++) {
    const other = parsePin(String((Number(digits) + i) % 10_000).padStart(4, '0'));
    if (!check(other)()) wrong.push(other);
  }
  const counters = createMemoryRecords<TryCounter>();
  counters.put(row.token, createTryCounter(3));
  const outcomes: string[] = [];
  for (const pin of wrong) outcomes.push(show(await verifyPin(counters, row.token, check(pin))));
  const locked = await verifyPin(counters, row.token, check(right));
  print(`  PIN of ${maskPan(pan)}: ${outcomes.join(' · ')}`);
  print(`  the right PIN now: ${show(locked)}`);
  const before = (await counters.read(row.token)) as TryCounter;
  await counters.compareAndSet(row.token, before, unblock(before));
  const after = await verifyPin(counters, row.token, check(right));
  print(`  unblocked, the right PIN: ${show(after)}`);
  return locked.outcome === 'blocked' && after.outcome === 'verified';
}

/** The code of one card now and one period later, and that the first is refused then. */
function dynamicCode(
  keys: TestKeys,
  row: Awaited<ReturnType<typeof readCardFile>>[number],
  now: UnixSeconds,
): boolean {
  const card = { pan: panOfRow(keys, row), psn: parsePsn('00'), expiry: parseExpiry(row.expiry) };
  const scheme = defineDynamicCvv2({
    profile: 'totp',
    hash: 'SHA-256',
    masterKey: keys.dynamicKey,
    digits: 3,
    t0: 0,
    periodSeconds: 1200,
  });
  const times = [0, 1, 2, 3].map((step) => (now + step * scheme.periodSeconds) as UnixSeconds);
  const codes = times.map((at) => generateDynamicCvv2(scheme, card, at));
  const window = { past: 1, future: 1 } as const;
  const fresh = verifyDynamicCvv2(scheme, card, codes[0] as string, { at: now, window });
  const replayed = verifyDynamicCvv2(scheme, card, codes[0] as string, {
    at: now,
    window,
    floor: fresh.ok ? fresh.step : -1,
  });
  print(`  every 20 minutes another: ${new Set(codes).size} different codes in ${codes.length} periods`);
  print(
    `  fresh: ${fresh.ok ? 'verified' : fresh.reason} · used again: ${replayed.ok ? 'verified' : replayed.reason}`,
  );
  return fresh.ok && !replayed.ok && replayed.reason === 'replay';
}

/** Runs the command. */
export async function demo(args: readonly string[]): Promise<ExitCode> {
  const { values } = readArguments(
    args,
    {
      count: { type: 'string', default: '10000' },
      folder: { type: 'string', default: 'out' },
      help: { type: 'boolean', short: 'h', default: false },
    },
    false,
  );
  if (values.help) {
    print(DEMO_HELP);
    return EXIT.done;
  }
  const count = wholeOption('count', values.count, 1, 100_000);
  await mkdir(values.folder, { recursive: true });
  const out = join(values.folder, 'cards.csv');
  const keysPath = join(values.folder, 'test-keys.json');

  print('cardwright: an emulator with test keys, not a certified HSM\n');
  const issued = await issueBatch({
    iin: '400000',
    length: 16,
    count,
    expiry: '2912',
    serviceCode: '201',
    pvki: '1',
    out,
    keys: keysPath,
    clear: false,
  });
  print('1  issue: PAN, token, expiry, CVV, CVV2, iCVV, PIN, PVV, code blocks');
  print(
    `  ${grouped(issued.cards)} cards of IIN 400000 to ${out}: ${grouped(issued.cardsPerSecond)} a second`,
  );
  print(
    `  test keys in ${keysPath}${issued.keysMade ? ', made now' : ''}; ${grouped(issued.remainingInRange)} PANs left in the range`,
  );

  const verified = await verifyFile(out, keysPath);
  print('2  verify: the file read back, every value recomputed');
  print(
    `  ${grouped(verified.verified)} of ${grouped(verified.cards)} cards verified: ${grouped(verified.cardsPerSecond)} a second`,
  );

  const [row] = await readCardFile(out);
  const file = await openKeyFile(keysPath, { make: false });
  try {
    if (row === undefined) return EXIT.failed;
    print('3  PIN: three tries, each paid before the PIN is looked at');
    const pin = await lockAndUnblock(file.keys, row);
    print('4  dynamic CVV2: a code that changes with time');
    const dynamic = dynamicCode(file.keys, row, parseUnixSeconds(Math.floor(Date.now() / 1000)));
    const good = pin && dynamic && verified.failed === 0 && verified.cards === count;
    print(good ? '\nall as it should be' : '\nsomething is not as it should be');
    return good ? EXIT.done : EXIT.failed;
  } finally {
    await file.close();
  }
}
