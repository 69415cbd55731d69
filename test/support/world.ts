/** An issuer with everything around it, as the tests use it: keys, products, clients, a clock that is set by hand. */
import { createHash } from 'node:crypto';
import type { AccountId, CustomerId, Pan, PanToken, Pvki, UnixSeconds } from '../../src/brand.ts';
import type { AuditEvent } from '../../src/hsm/audit.ts';
import type { Hsm } from '../../src/hsm/functions.ts';
import { createMemoryKeyStore } from '../../src/hsm/key-store.ts';
import { defineHsmPolicy } from '../../src/hsm/policy.ts';
import { createSoftHsm } from '../../src/hsm/soft-hsm.ts';
import type { MethodName } from '../../src/issuer/card-record.ts';
import { createIssuer, type IssuerOptions } from '../../src/issuer/issuer.ts';
import type { Issuer } from '../../src/issuer/operations.ts';
import { defineProduct, type Product } from '../../src/issuer/product.ts';
import {
  type CapabilityAuthority,
  type CapabilityScope,
  createCapabilityAuthority,
} from '../../src/keys/capability.ts';
import { importClearKey } from '../../src/keys/clear.ts';
import { type KeyComponent, splitKey } from '../../src/keys/component.ts';
import type { Key } from '../../src/keys/key.ts';
import type { KeyAttributes } from '../../src/keys/usage.ts';
import { parseServiceCode } from '../../src/pan/card-data.ts';
import { definePanRange } from '../../src/pan/range.ts';
import { parsePin } from '../../src/pin/clear-pin.ts';
import { defineIbm3624Method } from '../../src/pin/ibm3624-method.ts';
import { encryptPinBlock } from '../../src/pinblock/encrypt.ts';
import type { EncryptedPinBlock } from '../../src/pinblock/format.ts';
import type { KeyStore } from '../../src/port.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/port.ts';
import { defineTokenProfile } from '../../src/token/profile.ts';

/** A time to begin at: 2026-06-15T12:00:00Z. */
export const START = 1_781_524_800;

/** A clock that is set by hand. */
export interface TestClock {
  at: number;
  now(): UnixSeconds;
}

/** A key of a name: the same in every run and process, different for every name. */
export function namedKey(name: string, attributes: KeyAttributes, keyBytes: number): Key {
  const bytes = createHash('sha512').update(`cardwright test key ${name}`).digest().subarray(0, keyBytes);
  return importClearKey(attributes, Uint8Array.from(bytes), { parity: 'adjust' });
}

const AES = (usage: KeyAttributes['usage'], mode: KeyAttributes['mode']): KeyAttributes =>
  ({ usage, algorithm: 'A', mode, exportability: 'N' }) as KeyAttributes;
const TDES = (usage: KeyAttributes['usage'], mode: KeyAttributes['mode']): KeyAttributes =>
  ({ usage, algorithm: 'T', mode, exportability: 'E' }) as KeyAttributes;
const HMAC: KeyAttributes = { usage: 'M7', algorithm: 'H', mode: 'C', exportability: 'N' };

/** Label → attributes and length of the keys in the HSM of the tests. */
export const KEYS: { readonly [label: string]: readonly [KeyAttributes, number] } = {
  records: [HMAC, 32],
  'index.1': [HMAC, 32],
  'index.2': [HMAC, 32],
  pins: [HMAC, 32],
  dynamic: [HMAC, 32],
  'dynamic.totp': [{ ...HMAC, mode: 'X' }, 32],
  'dynamic.cvv': [TDES('C0', 'X'), 16],
  tokens: [AES('D0', 'B'), 32],
  'sequence.visa': [AES('D0', 'B'), 32],
  'sequence.amex': [AES('D0', 'B'), 32],
  'sequence.small': [AES('D0', 'B'), 32],
  seal: [AES('D3', 'B'), 32],
  cvk: [TDES('C0', 'C'), 16],
  csck: [TDES('C0', 'C'), 16],
  pvk: [TDES('V2', 'C'), 16],
  'pvk.ibm': [TDES('V1', 'C'), 16],
  'atm.pek': [TDES('P0', 'B'), 16],
  'atm.codes': [TDES('D0', 'B'), 16],
  'atm.kek': [AES('K1', 'B'), 32],
  'aes.pek': [AES('P0', 'B'), 16],
  'emb.pek': [TDES('P0', 'B'), 24],
  'emb.kek': [AES('K1', 'B'), 32],
};

const keys = new Map<string, Key>();

/** A key of the tests' HSM, in the hands of a client or of an oracle. */
export function keyOf<U extends Key = Key>(label: string): U {
  let key = keys.get(label);
  if (key === undefined) {
    const [attributes, keyBytes] = KEYS[label] as readonly [KeyAttributes, number];
    key = namedKey(label, attributes, keyBytes);
    keys.set(label, key);
  }
  return key as U;
}

/** What keys rest under in the tests. */
export function storageKey(): Key<'K1'> {
  return namedKey('storage', AES('K1', 'B'), 32) as Key<'K1'>;
}

/** Two components of the key of a label, as custodians would bring them. */
function componentsOf(label: string): readonly KeyComponent[] {
  const [attributes, keyBytes] = KEYS[label] as (typeof KEYS)[string];
  const exportable = namedKey(label, { ...attributes, exportability: 'E' }, keyBytes);
  const authority = createCapabilityAuthority({ now: () => 0 as UnixSeconds });
  return splitKey(exportable, 2, authority.grant('export-clear-key', 60));
}

/** Brings the keys of the tests into an HSM, as two components each. */
export async function loadKeys(hsm: Hsm, authority: CapabilityAuthority): Promise<void> {
  for (const label of Object.keys(KEYS)) {
    const [attributes] = KEYS[label] as readonly [KeyAttributes, number];
    const components = componentsOf(label).map((component, i) => ({
      ...component,
      permit: authority.grant('load-component', 900, { holder: `custodian-${i}` }),
    }));
    const permit = authority.grant('manage-keys', 900, { holder: 'officer' });
    await hsm.importComponents({ label, attributes, components, permit });
  }
}

export const TOKENS = {
  key: 'tokens',
  profile: defineTokenProfile({ kind: 'alphanumeric' }),
  tenant: 'tests',
} as const;

export const NUMERIC_TOKENS = {
  key: 'tokens',
  profile: defineTokenProfile({ kind: 'numeric', panLengths: [16], keepFirst: 6, keepLast: 0 }),
  tenant: 'tests',
} as const;

const pvvPin = {
  method: 'pvv',
  pvk: 'pvk',
  pvki: '1' as Pvki,
  tagKey: 'pins',
  length: 4,
  tryLimit: 3,
} as const;
const common = {
  tokens: TOKENS,
  cvk: 'cvk',
  serviceCode: parseServiceCode('201'),
  validityMonths: 36,
} as const;
const visa = { range: definePanRange({ iin: '400000', length: 16 }), sequenceKey: 'sequence.visa' } as const;

/** The products of the tests, by identifier. */
export const PRODUCTS: { readonly [id: string]: Product } = {
  classic: defineProduct({
    ...common,
    ...visa,
    id: 'classic',
    scheme: 'visa',
    funding: 'debit',
    pin: { ...pvvPin, recoverable: false },
    dynamicCvv2: { key: 'dynamic', lifetimeSeconds: 600 },
  }),
  sealed: defineProduct({
    ...common,
    ...visa,
    id: 'sealed',
    scheme: 'visa',
    funding: 'credit',
    cvv2Expiry: 'MMYY',
    pin: { ...pvvPin, recoverable: true, sealKey: 'seal' },
    unblocksPerDay: 2,
  }),
  offset: defineProduct({
    ...common,
    ...visa,
    id: 'offset',
    scheme: 'mastercard',
    funding: 'credit',
    tokens: NUMERIC_TOKENS,
    pin: {
      method: 'ibm3624',
      table: 'standard' as MethodName,
      pvk: 'pvk.ibm',
      tagKey: 'pins',
      length: 4,
      tryLimit: 3,
      recoverable: true,
    },
  }),
  amex: defineProduct({
    ...common,
    id: 'amex',
    scheme: 'amex',
    funding: 'credit',
    range: definePanRange({ iin: '370000', length: 15 }),
    sequenceKey: 'sequence.amex',
    cvk: 'csck',
    pin: { ...pvvPin, recoverable: false },
    dynamicCvv2: { key: 'dynamic', lifetimeSeconds: 60 },
  }),
  clock: defineProduct({
    ...common,
    ...visa,
    id: 'clock',
    scheme: 'visa',
    funding: 'debit',
    dynamicCvv2: {
      profile: 'totp',
      key: 'dynamic.totp',
      hash: 'SHA-256',
      t0: 0,
      periodSeconds: 1200,
      window: { past: 1, future: 1 },
    },
  }),
  panel: defineProduct({
    ...common,
    id: 'panel',
    scheme: 'amex',
    funding: 'credit',
    range: definePanRange({ iin: '370000', length: 15 }),
    sequenceKey: 'sequence.amex',
    cvk: 'csck',
    dynamicCvv2: {
      profile: 'cvv-time',
      key: 'dynamic.cvv',
      t0: 1_700_000_000,
      periodSeconds: 3600,
      window: { past: 0, future: 0 },
    },
  }),
  gift: defineProduct({
    ...common,
    ...visa,
    id: 'gift',
    scheme: 'other',
    funding: 'prepaid',
    validityMonths: 12,
  }),
  small: defineProduct({
    ...common,
    id: 'small',
    scheme: 'visa',
    funding: 'prepaid',
    range: definePanRange({
      iin: '40000099',
      length: 15,
      exclude: [{ from: '001000', to: '999999' }],
    }),
    sequenceKey: 'sequence.small',
  }),
};

/** The policy of the tests: one pinned table, everything else as it is by default. */
export const POLICY_OF_TESTS = defineHsmPolicy({
  ibm3624Methods: {
    standard: defineIbm3624Method({
      dectab: '0123456789012345',
      validationData: { start: 0, from: 'left', digits: 16, padSide: 'right', padDigit: 'F' },
      pinLength: 4,
    }),
  },
});

/** An issuer and what it stands on. */
export interface World {
  readonly issuer: Issuer;
  readonly hsm: Hsm;
  readonly store: Store;
  readonly keyStore: KeyStore;
  readonly clock: TestClock;
  readonly authority: CapabilityAuthority;
  readonly events: AuditEvent[];
  readonly hsmEvents: AuditEvent[];
  permit(scope: CapabilityScope, holder?: string): ReturnType<CapabilityAuthority['grant']>;
  /** An account of a customer, both new. */
  account(name?: string): Promise<{ readonly customer: CustomerId; readonly account: AccountId }>;
  /** A PIN in a block of the client ATM, as its holder's cash machine would make it. */
  block(token: PanToken, pin: string, format?: 'ISO-0' | 'ISO-3'): Promise<EncryptedPinBlock>;
  panOf(token: PanToken): Promise<Pan>;
}

/** What of a world may be other than usual. */
export interface WorldOptions extends Partial<Pick<IssuerOptions, 'anchor' | 'accounts'>> {
  readonly store?: Store;
  readonly keyStore?: KeyStore;
  readonly hsm?: (hsm: Hsm) => Hsm;
  readonly indexKeys?: readonly string[];
  readonly policy?: typeof POLICY_OF_TESTS;
  /** `PRODUCTS` unless said. */
  readonly products?: readonly Product[];
  readonly at?: number;
}

/** Clients of the tests: a network of cash machines, one with AES, two that emboss, one without a key. */
export const CLIENTS: IssuerOptions['clients'] = {
  ATM: { pek: 'atm.pek', codes: 'atm.codes', kek: 'atm.kek' },
  AES: { pek: 'aes.pek' },
  EMB: { pek: 'emb.pek', kek: 'emb.kek' },
  AEM: { pek: 'aes.pek', kek: 'emb.kek' },
  BAR: {},
};

/** A world with an empty store. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const clock: TestClock = {
    at: options.at ?? START,
    now() {
      return this.at as UnixSeconds;
    },
  };
  const authority = createCapabilityAuthority(clock);
  const keyStore = options.keyStore ?? createMemoryKeyStore();
  const hsmEvents: AuditEvent[] = [];
  const events: AuditEvent[] = [];
  const soft = createSoftHsm({
    storageKey: storageKey(),
    keyStore,
    authority,
    clock,
    policy: options.policy ?? POLICY_OF_TESTS,
    audit: (event) => void hsmEvents.push(event),
  });
  if ((await keyStore.list()).length === 0) await loadKeys(soft, authority);
  const hsm = options.hsm?.(soft) ?? soft;
  const store = options.store ?? createMemoryStore();
  const issuer = await createIssuer({
    hsm,
    store,
    keys: { records: 'records', panIndex: options.indexKeys ?? ['index.1'] },
    products: options.products ?? Object.values(PRODUCTS),
    clients: CLIENTS,
    clock,
    audit: (event) => void events.push(event),
    ...(options.anchor && { anchor: options.anchor }),
    ...(options.accounts && { accounts: options.accounts }),
  });
  const permit: World['permit'] = (scope, holder) =>
    authority.grant(scope, 900, holder === undefined ? {} : { holder });
  let accounts = 0;
  const panOf: World['panOf'] = async (token) =>
    (await issuer.revealPan({ token, permit: permit('reveal-pan') })).pan;
  return {
    issuer,
    hsm,
    store,
    keyStore,
    clock,
    authority,
    events,
    hsmEvents,
    permit,
    panOf,
    async account(name = `a${++accounts}`) {
      const customer = `c-${name}` as CustomerId;
      const account = name as AccountId;
      await issuer.accounts.addCustomer(customer);
      await issuer.accounts.openAccount(customer, account);
      return { customer, account };
    },
    async block(token, pin, format = 'ISO-0') {
      return encryptPinBlock(keyOf<Key<'P0'>>('atm.pek'), parsePin(pin), await panOf(token), format);
    },
  };
}
