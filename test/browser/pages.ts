/** The pages of the reports: nothing wider than the screen or the paper, every link good, every count that of the JSON. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { vectorsPage } from '../../src/cli/vectors-page.ts';
import { evidencePage } from '../../tools/evidence/page.ts';
import { problemsOnPage } from '../../tools/evidence/page-check.ts';
import { vectorRows } from '../../tools/evidence/vectors.ts';
import { sampleEvidence } from '../support/sample-evidence.ts';

/** The groups of tests. */
export function pagesInBrowser(open: () => Browser | undefined): void {
  describe('the pages of reports', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cardwright-pages-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'page.html');
    const evidence = sampleEvidence();
    const good = evidencePage(evidence);

    /** What is found on a page of this text, against this JSON. */
    async function found(text: string, json?: typeof evidence): Promise<string> {
      writeFileSync(path, text);
      return (await problemsOnPage(open() as Browser, path, json)).join('\n');
    }

    it('evidence.html fits phone, desk and paper, and agrees with evidence.json', async ({ skip }) => {
      if (open() === undefined) return skip();
      expect(await found(good, evidence)).toBe('');
    });

    it('the page of vectors does too', async ({ skip }) => {
      if (open() === undefined) return skip();
      const unreadable = [{ file: 'x'.repeat(200), reason: 'not JSON' }];
      const made = '2026-01-01T00:00:00.000Z';
      expect(
        await found(vectorsPage({ version: '0', node: 'v20', made, reports: vectorRows(), unreadable })),
      ).toBe('');
    });

    it('a page that is too wide, a dead link, a double id, another count and a foreign file are seen', async ({
      skip,
    }) => {
      if (open() === undefined) return skip();
      const changed = { ...evidence, total: { ...evidence.total, passed: evidence.total.passed + 1 } };
      const bad = good
        .replace(
          '</body>',
          '<div style="width:2000px">x</div><a href="#nowhere">x</a><i id="claims"></i></body>',
        )
        .replace(/<meta http-equiv[^>]*>/, '')
        .replace('</head>', '<script src="http://127.0.0.1:9/x.js"></script></head>');
      const said = await found(bad, changed);
      for (const part of [
        'wider than 320',
        'wider than 680',
        '#nowhere',
        'twice: claims',
        '/total/passed',
        '127.0.0.1',
      ])
        expect(said).toContain(part);
    });

    it('no script runs and nothing is loaded, by the policy of the page itself', () => {
      expect(good).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
      expect(good).not.toMatch(/<script|<link|<img|@import|url\(/);
    });
  });
}
