/** Guards around the keys that PINs are verified and sent under. */
import {
  type Capability,
  createCapabilityAuthority,
  decryptLegacyBlocks,
  encryptPinBlock,
  generatePvv,
  type Key,
  parsePan,
  parsePin,
  parsePvki,
  parseUnixSeconds,
} from '../../src/index.ts';
import { exportClearKey, importClearKey } from '../../src/keys/clear-face.ts';
import { seededBytes } from '../support/arbitraries.ts';
import type { Guard } from './guard.ts';
import { guess, PIN, tdesKey, VICTIM } from './thief.ts';

const PVK = { usage: 'V2', algorithm: 'T', mode: 'C', exportability: 'N' } as const;
const pvki = parsePvki('1');
const permit = createCapabilityAuthority({ now: () => parseUnixSeconds(0) }).grant('export-clear-key', 900);

/** Whether the PIN of a PVV is found by who has its key. */
function searched(key: Key<'V2'>, { pvv }: { readonly pvv: string }): boolean {
  return guess(4, (pin) => generatePvv(key, parsePin(pin), VICTIM, pvki).pvv === pvv) === PIN;
}

/** Whether the key of a PVV leaves, and gives the PIN of the victim away. */
function exported(key: Key<'V2'>, given: Capability | undefined): boolean {
  const stored = generatePvv(key, parsePin(PIN), VICTIM, pvki);
  return searched(importClearKey(PVK, exportClearKey(key, given as Capability)), stored);
}

/**
 * Whether a key of one length, which poses as two, is found from what the thief knows of his own card: five PINs and
 * their PVVs. He looks for seven of the 56 bits here; machines that look for all of them were built in 1998.
 */
function searchedKey(): boolean {
  const half = seededBytes(21, 8);
  const key = importClearKey(PVK, Uint8Array.of(...half, ...half), { parity: 'adjust' });
  const own = parsePan('4000001234567907', { checkDigit: 'any' });
  const known = ['7391', '2846', '9017', '5530', '6172'].map(
    (pin) => [pin, generatePvv(key, parsePin(pin), own, pvki).pvv] as const,
  );
  const stored = generatePvv(key, parsePin(PIN), VICTIM, pvki);
  for (let last = 0; last < 256; last += 2) {
    const tried = Uint8Array.of(...half.slice(0, 7), last);
    const candidate = importClearKey(PVK, Uint8Array.of(...tried, ...tried), { parity: 'adjust' });
    if (known.every(([pin, pvv]) => generatePvv(candidate, parsePin(pin), own, pvki).pvv === pvv))
      return searched(candidate, stored);
  }
  return false;
}

export const GUARDS: readonly Guard[] = [
  {
    ids: ['PIN-14'],
    guard: 'the key of a PVV leaves with a capability',
    cuts: [{ file: 'keys/clear.ts', passage: "requireCapability(permit, 'export-clear-key');", instead: '' }],
    attack: () => exported(tdesKey('pvk', 'V2', 'C', 'E'), undefined),
  },
  {
    ids: ['PIN-14'],
    guard: 'the key of a PVV leaves where it is exportable',
    cuts: [
      {
        file: 'keys/clear.ts',
        passage: "if (key.attributes.exportability === 'N')",
        instead: 'if (false)',
      },
    ],
    attack: () => exported(tdesKey('pvk', 'V2', 'C', 'N'), permit),
  },
  {
    ids: ['PIN-20'],
    guard: 'a key that PINs are sent under deciphers no data',
    cuts: [
      {
        file: 'keys/policy.ts',
        passage: 'rows = rows.filter((row) => row.usage === key.usage);',
        instead: '',
      },
    ],
    // With the zeros of this PAN the digits of the PIN stand in the field as they are.
    attack() {
      const pek = tdesKey('pek', 'P0', 'B');
      const { block } = encryptPinBlock(pek, parsePin(PIN), VICTIM, 'ISO-0');
      const clear = decryptLegacyBlocks(pek as never, Uint8Array.from(Buffer.from(block, 'hex')));
      return Buffer.from(clear).toString('hex').slice(2, 6) === PIN;
    },
  },
  {
    ids: ['PIN-21'],
    guard: 'a key of two equal halves is no key pair',
    cuts: [{ file: 'keys/key.ts', passage: 'if (weakness !== undefined)', instead: 'if (false)' }],
    attack: searchedKey,
  },
];
