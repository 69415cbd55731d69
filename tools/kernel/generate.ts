/**
 * Writes what is generated of the kernel: the S-boxes of both bitsliced paths, and the binary.
 *
 *   npm run kernel
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { kernelAesTables } from './aes-tables.ts';
import { kernelAesBox, kernelBoxes, portableRounds } from './boxes.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The generated files and their text, by path from the root; the binary is made from the first. */
export function sources(): { readonly [path: string]: string } {
  return {
    'src/kernel/assembly/aes-tables.ts': kernelAesTables(),
    'src/kernel/assembly/aes-box.ts': kernelAesBox(),
    'src/kernel/assembly/boxes.ts': kernelBoxes(),
    'src/des/bitslice-rounds.ts': portableRounds(),
  };
}

/** The kernel's binary, made from the sources in `src/kernel/assembly`. */
export async function compile(): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'cardwright-kernel-'));
  try {
    const binary = join(folder, 'kernel.wasm');
    const { error, stderr } = await asc.main([
      join(root, 'src/kernel/assembly/index.ts'),
      ...['--outFile', binary],
      ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert'],
      ...['--enable', 'simd', '--runtime', 'stub', '--use', 'abort='],
      ...['--memoryBase', String(TABLES)],
      ...['--initialMemory', String(PAGES), '--maximumMemory', String(PAGES)],
    ]);
    if (error !== null) throw new Error(`${error.message}\n${stderr.toString()}`);
    return readFileSync(binary);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Memory of the kernel, 64 KiB each; and where its tables lie in it. */
const PAGES = 16;
const TABLES = 0xf1000;

/** The module that carries the binary. */
export function binaryModule(binary: Uint8Array): string {
  const base64 = Buffer.from(binary).toString('base64');
  const lines = base64.match(/.{1,100}/g) ?? [];
  return `/**
 * The kernel, compiled from src/kernel/assembly: ${binary.length} bytes of WebAssembly in base64.
 *
 * Made by tools/kernel/generate.ts; a test compiles it again and compares.
 */
export const KERNEL_BASE64: string =
  '${lines.join("' +\n  '")}';
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of Object.entries(sources())) writeFileSync(join(root, path), text);
  const binary = await compile();
  writeFileSync(join(root, 'src/kernel/binary.ts'), binaryModule(binary));
  console.log(`kernel: ${binary.length} bytes`);
}
