/**
 * Chromium for tests: that of `CARDWRIGHT_CHROMIUM`, the system's, or the one that comes as a package, which is for
 * Linux; elsewhere a Chrome where its installer puts it. Where there is none, tests that need it are skipped and say so; `CARDWRIGHT_REQUIRE_CHROMIUM=1` makes that a failure.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** No requests of the browser's own, and no sandbox where the tests run as root in a container. */
const ARGUMENTS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Where the system has one. */
function installed(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isProgram);
}

/** The one of the package, with its libraries beside it; unpacked into the folder for temporary files. */
async function packaged(): Promise<string> {
  // The package unpacks its libraries where it believes to run on the service that it is made for.
  process.env['AWS_EXECUTION_ENV'] ??= 'AWS_Lambda_nodejs22.x';
  try {
    const { default: package_ } = await import('@sparticuz/chromium');
    return await package_.executablePath();
  } finally {
    delete process.env['AWS_EXECUTION_ENV'];
  }
}

/** A browser; `undefined` where there is none to be had and none is required. */
export async function openChromium(): Promise<Browser | undefined> {
  try {
    const found = process.env['CARDWRIGHT_CHROMIUM'] || installed();
    if (!found && process.platform !== 'linux')
      return await chromium.launch({ channel: 'chrome', args: ARGUMENTS });
    return await chromium.launch({ executablePath: found || (await packaged()), args: ARGUMENTS });
  } catch (error) {
    if (process.env['CARDWRIGHT_REQUIRE_CHROMIUM'] === '1') throw error;
    process.stderr.write(
      `\nNo Chromium: tests in a browser are skipped. Set CARDWRIGHT_CHROMIUM to its path.\n(${String(error).split('\n')[0]})\n\n`,
    );
    return undefined;
  }
}
