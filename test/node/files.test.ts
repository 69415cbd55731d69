/** The files beside a store: what a batch exports, and the chain of audit events. */
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { SealedEnvelope } from '../../src/brand.ts';
import type { AuditEvent } from '../../src/hsm/audit.ts';
import { AuditFileError, openAuditFile, verifyAuditFile } from '../../src/node/audit-file.ts';
import {
  ExportFileError,
  exportFileSink,
  readExportFile,
  verifyExportFile,
} from '../../src/node/export-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'cardwright-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const path = (): string => join(folder, `file-${++files}`);
const segment = (firstLine: number, count: number) => ({
  firstLine,
  count,
  envelopes: [`envelope of ${firstLine}` as SealedEnvelope],
});

/** An export of five lines in two chunks. */
async function exported(): Promise<string> {
  const to = path();
  const sink = exportFileSink(to);
  await sink.resume('B1', 0);
  await sink.write(segment(1, 3));
  await sink.write(segment(4, 2));
  await sink.finish();
  return to;
}

describe('an export file', () => {
  it('holds its chunks, and says how many lines it has', async () => {
    const from = await exported();
    expect(await verifyExportFile(from)).toMatchObject({ batchId: 'B1', count: 5 });
    const read = [];
    for await (const chunk of readExportFile(from)) read.push(chunk);
    expect(read).toEqual([segment(1, 3), segment(4, 2)]);
    expect(statSync(from).mode & 0o777).toBe(0o600);
    for (const gone of ['.partial', '.lock']) expect(() => statSync(from + gone)).toThrow(/ENOENT/);
  });

  it('is no export while it is written, nor where any byte of it is changed, missing or added', async () => {
    const partial = path();
    const sink = exportFileSink(partial);
    await sink.resume('B1', 0);
    await sink.write(segment(1, 3));
    await expect(verifyExportFile(partial)).rejects.toThrow(/ENOENT/);
    await expect(verifyExportFile(`${partial}.partial`)).rejects.toThrow(ExportFileError);
    await sink.close();
    const whole = readFileSync(await exported());
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      const to = path();
      writeFileSync(to, changed);
      await expect(verifyExportFile(to), `byte ${at}`).rejects.toThrow(ExportFileError);
    }
    for (const bytes of [0, 1, whole.length - 1, whole.length - 80]) {
      const to = path();
      writeFileSync(to, whole.subarray(0, bytes));
      await expect(verifyExportFile(to)).rejects.toThrow(ExportFileError);
    }
    for (const more of ['x', '\n', '{}\n']) {
      const to = path();
      writeFileSync(to, whole);
      appendFileSync(to, more);
      await expect(verifyExportFile(to)).rejects.toThrow(ExportFileError);
    }
  });

  it('goes on where the batch stands: what is beyond is cut off', async () => {
    const to = path();
    const first = exportFileSink(to);
    await first.resume('B1', 0);
    await first.write(segment(1, 3));
    await first.write(segment(4, 2));
    // The program ended before the second chunk was issued.
    await first.close();
    appendFileSync(`${to}.partial`, '{"firstLine":6,"cou');
    const second = exportFileSink(to);
    await second.resume('B1', 3);
    await second.write({ ...segment(4, 2), envelopes: ['another' as SealedEnvelope] });
    await second.finish();
    const read = [];
    for await (const chunk of readExportFile(to)) read.push(chunk.envelopes[0]);
    expect(read).toEqual(['envelope of 1', 'another']);
  });

  it('refuses to go on with lines that it does not hold, or of another batch', async () => {
    const to = path();
    const sink = exportFileSink(to);
    await expect(sink.resume('B1', 3)).rejects.toThrow(ExportFileError);
    await sink.resume('B1', 0);
    await sink.write(segment(1, 3));
    await expect(sink.write(segment(5, 1))).rejects.toThrow(ExportFileError);
    await expect(sink.resume('B1', 2)).rejects.toThrow(ExportFileError);
    await expect(exportFileSink(to).resume('B2', 3)).rejects.toThrow(ExportFileError);
    await expect(sink.write(segment(4, 1))).rejects.toThrow(ExportFileError);
  });

  it('takes back a chunk that was not issued, also one that came to the disk in part', async () => {
    const to = path();
    const sink = exportFileSink(to);
    await sink.resume('B1', 0);
    await sink.write(segment(1, 3));
    await sink.resume('B1', 0);
    await sink.resume('B1', 0);
    await sink.write(segment(1, 2));
    await sink.write(segment(3, 4));
    appendFileSync(`${to}.partial`, '{"firstLine":7,"cou');
    await sink.resume('B1', 6);
    await sink.write(segment(7, 1));
    await sink.resume('B1', 6);
    await sink.finish();
    const read = [];
    for await (const chunk of readExportFile(to)) read.push(chunk);
    expect(read).toEqual([segment(1, 2), segment(3, 4)]);
  });

  it('leaves alone what is of another batch, or of something else', async () => {
    const header = '{"format":"cardwright-export/1","batchId":"B1"}\n';
    const others = [
      `${header}{"firstLine":1,"count":3,"envelopes":[]}\n`,
      header,
      'notes',
      'notes\n',
      '{}\n',
    ];
    for (const text of others) {
      const to = path();
      writeFileSync(`${to}.partial`, text);
      await expect(exportFileSink(to).resume('B2', 0), text).rejects.toThrow(ExportFileError);
      expect(readFileSync(`${to}.partial`, 'utf8')).toBe(text);
      expect(() => statSync(`${to}.lock`)).toThrow(/ENOENT/);
    }
    // A header that was torn as it was written is replaced.
    for (let bytes = 0; bytes < header.length; bytes++) {
      const to = path();
      writeFileSync(`${to}.partial`, header.slice(0, bytes));
      const sink = exportFileSink(to);
      await sink.resume('B1', 0);
      await sink.close();
      expect(readFileSync(`${to}.partial`, 'utf8')).toBe(header);
    }
  });

  it('is written by one process at a time, and let go of by close, and where it cannot be finished', async () => {
    const to = path();
    const first = exportFileSink(to);
    await first.resume('B1', 0);
    await expect(exportFileSink(to).resume('B1', 0)).rejects.toThrow(/in use/);
    await first.close();
    await first.close();
    await expect(first.write(segment(1, 1))).rejects.toThrow('not open');
    const second = exportFileSink(to);
    await second.resume('B1', 0);
    rmSync(`${to}.partial`);
    await expect(second.finish()).rejects.toThrow(/ENOENT/);
    const third = exportFileSink(to);
    await third.resume('B1', 0);
    await third.close();
  });

  it('ST-08 without line ends is refused before it is read whole', async () => {
    const to = path();
    writeFileSync(to, Buffer.alloc(17 << 20, 'x'));
    await expect(verifyExportFile(to)).rejects.toThrow(ExportFileError);
    await expect(verifyAuditFile(to)).rejects.toThrow(AuditFileError);
  });

  it('that is whole is left as it is', async () => {
    const to = await exported();
    const before = readFileSync(to);
    const sink = exportFileSink(to);
    await sink.resume('B1', 5);
    await sink.finish();
    expect(readFileSync(to).equals(before)).toBe(true);
    await expect(exportFileSink(to).resume('B1', 3)).rejects.toThrow(ExportFileError);
    await expect(exportFileSink(to).resume('B2', 5)).rejects.toThrow(ExportFileError);
  });
});

const event = (operation: string): AuditEvent => ({ at: undefined, operation, keys: ['k'], outcome: 'done' });

/** A file of three events. */
async function audited(): Promise<string> {
  const to = path();
  const file = await openAuditFile(to);
  await Promise.all(['a', 'b', 'c'].map((name) => file.hook(event(name))));
  await file.close();
  return to;
}

describe('ST-11 an audit file', () => {
  it('chains its events, also those that come at once, and goes on when it is opened again', async () => {
    const to = await audited();
    const before = await verifyAuditFile(to);
    expect(before.events).toBe(3);
    const file = await openAuditFile(to);
    expect(file.chain()).toEqual(before);
    await file.hook(event('d'));
    await file.close();
    expect((await verifyAuditFile(to, before.head)).events).toBe(4);
    const names = readFileSync(to, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event.operation);
    expect(names).toEqual(['a', 'b', 'c', 'd']);
  });

  it('shows where a line was changed, dropped, added or moved', async () => {
    const lines = readFileSync(await audited(), 'utf8')
      .trim()
      .split('\n') as [string, string, string];
    const [a, b, c] = lines;
    const tampered: readonly (readonly [string, readonly string[]])[] = [
      ['event 2', [a, b.replace('"b"', '"x"'), c]],
      ['event 2', [a, c]],
      ['event 1', [b, c]],
      ['event 3', [a, b, b, c]],
      ['event 1', [b, a, c]],
      ['event 2', [a, '{}', c]],
      ['event 2', [a, 'no JSON', c]],
      // Deeper than it could be written.
      ['event 2', [a, b.replace('"b"', `${'['.repeat(10_000)}${']'.repeat(10_000)}`), c]],
      ['event 3', [a, b, c.replace('"seq":3', '"seq":4')]],
    ];
    for (const [where, wrong] of tampered) {
      const to = path();
      writeFileSync(to, wrong.map((line) => `${line}\n`).join(''));
      await expect(verifyAuditFile(to), where).rejects.toThrow(where);
      await expect(openAuditFile(to)).rejects.toThrow(AuditFileError);
    }
  });

  it('that was chained anew does not hold the hash that was kept', async () => {
    const { head } = await verifyAuditFile(await audited());
    const other = path();
    const file = await openAuditFile(other);
    await file.hook(event('x'));
    await file.close();
    await expect(verifyAuditFile(other, head)).rejects.toThrow('does not hold');
  });

  it('cuts off what a crash left of a last line', async () => {
    const to = await audited();
    truncateSync(to, statSync(to).size - 10);
    const file = await openAuditFile(to);
    expect(file.chain().events).toBe(2);
    await file.hook(event('d'));
    await file.close();
    expect((await verifyAuditFile(to)).events).toBe(3);
  });

  it('goes on in another file, whose first event follows the last one of the file before', async () => {
    const [one, two] = [await audited(), path()];
    const after = await verifyAuditFile(one);
    const file = await openAuditFile(two, { after });
    expect(file.chain()).toEqual(after);
    await file.hook(event('d'));
    await file.close();
    expect(await verifyAuditFile(two, after.head, { after })).toMatchObject({ events: 4 });
    await expect(verifyAuditFile(two)).rejects.toThrow('event 1');
    await expect(openAuditFile(two)).rejects.toThrow(AuditFileError);
    await (await openAuditFile(two, { after })).close();
    await expect(openAuditFile(path(), { after: { events: 1, head: 'x' } })).rejects.toThrow('after');
  });

  it('tells of events that are on disk, and of no others', async () => {
    const file = await openAuditFile(path());
    const before = file.chain();
    const taken = file.hook(event('a'));
    expect(file.chain()).toEqual(before);
    await taken;
    expect(file.chain().events).toBe(1);
    await file.close();
  });

  it('that could not be written refuses every later event at once, and keeps none', async () => {
    const to = path();
    const file = await openAuditFile(to);
    await file.hook(event('a'));
    await file.close();
    await expect(file.hook(event('b'))).rejects.toThrow();
    const refused = Array.from({ length: 3 }, () => file.hook(event('c')));
    for (const one of refused) await expect(one).rejects.toThrow();
    expect(file.chain().events).toBe(1);
    expect((await verifyAuditFile(to)).events).toBe(1);
  });

  it('is written by one process at a time', async () => {
    const to = path();
    const file = await openAuditFile(to);
    await expect(openAuditFile(to)).rejects.toThrow(/in use/);
    await file.close();
    await (await openAuditFile(to)).close();
  });
});
