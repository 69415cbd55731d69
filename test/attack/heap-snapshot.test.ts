/**
 * What a heap snapshot shows of secrets, counted and not promised: texts are the language's own and cannot be
 * wiped; bytes lie outside what a snapshot holds, but not outside a core dump.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { tellFigures } from '../support/figures.ts';

const PROGRAM = fileURLToPath(new URL('programs/heap.ts', import.meta.url));

/** As the program makes them. */
const digits = (from: number, length: number): string =>
  Array.from({ length }, (_, i) => (from * (i + 3) + 7 * i) % 10).join('');
const bytes = Buffer.from(Array.from({ length: 32 }, (_, i) => (i * 37 + 11) % 256));

/** How often a text is found in another. */
const count = (snapshot: string, text: string): number => snapshot.split(text).length - 1;

it('JS-09 a heap snapshot: how often a PIN, a PAN and a key are in it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cardwright-heap-'));
  try {
    const [during, after] = [join(folder, 'during.heapsnapshot'), join(folder, 'after.heapsnapshot')];
    execFileSync(process.execPath, ['--expose-gc', '--import', 'tsx', PROGRAM, during, after]);
    const counts: { [name: string]: number } = {};
    for (const [when, path] of Object.entries({ during, after })) {
      const snapshot = readFileSync(path, 'utf8');
      // The look finds what is there: the name of a class of the library.
      expect(count(snapshot, 'ClearPin')).toBeGreaterThan(0);
      counts[`pin ${when}`] = count(snapshot, digits(7, 12));
      counts[`pan ${when}`] = count(snapshot, `4${digits(3, 15)}`);
      for (const encoding of ['hex', 'base64', 'latin1'] as const)
        counts[`key as ${encoding} ${when}`] = count(snapshot, bytes.toString(encoding));
    }
    tellFigures('heap', 'secrets in a snapshot', {}, counts);
    // A key is never a text, whatever comes of the others.
    for (const [name, found] of Object.entries(counts))
      if (name.startsWith('key')) expect(found, name).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
