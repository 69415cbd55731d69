/** The library in a page: the built faces, and all vectors on each engine that the browser lets it have. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { type FileReport, reportOn, totalOf } from '../../src/conformance/report.ts';
import { parseVectorFile } from '../../src/conformance/vector-file.ts';
import { tellFigures } from '../support/figures.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const VECTORS = join(ROOT, 'vectors');

/** What a page may do: with WebAssembly, and under a policy that forbids it. */
const POLICIES = {
  kernel: "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'",
  'no kernel': "default-src 'none'; script-src 'unsafe-inline'",
} as const;

const files = readdirSync(VECTORS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json') && !name.endsWith('.schema.json'))
  .sort()
  .map((name) => ({ name, text: readFileSync(join(VECTORS, name), 'utf8') }));

/** Source as one script that a page has inline, under a global name. */
async function scriptOf(contents: string, globalName: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(ROOT, 'test', 'browser'), loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    globalName,
    logLevel: 'error',
  });
  return (outputFiles[0]?.text ?? '').replaceAll('</script', '<\\/script');
}

/** A page with the script and the policy, from an address that leads nowhere. */
async function pageWith(browser: Browser, script: string, policy: string): Promise<Page> {
  const page = await browser.newPage();
  await page.route('**/*', (route) =>
    route.request().url() === 'http://cardwright.test/'
      ? route.fulfill({
          headers: { 'content-security-policy': policy },
          contentType: 'text/html',
          body: `<!doctype html><title>cardwright</title><script>${script}</script>`,
        })
      : route.abort(),
  );
  await page.goto('http://cardwright.test/');
  return page;
}

/** The groups of tests. */
export function libraryInBrowser(open: () => Browser | undefined): void {
  describe.each(Object.entries(POLICIES))('the library in Chromium, %s', (engine, policy) => {
    it('runs all vectors as Node does', async ({ skip }) => {
      const browser = open();
      if (browser === undefined) return skip();
      const script = await scriptOf("export * from './vectors-entry.ts';", 'vectors');
      const page = await pageWith(browser, script, policy);
      const { kernel, reports } = (await page.evaluate(`vectors.runVectors(${JSON.stringify(files)})`)) as {
        kernel: boolean;
        reports: FileReport[];
      };
      expect(kernel).toBe(engine === 'kernel');
      expect(reports).toEqual(files.map(({ name, text }) => reportOn(name, '', parseVectorFile(text))));
      const { passed, refused, failed, unsupported } = totalOf(reports);
      expect(failed).toBe(0);
      expect(passed).toBeGreaterThan(1_500);
      tellFigures('browser', engine, { passed, refused, failed, unsupported });
      await page.close();
    });

    it('computes with the built faces', async ({ skip }) => {
      const browser = open();
      if (browser === undefined) return skip();
      const faces = ['index', 'keys/clear', 'hsm', 'store', 'issuer'];
      const source = faces.map((face) => `export * from '../../dist/${face}.js';`).join('\n');
      const page = await pageWith(browser, await scriptOf(source, 'cardwright'), policy);
      // What a page throws has no place in a file: it comes back as text.
      const said = await page.evaluate(`(async () => { try {
        const cw = cardwright;
        const attributes = { usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' };
        const cvk = cw.importClearKeyHex(attributes, '0123456789ABCDEFFEDCBA9876543210', { expectedKcv: '08D7B4' });
        const expiry = cw.parseExpiry('2812'), serviceCode = cw.parseServiceCode('201');
        const pan = cw.parsePan('4000000000285066');
        const kernel = await cw.loadKernel();
        const many = cw.generateCvvMany(cvk, Array.from({ length: 300 }, () => ({ pan, expiry, serviceCode })));
        const pin = cw.randomPin(cw.definePinPolicy(), 4);
        return { kernel, single: cw.generateCvv(cvk, { pan, expiry, serviceCode }), many: [...new Set(many)], pin: String(pin) };
      } catch (error) { return String(error); } })()`);
      expect(said).toEqual({ kernel: engine === 'kernel', single: '352', many: ['352'], pin: 'ClearPin(4)' });
      await page.close();
    });
  });
}
