/**
 * ST-03: records and files whose text has the names that objects inherit. What was read may be refused or ignored;
 * no object of the process has a property more afterwards.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { readBatchRecord } from '../../src/issuer/batch-record.ts';
import type { Desk } from '../../src/issuer/desk.ts';
import { parseCard } from '../../src/issuer/parse-card.ts';
import { verifyAuditFile } from '../../src/node/audit-file.ts';
import { readCardFile } from '../../src/node/card-file.ts';
import { verifyExportFile } from '../../src/node/export-file.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { openWorld } from '../support/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'cardwright-names-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What every object would have, had one of the texts come through. */
afterEach(() => {
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  expect(([] as unknown as Record<string, unknown>)['polluted']).toBeUndefined();
  expect((Object as unknown as Record<string, unknown>)['polluted']).toBeUndefined();
});

/** Text that is to be set into an object: at its top, and in whatever it has. */
const NAMES = [
  '"__proto__":{"polluted":true}',
  '"constructor":{"prototype":{"polluted":true}}',
  '"prototype":{"polluted":true}',
  '"toString":"polluted","valueOf":1,"hasOwnProperty":true',
  '"__proto__":null',
  '"__defineGetter__":"x","__lookupSetter__":{"polluted":true}',
] as const;

/** The text with more names in each of its objects, one after the other and all at once. */
function poisoned(text: string): readonly string[] {
  const places = [...text.matchAll(/\{/g)].map(({ index }) => index + 1);
  const into = (at: readonly number[], names: string): string =>
    [...at].reverse().reduce((whole, place) => {
      const comma = whole[place] === '}' ? '' : ',';
      return whole.slice(0, place) + names + comma + whole.slice(place);
    }, text);
  return NAMES.flatMap((names) => [...places.map((place) => into([place], names)), into(places, names)]);
}

/** What a reader makes of each text. */
async function read(texts: readonly string[], reader: (text: string) => unknown): Promise<number> {
  let taken = 0;
  for (const text of texts) {
    try {
      const result: unknown = await reader(text);
      taken++;
      // What is read has no property by inheritance that it was not given by the language.
      expect((result as Record<string, unknown> | undefined)?.['polluted']).toBeUndefined();
    } catch (error) {
      expect(String(error)).not.toContain('polluted');
    }
  }
  return taken;
}

describe('ST-03 names that objects inherit', () => {
  it('in the record of a card', async () => {
    const store = createMemoryStore();
    const world = await openWorld({ store });
    const { account } = await world.account();
    const { token } = (await world.issuer.addCard({ requestId: 'r', product: 'classic', account })).card;
    const record = await store.get('card', token);
    if (record === undefined) throw new Error('no record');
    const texts = poisoned(record.body);
    expect(texts.length).toBeGreaterThan(10);
    const taken = await read(texts, (body) => parseCard({ ...record, body }));
    // An own property that nobody asks for changes nothing of a card.
    expect(taken).toBe(texts.length);
    for (const body of poisoned(record.body)) {
      const { token: id, product, state, tries } = parseCard({ ...record, body });
      expect({ id, product, state, tries }).toEqual({
        id: token,
        product: 'classic',
        state: 'inactive',
        tries: parseCard(record).tries,
      });
    }
  });

  it('in the record of a batch', async () => {
    const store = createMemoryStore();
    const world = await openWorld({ store });
    for await (const _ of world.issuer.issueBatch({ batchId: 'B1', product: 'gift', quantity: 1 }));
    const record = await store.get('batch', 'B1');
    if (record === undefined) throw new Error('no record');
    await read(poisoned(record.body), (body) => {
      const ledger = { get: async () => ({ ...record, body }) };
      return readBatchRecord({ ledger } as unknown as Desk, 'B1' as never);
    });
  });

  it.each([
    ['an export', '{"format":"cardwright-export/1","batchId":"B1"}', verifyExportFile],
    [
      'the audit',
      `{"seq":1,"prev":"${'0'.repeat(64)}","event":{"operation":"a"},"hash":"${'0'.repeat(64)}"}`,
      verifyAuditFile,
    ],
  ] as const)('in a file of %s: it is none', async (_, text, verify) => {
    const path = join(folder, 'lines');
    const taken = await read(poisoned(text), (line) => {
      writeFileSync(path, `${line}\n`);
      return verify(path);
    });
    expect(taken).toBe(0);
  });

  it('in a file of cards: it is none', async () => {
    const path = join(folder, 'cards.jsonl');
    const taken = await read(poisoned('{"token":"400000123456"}'), (line) => {
      writeFileSync(path, `${line}\n`);
      return readCardFile(path);
    });
    expect(taken).toBe(0);
    // As the header of a table too.
    const table = join(folder, 'cards.csv');
    writeFileSync(table, '__proto__,constructor\npolluted,polluted\n');
    await expect(readCardFile(table)).rejects.toThrow('card 1');
  });
});
