/** Guards of stores and files: what whoever runs the database or the disk can read, edit, drop or slip in. */
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePan } from '../../src/index.ts';
import { type AuditChain, openAuditFile, verifyAuditFile } from '../../src/node/audit-file.ts';
import { createStoreAnchor } from '../../src/store/anchor.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Change } from '../../src/store/port.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { libsqlClient } from '../support/sqlite-client.ts';
import { activeCard, editableStore, guesses, LIMIT, openScene, outcomeOf, PIN } from './card-scene.ts';
import type { Guard } from './guard.ts';

/** Runs with a folder that is removed afterwards. */
async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'cardwright-teeth-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether a file of four events passes after its lines were edited. */
async function passes(edit: (lines: string[]) => string[], keep = false): Promise<boolean> {
  return inFolder(async (folder) => {
    const path = join(folder, 'audit');
    const write = async (subjects: readonly string[]): Promise<AuditChain> => {
      const file = await openAuditFile(path);
      for (const subject of subjects)
        await file.hook({ at: undefined, operation: 'revealPan', keys: [], subject, outcome: 'done' });
      const chain = file.chain();
      await file.close();
      return chain;
    };
    const { head } = await write(['a', 'b', 'c', 'd']);
    const edited = edit(readFileSync(path, 'utf8').trimEnd().split('\n'));
    rmSync(path);
    // Whoever writes the whole file can chain it anew.
    if (keep) await write(edited);
    else writeFileSync(path, `${edited.join('\n')}\n`);
    return verifyAuditFile(path, keep ? head : undefined).then(
      () => true,
      (error) => {
        if ((error as Error).name === 'AuditFileError') return false;
        throw error;
      },
    );
  });
}

const AUDIT = 'node/audit-file.ts';

/** A PAN in a form in which a backup or a log may show it. */
const shows = (text: string, pan: string): boolean => text.includes(pan);

export const GUARDS: readonly Guard[] = [
  {
    ids: ['ST-01'],
    guard: 'identifiers are parameters of a statement, never part of it',
    cuts: [
      {
        file: 'store/sqlite.ts',
        passage: 'const row = byId.get(requireKind(kind), requireId(id));',
        instead: `const row = client.prepare(
          \`SELECT \${COLUMNS} FROM cardwright_records WHERE kind = '\${kind}' AND id = '\${id}'\`,
        ).get();`,
      },
    ],
    attack: () =>
      inFolder(async (folder) => {
        const client = libsqlClient(join(folder, 'store.db'));
        try {
          const store = createSqliteStore(client);
          const record = { kind: 'card', id: 'victim', revision: 1, unique: [], body: 'secret', tag: '' };
          await store.commit([{ record, expected: 0 }]);
          return (await store.get('card', "'OR'1'='1"))?.body === 'secret';
        } finally {
          client.close();
        }
      }),
  },
  {
    ids: ['ST-08'],
    guard: 'a list is counted before it is copied',
    cuts: [
      { file: 'input.ts', passage: 'if (!(length <= (most ?? length)))', instead: 'if (length !== length)' },
    ],
    // A list that says it is long: how much of it is copied before it is refused.
    async attack() {
      let reads = 0;
      const list = new Proxy(new Array<Change>(100_000), {
        get(target, name) {
          if (name !== 'length') reads++;
          return Reflect.get(target, name) as unknown;
        },
      });
      const answer = await outcomeOf(
        createMemoryStore()
          .commit(list)
          .then(() => ({})),
      );
      return answer === 'done' || reads > 10_000;
    },
  },
  {
    ids: ['ST-08'],
    guard: 'a line that does not end is given up on',
    cuts: [{ file: 'node/whole-lines.ts', passage: 'if (bytes > MOST_BYTES)', instead: 'if (false)' }],
    // Every byte of the file comes into memory, and it passes for one without events.
    attack: () =>
      inFolder(async (folder) => {
        const path = join(folder, 'audit');
        writeFileSync(path, '');
        truncateSync(path, 20_000_000);
        return verifyAuditFile(path).then(
          () => true,
          (error: Error) => error.name !== 'AuditFileError',
        );
      }),
  },
  {
    ids: ['ST-09', 'CT-12'],
    guard: 'a record is believed under its code',
    cuts: [
      {
        file: 'issuer/ledger.ts',
        passage: "if (right !== true) corrupt('records as they were written');",
        instead: '',
      },
    ],
    // Tries are written back to none in the row.
    async attack() {
      const store = editableStore();
      const { guess, token } = await openScene({ store });
      const name = `card ${token}`;
      for (const pin of guesses(3 * LIMIT)) {
        const row = store.rows.get(name);
        if (row === undefined) return false;
        const body = row.body.replace(/("tries":\[\[\d+,\d+),\d+,\d+/, '$1,0,0');
        store.rows.set(name, { ...row, body });
        if ((await guess(pin)) === 'verified') return true;
      }
      return false;
    },
  },
  {
    ids: ['ST-09', 'CT-12'],
    guard: 'a record is that of the name that was asked for',
    cuts: [
      {
        file: 'issuer/ledger.ts',
        passage: "if (record.kind !== kind || record.id !== id) corrupt('the record that was asked for');",
        instead: '',
      },
    ],
    // The row of a card whose PIN the attacker knows stands in the place of the victim's.
    async attack() {
      const store = editableStore();
      const scene = await openScene({ store });
      const own = await activeCard(scene, '5820');
      const block = await scene.block(own, '5820');
      const row = store.rows.get(`card ${own}`);
      if (row !== undefined) store.rows.set(`card ${scene.token}`, row);
      const asked = { token: scene.token, client: 'ATM', block };
      return (await outcomeOf(scene.issuer.validatePin(asked))) === 'verified';
    },
  },
  {
    ids: ['JS-06', 'CT-06'],
    guard: 'an anchor that is damaged is not one that knows of nothing',
    cuts: [
      {
        file: 'store/anchor.ts',
        passage: "if (!REVISION.test(record.body)) fail('ERR_STORE_CORRUPT', 'anchor', 'a revision');",
        instead: '',
      },
    ],
    // Its texts are gone, and an empty one is the number 0; then the store is put back.
    async attack() {
      const anchors = editableStore();
      const store = editableStore();
      const { guess } = await openScene({ store, anchor: createStoreAnchor(anchors) });
      const backup = [...store.rows];
      for (const pin of guesses(10)) {
        for (const [name, row] of anchors.rows) anchors.rows.set(name, { ...row, body: '' });
        for (const [name, row] of backup) store.rows.set(name, row);
        if ((await guess(pin)) === 'verified') return true;
      }
      return false;
    },
  },
  {
    ids: ['ST-10'],
    guard: 'cards are found by a code over the PAN, not by the PAN',
    cuts: [
      {
        file: 'hsm/token.ts',
        passage: "return (pan) => bytesToHex(mac(lengthPrefixed('pan-index/1', pan))) as PanIndex;",
        instead: 'return (pan) => pan as PanIndex;',
      },
    ],
    async attack() {
      const store = editableStore();
      const { token, panOf } = await openScene({ store });
      return shows(JSON.stringify([...store.rows]), await panOf(token));
    },
  },
  {
    ids: ['ST-10'],
    guard: 'the audit hears of a client where it is as short as one',
    cuts: [
      {
        file: 'issuer/desk.ts',
        passage: "return typeof value === 'string' && ASSOCIATION.test(value);",
        instead: "return typeof value === 'string';",
      },
    ],
    // A caller that mixes up its fields.
    async attack() {
      const { issuer, token, block, events } = await openScene();
      const pan = parsePan('4000001234567899');
      await outcomeOf(issuer.validatePin({ token, client: pan, block: await block(token, PIN) }));
      return shows(JSON.stringify(events), pan);
    },
  },
  {
    ids: ['ST-11'],
    guard: 'each event names the hash of the one before, and its number',
    cuts: [{ file: AUDIT, passage: 'seq !== events + 1 || prev !== head || ', instead: '' }],
    attack: () => passes((lines) => lines.filter((_, i) => i !== 2)),
  },
  {
    ids: ['ST-11'],
    guard: 'the hash of an event is over what it says',
    cuts: [{ file: AUDIT, passage: ' || read.hash !== ours', instead: '' }],
    attack: () => passes((lines) => lines.map((line) => line.replace('"subject":"c"', '"subject":"x"'))),
  },
  {
    ids: ['ST-11'],
    guard: 'a chain that was made anew does not hold the hash that was kept elsewhere',
    cuts: [{ file: AUDIT, passage: 'if (!found) throw', instead: 'if (false) throw' }],
    attack: () => passes(() => ['a', 'b', 'd'], true),
  },
];
