/**
 * The kernel: bitsliced DES and AES, FF1 and sums in WebAssembly with vectors of 128 bits.
 *
 * It is compiled when it is first needed, or by `loadKernel`. Where there is no WebAssembly, or none
 * with vectors, or none may be compiled, there is no kernel, and the portable paths do its work.
 */
import { fail } from '../error.ts';
import { KERNEL_BASE64 } from './binary.ts';
import {
  AES_KEYS,
  AES_KEYS_BYTES,
  AES_STATE,
  COLUMNS,
  ENCODINGS,
  LAYOUTS,
  MEMORY_BYTES,
  OUTPUTS,
} from './memory.ts';
import { isKernelSettled, type Kernel, kernelIfLoaded, settleKernel } from './slot.ts';

/** The kernel, compiled now where it was not before; `undefined` where there is none. */
export function kernelNow(): Kernel | undefined {
  if (!isKernelSettled()) settleKernel(compiled());
  return kernelIfLoaded();
}

function compiled(): Kernel | null {
  try {
    return started(new WebAssembly.Module(kernelBinary()));
  } catch {
    return null;
  }
}

/**
 * Loads the kernel ahead of its first use. Needed where code may not be compiled from bytes, as in some
 * edge workers, which hand in the module. Elsewhere it saves the first batch some milliseconds, and lets single calls of FF1 use
 * the kernel too, which otherwise do so once some batch has loaded it.
 *
 * @param module  a WebAssembly.Module, compiled from the bytes of `kernelBinary()`
 * @returns       whether there is a kernel now; without one, all goes by the portable paths
 * @throws ERR_INPUT  the module is another one
 * @source WebAssembly Core Specification 2.0 (vector instructions); the kernel is ours
 */
export async function loadKernel(module?: object): Promise<boolean> {
  if (module !== undefined) {
    try {
      settleKernel(started(module as WebAssembly.Module));
    } catch {
      fail('ERR_INPUT', 'module', 'a WebAssembly.Module compiled from kernelBinary()');
    }
  } else if (kernelIfLoaded() === undefined) {
    let found: Kernel | null = null;
    try {
      found = started(await WebAssembly.compile(kernelBinary()));
    } catch {
      // There is none, unless a batch has found one meanwhile.
    }
    if (kernelIfLoaded() === undefined) settleKernel(found);
  }
  return kernelIfLoaded() !== undefined;
}

/**
 * The bytes of the kernel, for whoever compiles it himself.
 *
 * @returns a WebAssembly module
 * @source WebAssembly Core Specification 2.0 (vector instructions); the kernel is ours
 */
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

/** What the kernel's module must export, beside its memory. */
const FUNCTIONS: readonly Exclude<keyof Kernel, 'bytes' | 'words'>[] = [
  'cryptBlocks',
  'encryptDigits',
  'luhn',
  'zeroBits',
  'prepareAesKeys',
  'encryptAesBlocks',
  'ff1',
  'ff1Many',
  'ff1Blocks',
  'ff1Step',
  'readHalves',
  'writeHalves',
];

/** Memory of WebAssembly is little-endian; typed arrays are what the machine is. */
const IS_LITTLE_ENDIAN: boolean = /* @__PURE__ */ (() => new Uint8Array(Uint16Array.of(1).buffer)[0] === 1)();

function started(module: WebAssembly.Module): Kernel {
  if (!IS_LITTLE_ENDIAN) fail('ERR_UNSUPPORTED', 'module', 'a little-endian machine');
  const { exports } = new WebAssembly.Instance(module);
  const found = exports as Omit<Kernel, 'bytes' | 'words'> & { readonly memory: WebAssembly.Memory };
  for (const name of FUNCTIONS)
    if (typeof found[name] !== 'function') fail('ERR_INPUT', 'module', `the function ${name}`);
  const { buffer } = found.memory;
  const kernel = { ...found, bytes: new Uint8Array(buffer), words: new Int32Array(buffer) };
  if (buffer.byteLength !== MEMORY_BYTES || !isThisRelease(kernel))
    fail('ERR_INPUT', 'module', 'the kernel of this release');
  return kernel;
}

/** The sum of three fives, and AES of a zero block under round keys of zeros: a kernel with other places in its memory fails them. */
function isThisRelease(kernel: Kernel): boolean {
  const { bytes } = kernel;
  bytes.fill(0x35, COLUMNS, COLUMNS + 64);
  bytes.fill(255, LAYOUTS, LAYOUTS + 3);
  kernel.luhn(COLUMNS, 16, ENCODINGS.ascii, 1, LAYOUTS, 1, 0);
  const sum = bytes[OUTPUTS];
  bytes.fill(0, COLUMNS, COLUMNS + 64);
  bytes.fill(0, LAYOUTS, LAYOUTS + 3);
  bytes.fill(0, OUTPUTS, OUTPUTS + 4);
  kernel.prepareAesKeys(10);
  kernel.encryptAesBlocks(COLUMNS, 1, 10);
  const block = bytes.slice(COLUMNS, COLUMNS + 4).join();
  bytes.fill(0, COLUMNS, COLUMNS + 128);
  bytes.fill(0, AES_STATE, AES_KEYS + AES_KEYS_BYTES);
  return sum === 5 && block === ZERO_KEYS_BLOCK;
}

/** The first bytes of AES with ten rounds and all round keys zero. */
const ZERO_KEYS_BLOCK = '54,54,54,54';
