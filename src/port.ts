/**
 * What the pure core is handed from outside: randomness, time, storage. Types only.
 */
import type { UnixSeconds } from './brand.ts';

/** A source of uniform random bytes. */
export interface RandomSource {
  /** Overwrites every byte of `out` with a fresh random one; throws where it cannot. */
  fill(out: Uint8Array): void;
}

/** A clock. */
export interface Clock {
  /** Whole seconds since the UNIX epoch. */
  now(): UnixSeconds;
}

/**
 * A record with compare-and-set: the only storage primitive the core needs.
 *
 * `read` returns `undefined` for an identifier it does not know, and throws when it cannot tell.
 * `compareAndSet` replaces the record when it still equals `expected` (by value) and answers
 * `'done'` once the change is durable; `'stale'` when it no longer equals, having changed nothing.
 * It throws when it does not know whether the change was made.
 */
export interface RecordPort<T> {
  read(id: string): Promise<T | undefined>;
  compareAndSet(id: string, expected: T, next: T): Promise<'done' | 'stale'>;
}

/** AES of a platform under one key. */
export interface PlatformCipher {
  /** Enciphers whole blocks of 16 bytes of `src` into `dst`, which has the same length and may be `src`. */
  encryptBlocks(src: Uint8Array, dst: Uint8Array): void;
  /** Forgets the key, as well as the platform can. */
  wipe(): void;
}

/** Ciphers of a platform that are faster than this library's over many blocks; see `defineCipherBackend`. */
export interface CipherBackend {
  /** AES under a key of 16, 24 or 32 bytes. The bytes are overwritten afterwards: copy what is needed. */
  aes(key: Uint8Array): PlatformCipher;
}

/** A key as it rests: under a storage key, bound to its label. */
export interface StoredKey {
  readonly label: string;
  /** 1 for a new label; one more with each change. */
  readonly revision: number;
  /** A key block, or nothing where the key was destroyed. */
  readonly keyBlock: string;
}

/** Where an HSM keeps its key blocks. */
export interface KeyStore {
  /** The key of a label; `undefined` where there never was one. Throws when it cannot tell. */
  get(label: string): Promise<StoredKey | undefined>;
  /** All keys, in the order of their labels. */
  list(): Promise<readonly StoredKey[]>;
  /**
   * Stores a key whose label stood at `expected` (0: there was none), durably; `'stale'` where it stood
   * elsewhere, and then nothing changes.
   */
  put(key: StoredKey, expected: number): Promise<'done' | 'stale'>;
}
