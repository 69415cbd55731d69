/**
 * Where the kernel is found once it is loaded. Apart from kernel.ts, which brings the binary along: whoever only
 * looks here, to be faster where there is a kernel anyhow, ships none.
 */
import { AES_KEYS, AES_KEYS_BYTES } from './memory.ts';

/** What the kernel offers; addresses and their meaning are those of memory.ts. */
export interface Kernel {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  cryptBlocks(from: number, to: number, blocks: number, passes: number): void;
  encryptDigits(rows: number, chained: number, variants: number, kind: number, count: number): number;
  luhn(
    at: number,
    stride: number,
    encoding: number,
    rows: number,
    vectors: number,
    parts: number,
    missing: number,
  ): number;
  zeroBits(rows: number): void;
  prepareAesKeys(rounds: number): void;
  encryptAesBlocks(from: number, blocks: number, rounds: number): void;
  ff1(even: number, odd: number, b: number, forward: number, aesRounds: number): void;
  ff1Many(
    rows: number,
    even: number,
    odd: number,
    b: number,
    forward: number,
    aesRounds: number,
    leadStep: number,
  ): void;
  ff1Blocks(rows: number, i: number, kept: number, b: number, leadStep: number): void;
  ff1Step(rows: number, changed: number, modulus: number, forward: number): void;
  readHalves(
    rows: number,
    column: number,
    stride: number,
    encoding: number,
    first: number,
    u: number,
    v: number,
    a: number,
    b: number,
  ): void;
  writeHalves(
    rows: number,
    column: number,
    stride: number,
    first: number,
    u: number,
    v: number,
    a: number,
    b: number,
  ): void;
}

/** `undefined`: not asked for yet; `null`: there is none. */
let kernel: Kernel | null | undefined;
let isSwitchedOff = false;
let isLocked = false;
/** Whose round keys lie in the kernel. */
let keyOwner: object | undefined;

/** Whether it was tried to load the kernel. */
export function isKernelSettled(): boolean {
  return kernel !== undefined;
}

/** Puts the kernel in its place, or `null` where there is none; one that was there forgets its round keys. */
export function settleKernel(found: Kernel | null): void {
  kernel?.bytes.fill(0, AES_KEYS, AES_KEYS + AES_KEYS_BYTES);
  kernel = found;
  keyOwner = undefined;
}

/**
 * Runs what calls foreign code in the midst of a job: should that come back to the library, it finds no kernel, and
 * the memory of the job stays as it is.
 */
export function withLockedKernel(run: () => void): void {
  isLocked = true;
  try {
    run();
  } finally {
    isLocked = false;
  }
}

/** The kernel where it is loaded and not switched off. */
export function kernelIfLoaded(): Kernel | undefined {
  return isSwitchedOff || isLocked ? undefined : (kernel ?? undefined);
}

/** For tests, benchmarks and the conformance runs: the portable paths although there is a kernel. */
export function switchKernel(on: boolean): void {
  isSwitchedOff = !on;
}

/**
 * Makes the round keys of a cipher those of the kernel, where they are not already.
 *
 * @param roundKeys  as FIPS 197 has them, 16 bytes each
 * @returns          the number of rounds
 */
export function useAesKeys(loaded: Kernel, owner: object, roundKeys: Uint8Array): number {
  const rounds = roundKeys.length / 16 - 1;
  if (keyOwner !== owner) {
    loaded.bytes.set(roundKeys, AES_KEYS);
    loaded.prepareAesKeys(rounds);
    keyOwner = owner;
  }
  return rounds;
}

/** Overwrites the round keys of a cipher that is wiped, where they are the kernel's. */
export function forgetAesKeys(owner: object): void {
  if (keyOwner !== owner) return;
  keyOwner = undefined;
  kernel?.bytes.fill(0, AES_KEYS, AES_KEYS + AES_KEYS_BYTES);
}
