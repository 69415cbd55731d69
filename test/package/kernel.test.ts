/**
 * The kernel as it is shipped: its binary is what its sources compile to, and only whoever works by the batch
 * ships it. The bundles are made of `dist`: build first.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { COMPLEMENTED } from '../../src/des/bitslice-rounds.ts';
import { KERNEL_BASE64 } from '../../src/kernel/binary.ts';
import { kernelBinary } from '../../src/kernel/kernel.ts';
import { binaryModule, compile, sources } from '../../tools/kernel/generate.ts';
import { same } from '../support/arbitraries.ts';

const ROOT = new URL('../../', import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

/** What the core need not know of WebAssembly, and has no types for. */
const Reflection = WebAssembly.Module as unknown as {
  imports(module: WebAssembly.Module): readonly unknown[];
  exports(module: WebAssembly.Module): readonly { readonly name: string; readonly kind: string }[];
  customSections(module: WebAssembly.Module, name: string): readonly unknown[];
};
interface GrowingMemory extends WebAssembly.Memory {
  grow(pages: number): number;
}

describe('the binary', () => {
  const binary = kernelBinary();

  it('is what the sources compile to, byte for byte', async () => {
    const compiled = await compile();
    expect(compiled.length).toBe(binary.length);
    expect(same(compiled, binary)).toBe(true);
    expect(textOf('src/kernel/binary.ts') === binaryModule(compiled)).toBe(true);
  });

  it('is read from base64 as node reads it', () => {
    expect(same(binary, Buffer.from(KERNEL_BASE64, 'base64'))).toBe(true);
    // A copy each time: what a caller does to it is nothing to the next one.
    kernelBinary().fill(0);
    expect(same(kernelBinary(), binary)).toBe(true);
  });

  it('is below 25 000 bytes, imports nothing, and exports functions and a memory that cannot grow', () => {
    expect(binary.length).toBeLessThan(25_000);
    const module = new WebAssembly.Module(binary);
    expect(Reflection.imports(module)).toEqual([]);
    const others = Reflection.exports(module).filter(({ kind }) => kind !== 'function');
    expect(others).toEqual([{ name: 'memory', kind: 'memory' }]);
    const { memory } = new WebAssembly.Instance(module).exports as { readonly memory: GrowingMemory };
    expect(memory.buffer.byteLength).toBe(16 * 65_536);
    expect(() => memory.grow(1)).toThrow(RangeError);
  });

  it('carries no name but those of its exports', () => {
    const module = new WebAssembly.Module(binary);
    for (const section of ['name', 'sourceMappingURL', 'producers'])
      expect(Reflection.customSections(module, section)).toEqual([]);
  });
});

describe('the generated sources', () => {
  it.each(Object.entries(sources()))('are on disk as they are generated: %s', (path, text) => {
    expect(textOf(path) === text).toBe(true);
  });
});

/** What a bundler makes of a program, minified. */
async function bundle(contents: string): Promise<string> {
  const { outputFiles, warnings } = await build({
    stdin: { contents, resolveDir: fileURLToPath(ROOT), loader: 'js' },
    bundle: true,
    format: 'esm',
    minify: true,
    write: false,
    platform: 'browser',
    target: 'es2023',
    tsconfigRaw: '{}',
    logLevel: 'silent',
  });
  // The chunks import each other for their order alone, which is no news outside of node_modules.
  expect(warnings.filter(({ id }) => id !== 'ignored-bare-import')).toEqual([]);
  return outputFiles[0]?.text ?? '';
}

/** A program that uses what it imports: names by the subpath they come from. */
function program(imports: Readonly<Record<string, readonly string[]>>): string {
  const lines = Object.entries(imports).map(([path, names]) => `import { ${names} } from '${path}';`);
  return `${lines.join('\n')}\nconsole.log(${Object.values(imports).flat()});`;
}

/** Pieces of the kernel in base64 that are in a text, of so many. */
const PIECES = (KERNEL_BASE64.match(/.{48}/g) ?? []).filter((piece) => !/^(.)\1*$/.test(piece));
const piecesIn = (text: string): number => PIECES.filter((piece) => text.includes(piece)).length;

/**
 * Whether planes are added to at fixed places. The rounds do so 64 times, 16 in each of four functions; other
 * ciphers do it for a word here and there.
 */
const hasRounds = (text: string): boolean =>
  (text.match(/\b([\w$]+)\[(\d+)\](?:\^=|=\1\[\2\]\^)[\w$]/g) ?? []).length >= 16;

/** The row of numbers that the rounds and the masks share. */
const COMPLEMENTS = COMPLEMENTED.join();

/** The single calls of issuing, each with the face it comes from. */
const SINGLE = [
  ['cardwright/cvv', 'generateCvv'],
  ['cardwright/pinblock', 'encryptPinBlock'],
  ['cardwright/pin', 'generatePvv'],
  ['cardwright/pin', 'pinOffset'],
  ['cardwright/token', 'tokenizePan'],
  ['cardwright/pan', 'panFromSequence'],
  ['cardwright/ff1', 'encryptFf1'],
  ['cardwright/pan', 'parsePan'],
  ['cardwright/pan', 'luhnCheckDigit'],
] as const;

/** Some of those that work by the batch; each must bring the kernel along. */
const BATCH = [
  ['cardwright/cvv', 'generateCvvColumns', 'DES'],
  ['cardwright/cvv', 'generateCvvMany', 'DES'],
  ['cardwright/pinblock', 'encryptPinBlockColumn', 'DES'],
  ['cardwright/pin', 'generatePvvColumn', 'DES'],
  ['cardwright/token', 'tokenizePanColumn', ''],
  ['cardwright/ff1', 'encryptFf1Column', ''],
  ['cardwright/batch', 'issueColumns', 'DES'],
] as const;

const NOTHING = { pieces: 0, rounds: false, complements: false };
const foundIn = (text: string): typeof NOTHING => ({
  pieces: piecesIn(text),
  rounds: hasRounds(text),
  complements: text.includes(COMPLEMENTS),
});

describe('a bundle', () => {
  it.each(SINGLE)('of %s with %s alone has nothing of the kernel', async (path, name) => {
    const text = await bundle(program({ [path]: [name] }));
    expect(text).toContain('console.log');
    expect(foundIn(text)).toEqual(NOTHING);
  });

  it('of all of these has nothing of the kernel, from the subpaths and from the root', async () => {
    const imports: Record<string, string[]> = {};
    for (const [path, name] of SINGLE) imports[path] = [...(imports[path] ?? []), name];
    expect(foundIn(await bundle(program(imports)))).toEqual(NOTHING);
    const text = await bundle(program({ cardwright: SINGLE.map(([, name]) => name) }));
    expect(foundIn(text)).toEqual(NOTHING);
  });

  it.each(BATCH)('of %s with %s has the whole of it', async (path, name, cipher) => {
    const text = await bundle(program({ [path]: [name] }));
    const isDes = cipher === 'DES';
    expect(foundIn(text)).toEqual({ pieces: PIECES.length, rounds: isDes, complements: isDes });
  });

  it('of the single calls of `cardwright/cvv` is below 48 000 bytes', async () => {
    // 40 800 for one call, 42 800 for all of them when this was written.
    const one = await bundle(program({ 'cardwright/cvv': ['generateCvv'] }));
    expect(Buffer.byteLength(one)).toBeLessThan(44_800);
    const names = ['generateCvv', 'generateCvv2', 'generateIcvv', 'verifyCvv', 'verifyCvv2', 'verifyIcvv'];
    const all = await bundle(program({ 'cardwright/cvv': [...names, 'generateCsc', 'verifyCsc'] }));
    expect(foundIn(all)).toEqual(NOTHING);
    expect(Buffer.byteLength(all)).toBeLessThan(48_000);
  });
});
