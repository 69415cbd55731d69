/** What the functions of an emulated HSM share: its keys, policy, clock and randomness. */
import type { Pan, Tag } from '../brand.ts';
import { bytesToHex } from '../bytes/hex.ts';
import { fail } from '../error.ts';
import { readParts, requireObject } from '../input.ts';
import type { BackendOptions } from '../keys/bulk.ts';
import type { CapabilityAuthority } from '../keys/capability.ts';
import { type Key, materialFor } from '../keys/key.ts';
import type { Operation, UsageFor } from '../keys/policy.ts';
import { hmacSha256With } from '../mode/hmac.ts';
import type { Clock, RandomSource } from '../port.ts';
import { detokenizePan } from '../token/tokenize.ts';
import { type AuditEvent, type Audited, type Auditor, holderIn, maskToken } from './audit.ts';
import type { CardReference, KeyLabel } from './functions.ts';
import type { HsmPolicy } from './policy.ts';
import type { Vault } from './vault.ts';

/** The inside of one HSM. */
export interface Inside {
  readonly vault: Vault;
  readonly policy: HsmPolicy;
  readonly authority: CapabilityAuthority;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly backend: BackendOptions;
  readonly audit: Auditor;
}

/** The PAN of a card that a request names. It stays inside. */
export async function panOfCard(inside: Inside, card: CardReference, field = 'card'): Promise<Pan> {
  requireObject(card, field);
  const { token, domain } = card;
  requireObject(domain, field);
  const key = await inside.vault.use(domain.key, 'detokenizePan', `${field}.domain.key`);
  return detokenizePan(key, token, domain.profile, domain.tenant);
}

const macs = /* @__PURE__ */ new WeakMap<Key, (message: Uint8Array) => Uint8Array>();

/** HMAC-SHA-256 under a key that may do the operation. */
export function macUnder<O extends Operation>(
  key: Key<UsageFor<O>>,
  operation: O,
): (message: Uint8Array) => Uint8Array {
  const material = materialFor(key, operation);
  let mac = macs.get(key);
  if (mac === undefined) {
    mac = hmacSha256With(material);
    macs.set(key, mac);
  }
  return mac;
}

/** A code as it is stored: 64 hex digits. */
export function tagText(mac: Uint8Array): Tag {
  return bytesToHex(mac) as Tag;
}

/** Parts of requests that are plain objects. Definitions and capabilities are known by their identity: they stay. */
const PARTS: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'card',
  'from',
  'to',
  'targetCard',
  'domain',
  'method',
  'pin',
  'current',
  'block',
  'requested',
  'target',
  'sequence',
  'embosser',
  'subject',
  'issued',
  'scheme',
  'window',
]);

/** A request, or a part that its list names, as it is now. */
export function readPart<T extends object>(value: T, field: string): T {
  return readParts(value, field, PARTS);
}

/** What of a request the audit may see: labels, the masked card, who holds the capability. */
interface Told {
  readonly card?: { readonly token?: unknown };
  readonly from?: { readonly token?: unknown };
  readonly subject?: { readonly card?: unknown };
  readonly permit?: unknown;
  readonly embosser?: { readonly permit?: unknown };
}

function aboutOf<R extends object>(
  operation: string,
  request: R,
  keysOf: (request: R) => readonly unknown[],
): Audited {
  const { card, from, subject, permit, embosser } = request as Told;
  const keys = keysOf(request).filter((label): label is KeyLabel => typeof label === 'string');
  const token = (card ?? from)?.token ?? subject?.card;
  return {
    operation,
    keys: Object.freeze(keys.map((label) => label.slice(0, 64))),
    ...(typeof token === 'string' && { subject: maskToken(token.slice(0, 64)) }),
    ...holderIn(permit ?? embosser?.permit),
  };
}

/** Runs one operation on a request, and tells of it. */
export async function operate<R extends object, T>(
  inside: Inside,
  operation: string,
  request: R,
  keysOf: (request: R) => readonly unknown[],
  act: (request: R) => T | Promise<T>,
  outcomeOf?: (result: T) => AuditEvent['outcome'],
): Promise<T> {
  const read = readPart(request, 'request');
  return inside.audit.run(aboutOf(operation, read, keysOf), () => act(read), outcomeOf);
}

/** Prepares one operation on a request, and tells where it is refused; what comes of it operates, and tells. */
export async function prepare<R extends object, T>(
  inside: Inside,
  operation: string,
  request: R,
  keysOf: (request: R) => readonly unknown[],
  act: (request: R) => Promise<() => T | Promise<T>>,
  outcomeOf: (result: T) => AuditEvent['outcome'],
): Promise<() => Promise<T>> {
  const read = readPart(request, 'request');
  const about = aboutOf(operation, read, keysOf);
  const prepared = await inside.audit.prepare(about, () => act(read));
  return () => inside.audit.run(about, prepared, outcomeOf);
}

/** The outcome of a comparison. */
export function verdict(right: boolean): 'verified' | 'rejected' {
  return right ? 'verified' : 'rejected';
}

/** Refuses a text that is none, or too long for a context. */
export function requireContext(context: unknown): string {
  if (typeof context !== 'string' || context.length > 512 || !/^[\x20-\x7e]*$/.test(context))
    fail('ERR_INPUT', 'context', 'at most 512 printable ASCII characters');
  return context;
}
