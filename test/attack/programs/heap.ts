/** Uses secrets that can be told from everything else, and writes the heap as it is meanwhile and after they were destroyed. */
import { writeHeapSnapshot } from 'node:v8';
import type { UnixSeconds } from '../../../src/brand.ts';
import * as cw from '../../../src/index.ts';
import { importClearKey } from '../../../src/keys/clear-face.ts';

const [during, after] = process.argv.slice(2) as [string, string];

/** Made piece by piece: a text in the source would be found in the source. */
const digits = (from: number, length: number): string =>
  Array.from({ length }, (_, i) => (from * (i + 3) + 7 * i) % 10).join('');
const secretBytes = Uint8Array.from({ length: 32 }, (_, i) => (i * 37 + 11) % 256);

const pin = cw.parsePin(digits(7, 12));
const pan = cw.parsePan(`4${digits(3, 15)}`, { checkDigit: 'any' });
const key = importClearKey({ usage: 'P0', algorithm: 'A', mode: 'B', exportability: 'N' }, secretBytes);
const authority = cw.createCapabilityAuthority({ now: () => 0 as UnixSeconds });
cw.decryptPinBlock(key, cw.encryptPinBlock(key, pin, pan, 'ISO-4'), pan).destroy();
cw.revealPin(pin, authority.grant('reveal-pin', 60));
writeHeapSnapshot(during);
pin.destroy();
key.destroy();
secretBytes.fill(0);
globalThis.gc?.();
writeHeapSnapshot(after);
