/**
 * The keys of an emulated HSM: each at rest in a key block of version D under the storage key, bound to its
 * label (optional block LB) and its state; opened once and kept.
 *
 * A store that hands out the block of another label, or one that was changed, is found. One that was put back
 * to an earlier day is not: a retired key would be live again. That needs an anchor outside.
 */
import { type ErrorCode, fail, kindOf, PaymentCryptoError } from '../error.ts';
import { requirePattern, requireWhole } from '../input.ts';
import { type CapabilityAuthority, createCapabilityAuthority } from '../keys/capability.ts';
import { type Key, materialFor, requireUsage } from '../keys/key.ts';
import { parseKeyBlockHeader, unwrapKeyBlock, wrapKeyBlock } from '../keys/key-block.ts';
import type { Operation, UsageFor } from '../keys/policy.ts';
import { POLICY } from '../keys/policy.ts';
import type { Clock, KeyStore, RandomSource, StoredKey } from '../port.ts';
import type { KeyInfo, KeyLabel } from './functions.ts';

/** Optional block of the label (X9.143:2021, table 4), and one of ours for the state. */
const LABEL_BLOCK = 'LB';
const STATE_BLOCK = '1S';
const RETIRED = 'RETIRED';

/** What a retired key still does. */
const RETIRED_MAY: ReadonlySet<Operation> = /* @__PURE__ */ new Set<Operation>([
  'verifyCvv',
  'verifyCsc',
  'verifyTotp',
  'verifyDynamicCode',
  'verifyPvv',
  'verifyPinOffset',
  'verifyPinTag',
  'verifyRecordTag',
  'decryptPinBlock',
  'detokenizePan',
  'tokenizePan',
  'indexPan',
  'openCode',
  'openField',
  'openEnvelope',
  'unwrapKeyBlock',
]);

/** How long the vault permits itself to store a key. */
const STORE_SECONDS = 60;

/** A key that was opened. */
export interface HeldKey {
  readonly key: Key;
  readonly retired: boolean;
  readonly revision: number;
}

/** A label, checked. */
export function requireLabel(label: unknown, field = 'label'): KeyLabel {
  return requirePattern(label, /^[A-Za-z0-9._/-]{1,64}$/, 64, field, '1 to 64 of A-Z a-z 0-9 . _ - /');
}

/** What of a held key may be told. */
export function infoOf(label: KeyLabel, { key, retired }: HeldKey): KeyInfo {
  const { attributes, keyBytes, kcv } = key;
  return Object.freeze({ label, state: retired ? 'retired' : 'live', attributes, keyBytes, kcv });
}

/** The keys of one HSM. */
export class Vault {
  readonly #storageKey: Key<'K1'>;
  readonly #store: KeyStore;
  /** Its own: that a key goes into the store is the vault's decision. */
  readonly #authority: CapabilityAuthority;
  readonly #random: RandomSource;
  readonly #held: Map<KeyLabel, Promise<HeldKey>> = new Map();

  constructor(storageKey: Key<'K1'>, store: KeyStore, clock: Clock, random: RandomSource) {
    this.#storageKey = storageKey;
    this.#store = store;
    this.#authority = createCapabilityAuthority(clock);
    this.#random = random;
  }

  /** The key of a label, which may do the operation. */
  async use<O extends Operation>(label: unknown, operation: O, field = 'label'): Promise<Key<UsageFor<O>>> {
    const { key, retired } = await this.hold(requireLabel(label, field));
    if (!POLICY[operation].some(({ usage }) => usage === key.attributes.usage))
      fail('ERR_KEY_USAGE', field, `a key that may ${operation}`, `usage ${key.attributes.usage}`);
    if (retired && !RETIRED_MAY.has(operation))
      fail('ERR_KEY_RETIRED', field, `a live key to ${operation}`, 'a retired one');
    const typed = requireUsage(key, key.attributes.usage) as Key<UsageFor<O>>;
    materialFor(typed, operation);
    return typed;
  }

  /** Refuses a retired key where something new is made with what it otherwise looks up: tokens, indexes. */
  async requireLive(label: unknown, field: string): Promise<void> {
    const { retired } = await this.hold(requireLabel(label, field));
    if (retired) fail('ERR_KEY_RETIRED', field, 'a live key for a new card', 'a retired one');
  }

  /** What the store says of a label now; a key that somebody else retired or destroyed is let go. */
  async look(label: KeyLabel): Promise<KeyInfo> {
    const stored = await this.stored(label);
    if (stored === undefined) return fail('ERR_NOT_FOUND', 'label', 'the label of a key');
    const held = await this.#held.get(label)?.catch(() => undefined);
    if (held !== undefined && held.revision !== stored.revision) this.#held.delete(label);
    return stored.keyBlock === ''
      ? Object.freeze({ label, state: 'destroyed' as const })
      : infoOf(label, await this.hold(label));
  }

  /** The key of a label, whatever it is for. */
  hold(label: KeyLabel): Promise<HeldKey> {
    let held = this.#held.get(label);
    if (held === undefined) {
      held = this.#open(label);
      this.#held.set(label, held);
      // What failed is asked again: the store may be back, or the key there.
      held.catch(() => this.#held.delete(label));
    }
    return held;
  }

  async #open(label: KeyLabel): Promise<HeldKey> {
    const stored = await this.stored(label);
    if (stored === undefined) return fail('ERR_NOT_FOUND', 'label', 'the label of a key');
    if (stored.keyBlock === '') return fail('ERR_KEY_DESTROYED', 'label', 'a key that is not destroyed');
    return this.#unwrap(stored);
  }

  #unwrap({ label, keyBlock, revision }: StoredKey): HeldKey {
    try {
      const key = unwrapKeyBlock(this.#storageKey, keyBlock);
      const { optionalBlocks } = parseKeyBlockHeader(keyBlock);
      const textOf = (wanted: string): string | undefined =>
        optionalBlocks.find(({ id }) => id === wanted)?.text;
      if (textOf(LABEL_BLOCK) === label) return { key, revision, retired: textOf(STATE_BLOCK) === RETIRED };
    } catch {
      // One answer for every cause, below.
    }
    return fail('ERR_STORE_CORRUPT', 'label', 'a key block of this storage key and label');
  }

  /** What the store holds of a label, checked for its shape. */
  async stored(label: KeyLabel): Promise<StoredKey | undefined> {
    const stored = await this.#ask(() => this.#store.get(label));
    return stored === undefined ? undefined : readStored(stored, label);
  }

  /** Everything that the store holds. */
  async list(): Promise<readonly KeyInfo[]> {
    const all: unknown = await this.#ask(() => this.#store.list());
    if (!Array.isArray(all)) return fail('ERR_STORE_CORRUPT', 'keyStore', 'a list', kindOf(all));
    return all.map((item: unknown) => {
      const stored = readStored(item, undefined);
      return stored.keyBlock === ''
        ? Object.freeze({ label: stored.label, state: 'destroyed' as const })
        : infoOf(stored.label, this.#unwrap(stored));
    });
  }

  /** Stores a key at a label that stood at `expected`, and holds it from now on. */
  async keep(label: KeyLabel, key: Key, retired: boolean, expected: number): Promise<HeldKey> {
    const state = retired ? [{ id: STATE_BLOCK, text: RETIRED }] : [];
    const keyBlock = wrapKeyBlock(this.#storageKey, key, 'D', {
      purpose: 'storage',
      permit: this.#authority.grant('store-key', STORE_SECONDS),
      optionalBlocks: [{ id: LABEL_BLOCK, text: label }, ...state],
      random: this.#random,
    });
    await this.#put({ label, keyBlock, revision: expected + 1 }, expected);
    const held = { key, retired, revision: expected + 1 };
    this.#held.set(label, Promise.resolve(held));
    return held;
  }

  /** Destroys the key of a label, for good. */
  async destroy(label: KeyLabel): Promise<void> {
    const stored = await this.stored(label);
    if (stored === undefined) return fail('ERR_NOT_FOUND', 'label', 'the label of a key');
    if (stored.keyBlock === '') return fail('ERR_KEY_DESTROYED', 'label', 'a key that is not destroyed');
    await this.#put({ label, keyBlock: '', revision: stored.revision + 1 }, stored.revision);
    const held = this.#held.get(label);
    this.#held.delete(label);
    await held?.then(({ key }) => key.destroy()).catch(() => undefined);
  }

  async #put(key: StoredKey, expected: number): Promise<void> {
    const answer: unknown = await this.#ask(() => this.#store.put(key, expected));
    if (answer === 'stale') {
      // What is held is not what the store has any more.
      this.#held.delete(key.label);
      fail(expected === 0 ? 'ERR_EXISTS' : 'ERR_CONFLICT', 'label', 'a label that nobody else is changing');
    }
    if (answer !== 'done') fail('ERR_STORE_CORRUPT', 'keyStore', `'done' or 'stale'`, kindOf(answer));
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (cause) {
      const code: ErrorCode = 'ERR_STORE_UNAVAILABLE';
      throw new PaymentCryptoError(code, 'keyStore', '"keyStore" expected an answer, got an error', cause);
    }
  }
}

function readStored(value: unknown, label: KeyLabel | undefined): StoredKey {
  const shape = 'a stored key';
  if (typeof value !== 'object' || value === null)
    return fail('ERR_STORE_CORRUPT', 'keyStore', shape, kindOf(value));
  const stored = value as StoredKey;
  const { revision, keyBlock } = stored;
  const of =
    label ??
    requirePattern(stored.label, /^[A-Za-z0-9._/-]{1,64}$/, 64, 'keyStore', shape, 'ERR_STORE_CORRUPT');
  if (stored.label !== of) fail('ERR_STORE_CORRUPT', 'keyStore', 'the key of the label that was asked for');
  requireWhole(revision, 'keyStore', 1, Number.MAX_SAFE_INTEGER, 'ERR_STORE_CORRUPT');
  requirePattern(keyBlock, /^[\x20-\x7e]*$/, 9999, 'keyStore', shape, 'ERR_STORE_CORRUPT');
  return { label: of, revision, keyBlock };
}
