/**
 * The kernel: bitsliced DES and AES in WebAssembly with vectors of 128 bits.
 *
 * It is compiled when it is first needed, or by `loadKernel`. Where there is no WebAssembly, or none
 * with vectors, or none may be compiled, there is no kernel, and the portable paths do its work.
 */
import { fail } from '../error.ts';
import { KERNEL_BASE64 } from './binary.ts';

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
  ): number;
}

/** `undefined`: not asked for yet; `null`: there is none. */
let kernel: Kernel | null | undefined;
let isSwitchedOff = false;

/** The kernel, compiled now where it was not before; `undefined` where there is none. */
export function kernelNow(): Kernel | undefined {
  if (kernel === undefined) {
    try {
      kernel = started(new WebAssembly.Module(kernelBinary()));
    } catch {
      kernel = null;
    }
  }
  return isSwitchedOff ? undefined : (kernel ?? undefined);
}

/** The kernel where it is loaded already. */
export function kernelIfLoaded(): Kernel | undefined {
  return isSwitchedOff ? undefined : (kernel ?? undefined);
}

/**
 * Loads the kernel ahead of its first use. Needed where code may not be compiled from bytes, as in some
 * edge workers, which hand in the module; elsewhere it only saves the first batch a few milliseconds.
 *
 * @param module  compiled from the bytes of `kernelBinary()`
 * @returns       whether there is a kernel now; without one, batches take the portable path
 * @throws ERR_INPUT  the module is another one
 */
export async function loadKernel(module?: WebAssembly.Module): Promise<boolean> {
  if (module !== undefined) {
    try {
      kernel = started(module);
    } catch {
      fail('ERR_INPUT', 'module', 'a WebAssembly.Module compiled from kernelBinary()');
    }
  } else if (kernel === undefined || kernel === null) {
    try {
      kernel = started(await WebAssembly.compile(kernelBinary()));
    } catch {
      kernel = null;
    }
  }
  return kernel !== null;
}

/** For tests and benchmarks: the portable paths although there is a kernel. */
export function switchKernel(on: boolean): void {
  isSwitchedOff = !on;
}

/** The bytes of the kernel, for whoever compiles it himself. */
export function kernelBinary(): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array((KERNEL_BASE64.length / 4) * 3);
  let at = 0;
  for (let i = 0; i < KERNEL_BASE64.length; i += 4) {
    let group = 0;
    for (let k = 0; k < 4; k++) group = (group << 6) | sextet(KERNEL_BASE64.charCodeAt(i + k));
    out[at++] = group >>> 16;
    out[at++] = group >>> 8;
    out[at++] = group;
  }
  return out.slice(0, at - (KERNEL_BASE64.endsWith('==') ? 2 : KERNEL_BASE64.endsWith('=') ? 1 : 0));
}

/** The value of a character of base64; 0 for the padding. */
function sextet(code: number): number {
  if (code >= 0x61) return code - 71;
  if (code >= 0x41) return code - 65;
  if (code >= 0x30) return code <= 0x39 ? code + 4 : 0;
  return code === 0x2b ? 62 : 63;
}

function started(module: WebAssembly.Module): Kernel {
  const { exports } = new WebAssembly.Instance(module);
  const { memory, cryptBlocks, encryptDigits, luhn } = exports as unknown as Kernel & {
    readonly memory: WebAssembly.Memory;
  };
  return {
    bytes: new Uint8Array(memory.buffer),
    words: new Int32Array(memory.buffer),
    cryptBlocks,
    encryptDigits,
    luhn,
  };
}
