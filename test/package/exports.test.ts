/**
 * The public faces: package.json, the build and `src` name the same ones; what they hide stays hidden.
 * Runs on `dist`: build first.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { ENTRIES } from '../../tsup.config.ts';

const ROOT = new URL('../../', import.meta.url);
const at = (path: string): URL => new URL(path, ROOT);
const manifest = JSON.parse(readFileSync(at('package.json'), 'utf8')) as {
  readonly exports: {
    readonly [subpath: string]: string | { readonly types: string; readonly default: string };
  };
  readonly bin: { readonly [name: string]: string };
  readonly dependencies: { readonly [name: string]: string };
  readonly sideEffects: boolean;
  readonly type: string;
};

/** Name of an entry (`index`, `keys/clear`) → subpath of the package. */
const subpathOf = (entry: string): string => (entry === 'index' ? '.' : `./${entry}`);
const entries = Object.keys(ENTRIES);

type Module = Readonly<Record<string, unknown>>;
const load = (entry: string): Promise<Module> => import(/* @vite-ignore */ at(`dist/${entry}.js`).href);
const faces: ReadonlyMap<string, Module> = new Map(
  await Promise.all(entries.map(async (entry) => [entry, await load(entry)] as const)),
);
const face = (entry: string): Module => faces.get(entry) as Module;

/** Roads from a key, a PIN or a definition to what it hides, and the classes that would forge one. */
const HIDDEN = [
  'Alphabet',
  'Capability',
  'ClearPin',
  'Definitions',
  'Key',
  'aes',
  'bulkTdesFor',
  'chargeBlocks',
  'cipherFor',
  'computeCvv',
  'computeNaturalPin',
  'computePvv',
  'des',
  'dynamicCvv2Schemes',
  'engineOf',
  'exportableMaterial',
  'fail',
  'ff1',
  'hmac',
  'hotp',
  'materialFor',
  'materialOf',
  'openDigits',
  'openKeyBlock',
  'panRanges',
  'pinDigits',
  'policyRefusal',
  'requireCapability',
  'sealDigits',
  'sealKeyBlock',
  'tdes',
  'tdesFor',
  'tokenProfiles',
];

/** What only the door for clear keys may offer. */
const DOOR = ['combineComponents', 'exportClearKey', 'importClearKey', 'importClearKeyHex', 'splitKey'];

describe('package.json, the build and src', () => {
  it('name the same faces', () => {
    const code = Object.keys(manifest.exports).filter((subpath) => !subpath.includes('.json'));
    expect(code.sort()).toEqual(entries.map(subpathOf).sort());
    expect(Object.keys(manifest.exports).filter((subpath) => subpath.includes('.json'))).toEqual([
      './vectors/*.json',
      './package.json',
    ]);
    const indexes = readdirSync(at('src'), { recursive: true, encoding: 'utf8' })
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => /(^|\/)(index|[a-z]+-face)\.ts$/.test(name));
    expect(indexes.map((name) => `src/${name}`).sort()).toEqual(Object.values(ENTRIES).sort());
  });

  it('agree on the files of each face, which exist', () => {
    for (const entry of entries) {
      expect(manifest.exports[subpathOf(entry)]).toEqual({
        types: `./dist/${entry}.d.ts`,
        default: `./dist/${entry}.js`,
      });
      expect(existsSync(at(`dist/${entry}.js`)), `dist/${entry}.js: npm run build`).toBe(true);
      expect(existsSync(at(`dist/${entry}.d.ts`)), `dist/${entry}.d.ts`).toBe(true);
    }
    for (const file of Object.values(manifest.bin))
      expect(readFileSync(at(file), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('are one ESM build without side effects, on two dependencies', () => {
    expect(manifest.type).toBe('module');
    expect(manifest.sideEffects).toBe(false);
    expect(Object.keys(manifest.dependencies).sort()).toEqual(['@noble/ciphers', '@noble/hashes']);
    const built = readdirSync(at('dist'), { recursive: true, encoding: 'utf8' });
    expect(built.filter((name) => /\.(cjs|cts|mjs)$/.test(name))).toEqual([]);
  });

  it('import nothing but each other and the two dependencies', () => {
    const built = readdirSync(at('dist'), { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.js') && !name.replaceAll('\\', '/').startsWith('cli/'),
    );
    expect(built.length).toBeGreaterThan(entries.length);
    const bare = new Set<string>();
    for (const name of built)
      for (const { fileName } of ts.preProcessFile(readFileSync(at(`dist/${name}`), 'utf8')).importedFiles)
        if (!fileName.startsWith('.')) bare.add(fileName);
    expect([...bare].sort()).toEqual([
      '@noble/ciphers/aes.js',
      '@noble/hashes/hkdf.js',
      '@noble/hashes/hmac.js',
      '@noble/hashes/legacy.js',
      '@noble/hashes/sha2.js',
    ]);
  });
});

describe('the faces', () => {
  it('hold something each, and the root holds all but the door', () => {
    const root = new Set(Object.keys(face('index')));
    for (const [entry, module] of faces) {
      expect(Object.keys(module).length, entry).toBeGreaterThan(0);
      if (entry === 'keys/clear') continue;
      for (const [name, value] of Object.entries(module)) {
        expect(root, `${entry}: ${name}`).toContain(name);
        // The very same function, not a copy of it in another chunk.
        expect(face('index')[name], `${entry}: ${name}`).toBe(value);
      }
    }
  });

  it('keep clear keys behind one door', () => {
    expect(Object.keys(face('keys/clear')).sort()).toEqual(DOOR);
    for (const [entry, module] of faces)
      if (entry !== 'keys/clear')
        for (const name of DOOR) expect(Object.keys(module), entry).not.toContain(name);
  });

  it('export no class but the error, and no road to what is hidden', () => {
    for (const [entry, module] of faces) {
      for (const name of HIDDEN) expect(Object.keys(module), `${entry}: ${name}`).not.toContain(name);
      const classes = Object.entries(module)
        .filter(([, value]) => typeof value === 'function' && /^class\b/.test(String(value)))
        .map(([name]) => name);
      expect(classes, entry).toEqual(entry === 'index' ? ['PaymentCryptoError'] : []);
      for (const [name, value] of Object.entries(module))
        if (typeof value === 'object') expect(value, `${entry}: ${name} is data`).not.toBeInstanceOf(Map);
    }
  });

  it('name roads that exist in src, so that a renamed one does not slip through', () => {
    const text = readdirSync(at('src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(at(`src/${name}`), 'utf8'))
      .join('\n');
    const missing = HIDDEN.filter(
      (name) => !new RegExp(`export (?:const|let|function|class) ${name}\\b`).test(text),
    );
    // The name of the outline; kept in case it comes.
    expect(missing).toEqual(['engineOf']);
  });

  it('share one class Key: a key of the door works in every other face', () => {
    const { importClearKeyHex } = face('keys/clear') as typeof import('../../src/keys/clear-face.ts');
    const { generateCvv } = face('cvv') as typeof import('../../src/cvv/index.ts');
    const { parsePan, parseExpiry, parseServiceCode } = face(
      'pan',
    ) as typeof import('../../src/pan/index.ts');
    const { randomKey, requireUsage } = face('keys') as typeof import('../../src/keys/index.ts');
    const attributes = { usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' } as const;
    const cvk = importClearKeyHex(attributes, '0123456789ABCDEFFEDCBA9876543210');
    const card = {
      pan: parsePan('4000000000285066'),
      expiry: parseExpiry('2812'),
      serviceCode: parseServiceCode('201'),
    };
    expect(generateCvv(cvk, card)).toBe('352');
    expect(requireUsage(cvk, 'C0')).toBe(cvk);
    const random = randomKey(attributes, 16);
    expect(Object.getPrototypeOf(random)).toBe(Object.getPrototypeOf(cvk));
    expect(generateCvv(random, card)).toMatch(/^[0-9]{3}$/);
  });

  it('share one error class', () => {
    const { PaymentCryptoError } = face('index') as typeof import('../../src/index.ts');
    for (const [entry, name, argument] of [
      ['pan', 'parsePan', '1'],
      ['pin', 'parsePin', '1'],
      ['tries', 'createTryCounter', 0],
      ['ff1', 'defineFf1Alphabet', ''],
    ] as const) {
      const refuse = face(entry)[name] as (value: unknown) => unknown;
      expect(() => refuse(argument), entry).toThrow(PaymentCryptoError);
    }
  });
});

describe('the declarations', () => {
  const declarations = readdirSync(at('dist'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.d.ts'))
    .map((name) => [name, readFileSync(at(`dist/${name}`), 'utf8')] as const);

  it('name no type of another package, nor of a platform', () => {
    expect(declarations.length).toBeGreaterThanOrEqual(entries.length);
    for (const [name, text] of declarations) {
      expect(text, name).not.toMatch(/\bnoble\b|node-forge|valibot|cli-progress|csv-/);
      const { importedFiles, typeReferenceDirectives } = ts.preProcessFile(text);
      const bare = [...importedFiles, ...typeReferenceDirectives].filter(
        ({ fileName }) => !fileName.startsWith('.'),
      );
      expect(bare, name).toEqual([]);
      expect(text, name).not.toMatch(/\bBuffer\b|\bNodeJS\.|reference types=/);
      expect(text, name).not.toMatch(/:\s*any\b|<any>|\bas any\b/);
    }
  });

  it('declare as values exactly what exists at run time', () => {
    const files = entries.map((entry) => fileURLToPath(at(`dist/${entry}.d.ts`)));
    const program = ts.createProgram(files, {
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      lib: ['lib.es2023.d.ts'],
      types: [],
      noEmit: true,
    });
    const checker = program.getTypeChecker();
    entries.forEach((entry, i) => {
      const module = checker.getSymbolAtLocation(program.getSourceFile(files[i] as string) as ts.SourceFile);
      const declared = checker
        .getExportsOfModule(module as ts.Symbol)
        .filter((symbol) => {
          const specifier = symbol.declarations?.[0];
          if (specifier !== undefined && ts.isExportSpecifier(specifier) && specifier.isTypeOnly)
            return false;
          const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
          return (target.flags & ts.SymbolFlags.Value) !== 0;
        })
        .map((symbol) => symbol.name);
      // A class that is declared and not there would compile and fail: `new Key(…)`, `instanceof ClearPin`.
      expect(declared.sort(), entry).toEqual(Object.keys(face(entry)).sort());
    });
  });
});
