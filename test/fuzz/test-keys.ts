/** The keys of the program, as a key file holds them: the same in every run. */
import { bytesToHex } from '../../src/bytes/hex.ts';
import { importClearKey } from '../../src/keys/clear.ts';
import { wrapKeyBlock } from '../../src/keys/key-block.ts';
import type { Contents, TestKeys } from '../../src/node/key-file.ts';
import { permitFor, seededBytes, seededRandom, seededTdesKey } from '../support/arbitraries.ts';

const N = { exportability: 'N' } as const;

export const TEST_KEYS: TestKeys = {
  cvk: importClearKey({ usage: 'C0', algorithm: 'T', mode: 'C', ...N }, seededTdesKey(51)),
  pvk: importClearKey({ usage: 'V2', algorithm: 'T', mode: 'C', ...N }, seededTdesKey(52)),
  pek: importClearKey({ usage: 'P0', algorithm: 'A', mode: 'B', ...N }, seededBytes(53, 32)),
  codeKey: importClearKey({ usage: 'D0', algorithm: 'T', mode: 'B', ...N }, seededTdesKey(54)),
  panKey: importClearKey({ usage: 'D0', algorithm: 'A', mode: 'B', ...N }, seededBytes(55, 32)),
  tokenKey: importClearKey({ usage: 'D0', algorithm: 'A', mode: 'B', ...N }, seededBytes(56, 32)),
  dynamicKey: importClearKey({ usage: 'M7', algorithm: 'H', mode: 'X', ...N }, seededBytes(57, 32)),
};

/** A key file with these keys. */
export function keyFileContents(): Contents {
  const storage = seededBytes(58, 32);
  const kbpk = importClearKey({ usage: 'K1', algorithm: 'A', mode: 'B', ...N }, storage);
  const options = { purpose: 'storage', permit: permitFor('store-key'), random: seededRandom(59) } as const;
  const blocks = Object.entries(TEST_KEYS).map(([name, key]) => [
    name,
    wrapKeyBlock(kbpk, key, 'D', options),
  ]);
  return {
    format: 'cardwright-test-keys/1',
    notice: 'Test keys.',
    storageKey: bytesToHex(storage),
    keys: Object.fromEntries(blocks),
    nextInRange: { '400000/16': 1000, '40000012/19': 0 },
  };
}
