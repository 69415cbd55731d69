/** A look at the report in a browser: nothing overflows, every anchor leads somewhere, every count is that of the JSON. */
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { openChromium } from '../../test/support/chromium.ts';
import type { Evidence } from './evidence.ts';

/** Widths in pixels: a small phone, a phone on its side, a desk; and the width that an A4 page leaves between margins. */
const WIDTHS = [320, 390, 768, 1280] as const;
const PAPER = 680;

/** What is asked inside of the page: text, since its types are a browser's. */
const ASK = {
  overflowing: `(() => {
    const width = document.documentElement.clientWidth;
    const wide = [...document.querySelectorAll('body *')]
      .filter((element) => element.closest('svg') === null && element.getBoundingClientRect().right > width + 1)
      .map((element) => element.outerHTML.slice(0, 80));
    return document.documentElement.scrollWidth > width ? ['the page', ...wide.slice(0, 3)] : wide.slice(0, 3);
  })()`,
  deadAnchors: `[...document.querySelectorAll('a[href]')]
    .map((anchor) => anchor.getAttribute('href'))
    .filter((href) => !href.startsWith('#') || document.getElementById(href.slice(1)) === null)`,
  duplicateIds: `[...document.querySelectorAll('[id]')]
    .map(({ id }) => id)
    .filter((id, place, ids) => ids.indexOf(id) !== place)`,
  counts: `[...document.querySelectorAll('[data-json]')]
    .map((element) => [element.getAttribute('data-json'), element.textContent])`,
} as const;

/** The value at a path of the JSON, as text. */
function at(evidence: Evidence, pointer: string): string {
  let found: unknown = evidence;
  for (const name of pointer.split('/').slice(1))
    found = (found as Record<string, unknown> | undefined)?.[name];
  return String(found);
}

async function wrongCounts(page: Page, evidence: Evidence): Promise<string[]> {
  const shown = (await page.evaluate(ASK.counts)) as [pointer: string, text: string][];
  if (shown.length < 100) return [`only ${shown.length} counts name their place in the JSON`];
  return shown
    .filter(([pointer, text]) => at(evidence, pointer) !== text)
    .map(([pointer]) => `${pointer} is another in the JSON`);
}

/** What is wrong with how a page is laid out, and with where its links lead. */
async function layoutProblems(page: Page): Promise<string[]> {
  const problems: string[] = [];
  const ask = async (what: string, question: keyof typeof ASK): Promise<void> => {
    const found = (await page.evaluate(ASK[question])) as string[];
    problems.push(...found.map((one) => `${what}: ${one}`));
  };
  for (const media of ['screen', 'print'] as const) {
    await page.emulateMedia({ media });
    for (const width of media === 'screen' ? WIDTHS : [PAPER]) {
      await page.setViewportSize({ width, height: 900 });
      await ask(`wider than ${width} pixels (${media})`, 'overflowing');
    }
  }
  await ask('leads nowhere', 'deadAnchors');
  await ask('stands there twice', 'duplicateIds');
  return problems;
}

/** Looks at a page with a browser that is open; at its counts, where the JSON is given. */
export async function problemsOnPage(
  browser: Browser,
  path: string,
  evidence?: Evidence,
): Promise<readonly string[]> {
  const page = await browser.newPage();
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  const address = pathToFileURL(path).href;
  await page.goto(address);
  const problems = await layoutProblems(page);
  if (evidence !== undefined) problems.push(...(await wrongCounts(page, evidence)));
  problems.push(
    ...requests.filter((url) => url !== address).map((url) => `is loaded from elsewhere: ${url}`),
  );
  await page.close();
  return problems;
}

/** Opens a browser and looks; `undefined` where there is none. */
export async function checkPage(path: string, evidence: Evidence): Promise<readonly string[] | undefined> {
  const browser = await openChromium();
  if (browser === undefined) return undefined;
  try {
    return await problemsOnPage(browser, path, evidence);
  } finally {
    await browser.close();
  }
}
