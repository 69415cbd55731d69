/** An HSM with the keys that are named and no others: quick to open, for attacks that are built one by one. */
import type { Pan, Pvki, UnixSeconds } from '../../src/brand.ts';
import type { CardReference, Hsm, PinMethod, TokenDomain } from '../../src/hsm/functions.ts';
import { createMemoryKeyStore } from '../../src/hsm/key-store.ts';
import { createSoftHsm } from '../../src/hsm/soft-hsm.ts';
import {
  type Capability,
  type CapabilityAuthority,
  type CapabilityScope,
  createCapabilityAuthority,
} from '../../src/keys/capability.ts';
import type { Key } from '../../src/keys/key.ts';
import { wrapKeyBlock } from '../../src/keys/key-block.ts';
import type { KeyStore } from '../../src/port.ts';
import { tokenizePan } from '../../src/token/tokenize.ts';
import { keyOf, POLICY_OF_TESTS, START, storageKey, TOKENS } from './world.ts';

/** An HSM with few keys. */
export interface FewKeys {
  readonly hsm: Hsm;
  readonly authority: CapabilityAuthority;
  readonly keyStore: KeyStore;
  permit(scope: CapabilityScope, holder?: string): Capability;
}

/** Opens an HSM whose store has the keys of these labels, as `world.ts` knows them. */
export async function openFewKeys(...labels: readonly string[]): Promise<FewKeys> {
  const clock = { now: () => START as UnixSeconds };
  const authority = createCapabilityAuthority(clock);
  const keyStore = createMemoryKeyStore();
  const permit: FewKeys['permit'] = (scope, holder) =>
    authority.grant(scope, 900, holder === undefined ? {} : { holder });
  for (const label of labels) {
    const optionalBlocks = [{ id: 'LB', text: label }];
    const keyBlock = wrapKeyBlock(storageKey(), keyOf(label), 'D', {
      purpose: 'storage',
      permit: permit('store-key'),
      optionalBlocks,
    });
    await keyStore.put({ label, keyBlock, revision: 1 }, 0);
  }
  const hsm = createSoftHsm({
    storageKey: storageKey(),
    keyStore,
    authority,
    clock,
    policy: POLICY_OF_TESTS,
  });
  return { hsm, authority, keyStore, permit };
}

/** A PIN by its PVV, kept sealed as well. */
export const SEALED_PIN = {
  kind: 'pvv',
  pvk: 'pvk',
  pvki: '1' as Pvki,
  tagKey: 'pins',
  sealKey: 'seal',
  pinLength: 4,
} as const satisfies PinMethod;

/** A card by its token, as the issuer of the tests holds it. */
export function tokenCard(pan: Pan, domain: TokenDomain = TOKENS): CardReference {
  return { token: tokenizePan(keyOf<Key<'D0'>>(domain.key), pan, domain.profile, domain.tenant), domain };
}
