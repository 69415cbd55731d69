/** An emulated HSM for tests: the keys of `world.ts`, a clock that is set by hand, counted randomness, events. */
import { createHash } from 'node:crypto';
import type { Expiry, Pan, PanToken, Pvki, ServiceCode, UnixSeconds } from '../../src/brand.ts';
import type { AuditEvent, AuditHook } from '../../src/hsm/audit.ts';
import type {
  BroughtComponent,
  CardFace,
  CardReference,
  Hsm,
  KeyInfo,
  PinMethod,
  TokenDomain,
} from '../../src/hsm/functions.ts';
import { createMemoryKeyStore } from '../../src/hsm/key-store.ts';
import type { HsmPolicy } from '../../src/hsm/policy.ts';
import { createSoftHsm, type SoftHsmOptions } from '../../src/hsm/soft-hsm.ts';
import {
  type Capability,
  type CapabilityAuthority,
  type CapabilityScope,
  createCapabilityAuthority,
} from '../../src/keys/capability.ts';
import { splitKey } from '../../src/keys/component.ts';
import type { Key } from '../../src/keys/key.ts';
import type { KeyAttributes } from '../../src/keys/usage.ts';
import { luhnCheckDigit } from '../../src/pan/luhn.ts';
import { definePanRange } from '../../src/pan/range.ts';
import { parsePin } from '../../src/pin/clear-pin.ts';
import { encryptPinBlock } from '../../src/pinblock/encrypt.ts';
import type { EncryptedPinBlock } from '../../src/pinblock/format.ts';
import type { KeyStore, RandomSource } from '../../src/port.ts';
import { tokenizePan } from '../../src/token/tokenize.ts';
import { SEALED_PIN } from './few-keys.ts';
import {
  keyOf,
  loadKeys,
  namedKey,
  POLICY_OF_TESTS,
  START,
  storageKey,
  type TestClock,
  TOKENS,
} from './world.ts';

/** Random bytes that are the same for the same seed, and a count of them. */
export class CountedRandom implements RandomSource {
  drawn = 0;
  #block = 0;
  readonly #seed: string;

  constructor(seed = 'hsm') {
    this.#seed = seed;
  }

  fill(out: Uint8Array): void {
    this.drawn += out.length;
    for (let i = 0; i < out.length; i += 32)
      out.set(
        createHash('sha256')
          .update(`${this.#seed} ${this.#block++}`)
          .digest()
          .subarray(0, out.length - i),
        i,
      );
  }
}

/** An HSM and what stands around it. */
export interface Bench {
  readonly hsm: Hsm;
  readonly clock: TestClock;
  readonly authority: CapabilityAuthority;
  readonly keyStore: KeyStore;
  readonly random: CountedRandom;
  readonly events: AuditEvent[];
  permit(scope: CapabilityScope, holder?: string): Capability;
}

/** What of a bench may be other than usual. */
export interface BenchOptions extends Pick<SoftHsmOptions, 'backend'> {
  readonly policy?: HsmPolicy;
  readonly keyStore?: KeyStore;
  readonly audit?: AuditHook;
  readonly seed?: string;
  /** What the keys rest under; the one of the tests unless said. */
  readonly storageKey?: Key<'K1'>;
  /** Without the keys of the tests. */
  readonly empty?: true;
}

/** The key blocks of the tests' keys, made once. */
const loaded: Promise<KeyStore> = (async () => {
  const keyStore = createMemoryKeyStore();
  const authority = createCapabilityAuthority({ now: () => START as UnixSeconds });
  const clock = { now: () => START as UnixSeconds };
  await loadKeys(createSoftHsm({ storageKey: storageKey(), keyStore, authority, clock }), authority);
  return keyStore;
})();

/** A key store in memory with the keys of the tests. */
export async function loadedKeyStore(): Promise<KeyStore> {
  const copy = createMemoryKeyStore();
  for (const key of await (await loaded).list()) await copy.put(key, 0);
  return copy;
}

/** An HSM with the keys of the tests. */
export async function openBench(options: BenchOptions = {}): Promise<Bench> {
  const clock: TestClock = {
    at: START,
    now() {
      return this.at as UnixSeconds;
    },
  };
  const authority = createCapabilityAuthority(clock);
  const keyStore =
    options.keyStore ?? (options.empty === true ? createMemoryKeyStore() : await loadedKeyStore());
  const random = new CountedRandom(options.seed);
  const events: AuditEvent[] = [];
  const hsm = createSoftHsm({
    storageKey: options.storageKey ?? storageKey(),
    keyStore,
    authority,
    clock,
    policy: options.policy ?? POLICY_OF_TESTS,
    audit: options.audit ?? ((event) => void events.push(event)),
    random,
    ...(options.backend && { backend: options.backend }),
  });
  return {
    hsm,
    clock,
    authority,
    keyStore,
    random,
    events,
    permit: (scope, holder) => authority.grant(scope, 900, holder === undefined ? {} : { holder }),
  };
}

/** Clear parts of the key of a name, each with the permission of another custodian. */
export function partsOf(
  bench: Bench,
  name: string,
  attributes: KeyAttributes,
  keyBytes: number,
  count = 2,
): BroughtComponent[] {
  const exportable = namedKey(name, { ...attributes, exportability: 'E' }, keyBytes);
  return splitKey(exportable, count, bench.permit('export-clear-key')).map((part, i) => ({
    ...part,
    permit: bench.permit('load-component', `custodian-${i}`),
  }));
}

/** Brings the key of a name into an HSM, as custodians would. */
export function bringKey(
  bench: Bench,
  label: string,
  attributes: KeyAttributes,
  keyBytes: number,
): Promise<KeyInfo> {
  const components = partsOf(bench, label, attributes, keyBytes);
  return bench.hsm.importComponents({
    label,
    attributes,
    components,
    permit: bench.permit('manage-keys', 'officer'),
  });
}

/** PANs of the tests, all of 16 digits. */
export function panOf(n: number): Pan {
  const payload = `400000${String(n).padStart(9, '0')}`;
  return (payload + String(luhnCheckDigit(payload))) as Pan;
}

/** A PAN of American Express. */
export const AMEX_PAN = `37000012345678${luhnCheckDigit('37000012345678')}` as Pan;

/** A card by its token. */
export function cardOf(pan: Pan, domain: TokenDomain = TOKENS): CardReference {
  const token = tokenizePan(keyOf<Key<'D0'>>(domain.key), pan, domain.profile, domain.tenant) as PanToken;
  return { token, domain };
}

/** How PINs are kept in the tests: as a PVV, beside a sealed PIN, as an offset. */
export const METHODS: { readonly [name in 'pvv' | 'sealed' | 'offset']: PinMethod } = {
  pvv: { kind: 'pvv', pvk: 'pvk', pvki: '1' as Pvki, tagKey: 'pins', pinLength: 4 },
  sealed: SEALED_PIN,
  offset: { kind: 'ibm3624', pvk: 'pvk.ibm', method: 'standard', tagKey: 'pins', pinLength: 4 },
};

/** What the codes of a card are made of. */
export function faceOf(card: CardReference, kind: CardFace['kind'] = 'cvv'): CardFace {
  return {
    kind,
    card,
    cvk: kind === 'csc' ? 'csck' : 'cvk',
    expiry: '2912' as Expiry,
    serviceCode: '201' as ServiceCode,
    expiryOrder: 'YYMM',
  };
}

/** A range of the tests. */
export const RANGE = definePanRange({ iin: '400000', length: 16 });

/** A PIN in a block under a key of the tests. */
export function blockOf(
  pan: Pan,
  pin: string,
  format: Exclude<EncryptedPinBlock['format'], 'ISO-2'> = 'ISO-0',
  pek = 'atm.pek',
): EncryptedPinBlock {
  return encryptPinBlock(keyOf<Key<'P0'>>(pek), parsePin(pin), pan, format);
}

/** The code of a rejection, or `none`; an exception that is thrown at once is none of either. */
export async function refusalOf(act: () => Promise<unknown>): Promise<string> {
  const promise = act();
  try {
    await promise;
    return 'none';
  } catch (error) {
    return (error as { readonly code?: string }).code ?? `untyped ${String(error)}`;
  }
}

/** A block in which there is no PIN. */
export const NONSENSE: EncryptedPinBlock = { format: 'ISO-0', block: '0123456789ABCDEF' };
