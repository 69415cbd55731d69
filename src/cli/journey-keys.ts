/** The keys of the journey: made in the emulated HSM, and two of them shared with a client as key blocks. */
import type { UnixSeconds } from '../brand.ts';
import { platformRandom } from '../bytes/random.ts';
import type { Hsm } from '../hsm/functions.ts';
import type { CapabilityAuthority } from '../keys/capability.ts';
import { combineComponents, splitKey } from '../keys/component.ts';
import type { Key, KeyBytes } from '../keys/key.ts';
import { requireUsage } from '../keys/key.ts';
import { unwrapKeyBlock } from '../keys/key-block.ts';
import { randomKey } from '../keys/random-key.ts';
import type { KeyAttributes } from '../keys/usage.ts';

const HMAC: KeyAttributes = { usage: 'M7', algorithm: 'H', mode: 'C', exportability: 'N' };
const AES: KeyAttributes = { usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'N' };
const SHARED: KeyAttributes<'K1'> = { usage: 'K1', algorithm: 'A', mode: 'B', exportability: 'E' };

/** Label → attributes and length of the keys that the HSM makes itself. */
const GENERATED: { readonly [label: string]: readonly [KeyAttributes, KeyBytes] } = {
  records: [HMAC, 32],
  'pan-index': [HMAC, 32],
  'pin-tags': [HMAC, 32],
  dynamic: [HMAC, 32],
  tokens: [AES, 32],
  sequence: [AES, 32],
  cvk: [{ usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' }, 16],
  pvk: [{ usage: 'V2', algorithm: 'T', mode: 'C', exportability: 'N' }, 16],
  'client.pek': [{ usage: 'P0', algorithm: 'T', mode: 'B', exportability: 'E' }, 24],
  'client.codes': [{ usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'E' }, 24],
};

/** What the client of the journey has in hand. */
export interface ClientHands {
  readonly pek: Key<'P0'>;
  readonly codes: Key<'D0'>;
  readonly kek: Key<'K1'>;
}

/** Makes the keys, and gives the client its own. */
export async function makeKeys(hsm: Hsm, authority: CapabilityAuthority): Promise<ClientHands> {
  const officer = authority.grant('manage-keys', 900, { holder: 'officer' });
  for (const [label, [attributes, keyBytes]] of Object.entries(GENERATED))
    await hsm.generateKey({ label, attributes, keyBytes, permit: officer });

  // The key that client and issuer share came on paper, in two parts, by two custodians.
  const parts = splitKey(
    randomKey(SHARED, 32, { random: platformRandom }),
    2,
    authority.grant('export-clear-key', 60),
  );
  await hsm.importComponents({
    label: 'client.kek',
    attributes: SHARED,
    components: parts.map((part, i) => ({
      ...part,
      permit: authority.grant('load-component', 60, { holder: `custodian ${i + 1}`.replace(' ', '-') }),
    })),
    permit: officer,
  });
  const kek = combineComponents(SHARED, parts);
  const received = async (label: string): Promise<Key> =>
    unwrapKeyBlock(kek, await hsm.exportKey({ label, under: 'client.kek', version: 'D', permit: officer }));
  return {
    pek: requireUsage(await received('client.pek'), 'P0'),
    codes: requireUsage(await received('client.codes'), 'D0'),
    kek,
  };
}

/** The clock of the machine. */
export const systemClock = { now: (): UnixSeconds => Math.floor(Date.now() / 1000) as UnixSeconds };
