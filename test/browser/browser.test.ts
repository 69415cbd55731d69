/** What runs in a real browser: the library, and the pages of the reports. One browser serves all groups. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { openChromium } from '../support/chromium.ts';
import { libraryInBrowser } from './library.ts';
import { pagesInBrowser } from './pages.ts';

let browser: Browser | undefined;
beforeAll(async () => {
  browser = await openChromium();
});
afterAll(() => browser?.close());

libraryInBrowser(() => browser);
pagesInBrowser(() => browser);
