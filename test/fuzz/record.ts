/** Records as a store hands them back: the shape of a record, a try counter, the text of a card and of a batch. */
import type { BatchId } from '../../src/brand.ts';
import { readBatchRecord } from '../../src/issuer/batch-record.ts';
import type { Desk } from '../../src/issuer/desk.ts';
import { cardText, parseCard } from '../../src/issuer/parse-card.ts';
import { readRecord } from '../../src/store/checked.ts';
import { isBlocked, parseTryCounter, triesLeft } from '../../src/tries/tries.ts';
import { oneIn, pick } from './dice.ts';
import { changeJson } from './json.ts';
import { law, type Target } from './target.ts';

const BATCH = 'B1' as BatchId;

const CARD = {
  product: 'debit',
  iin: '400000',
  lastFour: '7899',
  state: 'active',
  expiry: '2912',
  psn: '01',
  serviceCode: '201',
  tries: [
    [3, 0, 1, 0, 0],
    [5, 2, 7, 7, 1],
    [3, 0, 0, 0, 0],
  ],
} as const;

const FULL_CARD = {
  ...CARD,
  account: 'A1',
  before: 'inactive',
  generation: 2,
  pin: { length: 4, tag: 'tag', kind: 'pvv', pvki: '1', pvv: '1234' },
  pinTriedAt: 1_800_000_000,
  unblocks: { day: 20_000, pin: 1, codes: 0 },
  dynamic: { on: true, issued: null, floors: [{ key: 'k', scheme: 's', generation: 1, step: 4 }] },
  renewals: [{ id: 'R1', terms: 'tag' }],
} as const;

const BATCH_RECORD = {
  batch: BATCH,
  product: 'debit',
  quantity: 10,
  expiry: '2912',
  serviceCode: '201',
  pinSuppressed: false,
  minimumInventory: 0,
  embosser: { client: 'EMB', pinBlockFormat: 'ISO-0' },
  done: 5,
};

const RECORD = {
  kind: 'card',
  id: 'T1',
  revision: 3,
  unique: ['pan/x', 'request/R1'],
  body: '{}',
  tag: 'tag',
};
const COUNTER = { limit: 3, epoch: 0, taken: 2, cleared: 1, issuerBlocked: false };

/** What is read, then its text; and the names that mean something in any of them. */
const KINDS = ['card', 'batch', 'record', 'counter'] as const;
const NAMES = [FULL_CARD, BATCH_RECORD, RECORD, COUNTER].flatMap((value) => Object.keys(value));

/** Whether JSON writes what it has read: numbers beyond all become null, and depth takes its square to write. */
function isPlain(body: string): boolean {
  return body.length < 10_000 && !/[eE]\+?[0-9]{3}|[0-9]{300}/.test(body);
}

function runCard(body: string): void {
  const card = parseCard({ id: 'T1', unique: ['pan/x', 'request/R1'], body });
  law(card.token === 'T1' && card.panIndex.join() === 'x', 'a card takes its names from its text');
  for (const counter of [card.tries.pin, card.tries.code, card.tries.activation])
    law(triesLeft(counter) >= 0, 'a card with fewer tries than none');
  if (!isPlain(body)) return;
  let text: string;
  try {
    text = cardText(card);
  } catch {
    // The parts of a card are as its issuer wrote them: the code of the record says so, and is looked at before.
    return;
  }
  const again = parseCard({ id: 'T1', unique: ['pan/x'], body: text });
  law(cardText(again) === text, 'a card is read otherwise when it is written again');
}

async function runBatch(body: string): Promise<void> {
  const desk = { ledger: { get: async () => ({ body, revision: 1 }) } } as unknown as Desk;
  const found = await readBatchRecord(desk, BATCH);
  const { batch, done, quantity } = found?.record ?? BATCH_RECORD;
  law(batch === BATCH, 'the record of another batch');
  law(done >= 0 && done <= quantity, 'a batch of which more was issued than ordered');
}

function runRecord(text: string): void {
  const record = readRecord(parsed(text), 'ERR_STORE_CORRUPT');
  law(Object.isFrozen(record) && Object.isFrozen(record.unique), 'a record that can be changed');
  law(
    JSON.stringify(readRecord(record)) === JSON.stringify(record),
    'a record is read otherwise a second time',
  );
}

/** Any value; text that is none is the text itself. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const record: Target = {
  name: 'record',
  share: 10,
  seeds: [
    ['card', JSON.stringify(CARD)],
    ['card', JSON.stringify(FULL_CARD)],
    ['batch', JSON.stringify(BATCH_RECORD)],
    ['record', JSON.stringify(RECORD)],
    ['counter', JSON.stringify(COUNTER)],
  ],
  change: ([kind = '', text = ''], dice) =>
    oneIn(30, dice) ? [pick(KINDS, dice), text] : [kind, changeJson(text, NAMES, dice)],
  run([kind = '', text = '']) {
    if (kind === 'card') return runCard(text);
    if (kind === 'batch') return runBatch(text);
    if (kind === 'record') return runRecord(text);
    const counter = parseTryCounter(parsed(text));
    law(
      isBlocked(counter) === (counter.issuerBlocked || triesLeft(counter) === 0),
      'a counter says two things',
    );
  },
};
