/**
 * An HSM emulated in software: the functions of an HSM over the modules of this library.
 *
 * It keeps keys out of the caller's hands and off the disk in clear, and does what an HSM refuses to do as little
 * as one would. It is no HSM: whoever reads the memory of the process has the keys.
 */
import { randomSource } from '../bytes/random.ts';
import { fail } from '../error.ts';
import { readOptions, requireMethods, requireObject } from '../input.ts';
import { cipherBackends } from '../keys/backend.ts';
import type { CapabilityAuthority } from '../keys/capability.ts';
import { type Key, materialFor } from '../keys/key.ts';
import type { CipherBackend, Clock, KeyStore, RandomSource } from '../port.ts';
import { type AuditHook, auditor, requireHook } from './audit.ts';
import { batchFunctions } from './batch.ts';
import { cardFunctions } from './card.ts';
import { envelopeFunctions } from './envelope.ts';
import type { Hsm } from './functions.ts';
import type { Inside } from './inside.ts';
import { keyFunctions } from './key.ts';
import { pinFunctions } from './pin.ts';
import { defineHsmPolicy, type HsmPolicy, hsmPolicies } from './policy.ts';
import { recordFunctions } from './record.ts';
import { timeCodeFunctions } from './time-code.ts';
import { tokenFunctions } from './token.ts';
import { Vault } from './vault.ts';

/** What an emulated HSM is made of. */
export interface SoftHsmOptions {
  /** What keys rest under: AES of 32 bytes, usage K1, mode B or N, exportability N. */
  readonly storageKey: Key<'K1'>;
  readonly keyStore: KeyStore;
  /** Whose capabilities count. */
  readonly authority: CapabilityAuthority;
  readonly clock: Clock;
  /** `defineHsmPolicy()` unless said. */
  readonly policy?: HsmPolicy;
  /** Told of every operation but those on records and questions about keys and capabilities; nobody unless said. */
  readonly audit?: AuditHook;
  readonly random?: RandomSource;
  /** AES of the platform for whole batches. */
  readonly backend?: CipherBackend;
}

/**
 * An HSM in software.
 *
 * @throws ERR_KEY_USAGE | ERR_KEY_MODE | ERR_KEY_LENGTH | ERR_KEY_EXPORT | ERR_KEY_DESTROYED  the storage key may not
 * @throws ERR_INPUT  anything else that is not what it should be
 * @source own construction over ANSI X9.143:2021 (keys at rest); PCI PIN Security 3.1, 29 to 33 · evidence: vectors/tr31
 */
export function createSoftHsm(options: SoftHsmOptions): Hsm {
  requireObject(options, 'options');
  const read = readOptions(options, 'options', [
    'storageKey',
    'keyStore',
    'authority',
    'clock',
    'policy',
    'audit',
    'random',
    'backend',
  ]);
  const storageKey = requireStorageKey(read.storageKey as Key<'K1'>);
  const keyStore = requireMethods<KeyStore>(read.keyStore, 'keyStore', ['get', 'list', 'put']);
  const authority = requireMethods<CapabilityAuthority>(read.authority, 'authority', ['grant']);
  const clock = requireMethods<Clock>(read.clock, 'clock', ['now']);
  const policy = read.policy ?? defineHsmPolicy();
  hsmPolicies.require(policy, 'policy');
  const random = randomSource(read.random);
  if (read.backend !== undefined) cipherBackends.require(read.backend, 'backend');
  const inside: Inside = {
    vault: new Vault(storageKey, keyStore, clock, random),
    policy,
    authority,
    clock,
    random,
    backend: read.backend === undefined ? {} : { backend: read.backend },
    audit: auditor(requireHook(read.audit ?? (() => undefined)), clock),
  };
  return Object.freeze({
    ...cardFunctions(inside),
    ...timeCodeFunctions(inside),
    ...pinFunctions(inside),
    ...tokenFunctions(inside),
    ...envelopeFunctions(inside),
    ...recordFunctions(inside),
    ...keyFunctions(inside),
    ...batchFunctions(inside),
  });
}

/** Under it every other key rests: the longest, and one that never leaves. */
function requireStorageKey(key: Key<'K1'>): Key<'K1'> {
  materialFor(key, 'wrapKeyBlock');
  materialFor(key, 'unwrapKeyBlock');
  const { algorithm, exportability } = key.attributes;
  if (algorithm !== 'A') fail('ERR_KEY_ALGORITHM', 'storageKey', 'an AES key', algorithm);
  if (key.keyBytes !== 32) fail('ERR_KEY_LENGTH', 'storageKey', '32 bytes', `length=${key.keyBytes}`);
  if (exportability !== 'N') fail('ERR_KEY_EXPORT', 'storageKey', 'exportability N', exportability);
  return key;
}
