/**
 * The public faces: package.json, the build and `src` name the same ones; what they hide stays hidden.
 * Runs on `dist`: build first.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { ENTRIES, NODE_ENTRIES } from '../../tsup.config.ts';

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
const typesOf = (entry: string): string =>
  (manifest.exports[subpathOf(entry)] as { readonly types: string }).types;

type Module = Readonly<Record<string, unknown>>;
const load = (entry: string): Promise<Module> => import(/* @vite-ignore */ at(`dist/${entry}.js`).href);
const faces: ReadonlyMap<string, Module> = new Map(
  await Promise.all(entries.map(async (entry) => [entry, await load(entry)] as const)),
);
const face = (entry: string): Module => faces.get(entry) as Module;

/** Faces with state and storage behind them: the root is the pure core, and knows nothing of them. */
const SERVICES = ['hsm', 'issuer', 'store', 'store/contract'];

/** Roads from a key, a PIN or a definition to what it hides, and the classes that would forge one. */
const HIDDEN = [
  'Alphabet',
  'Capability',
  'ClearPin',
  'Definitions',
  'Key',
  'Ledger',
  'Vault',
  'aes',
  'auditor',
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
  'fieldSealer',
  'hmac',
  'hotp',
  'hsmPolicies',
  'keyFunctions',
  'macUnder',
  'materialFor',
  'materialOf',
  'openDigits',
  'openField',
  'openKeyBlock',
  'panOfCard',
  'panRanges',
  'pinBinder',
  'pinDigits',
  'policyRefusal',
  'products',
  'recoverClearPin',
  'requireCapability',
  'sealDigits',
  'sealKeyBlock',
  'tdes',
  'tdesFor',
  'tokenProfiles',
];

/** What only the door for clear keys may offer. */
const DOOR = [
  'combineComponents',
  'defineCipherBackend',
  'exportClearKey',
  'importClearKey',
  'importClearKeyHex',
  'splitKey',
];

describe('package.json, the build and src', () => {
  it('name the same faces', () => {
    const code = Object.keys(manifest.exports).filter((subpath) => !subpath.includes('.json'));
    expect(code.sort()).toEqual([...entries.map(subpathOf), './node'].sort());
    expect(Object.keys(manifest.exports).filter((subpath) => subpath.includes('.json'))).toEqual([
      './vectors/*.json',
      './package.json',
    ]);
    const indexes = readdirSync(at('src'), { recursive: true, encoding: 'utf8' })
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => /(^|\/)(index|[a-z]+-face)\.ts$/.test(name) && !name.includes('assembly/'));
    expect(indexes.map((name) => `src/${name}`).sort()).toEqual(
      [...Object.values(ENTRIES), NODE_ENTRIES['node']].sort(),
    );
  });

  it('agree on the files of each face, which exist', () => {
    for (const entry of entries) {
      expect(manifest.exports[subpathOf(entry)]).toEqual({
        types: expect.stringMatching(/^\.\/dist\/[a-z0-9/-]+\.d\.ts$/),
        default: `./dist/${entry}.js`,
      });
      expect(existsSync(at(`dist/${entry}.js`)), `dist/${entry}.js: npm run build`).toBe(true);
      expect(existsSync(at(typesOf(entry))), typesOf(entry)).toBe(true);
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
    // What the faces lead to; the face of Node has chunks of its own.
    const open = entries.map((entry) => `dist/${entry}.js`);
    const seen = new Set(open);
    const bare = new Set<string>();
    for (let name = open.pop(); name !== undefined; name = open.pop())
      for (const { fileName } of ts.preProcessFile(readFileSync(at(name), 'utf8')).importedFiles) {
        const target = posix.join(posix.dirname(name), fileName);
        if (!fileName.startsWith('.')) bare.add(fileName);
        else if (!seen.has(target)) {
          seen.add(target);
          open.push(target);
        }
      }
    expect(seen.size).toBeGreaterThan(entries.length);
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
  it('hold something each, and the root holds all but the door and the services', () => {
    const root = new Set(Object.keys(face('index')));
    for (const [entry, module] of faces) {
      expect(Object.keys(module).length, entry).toBeGreaterThan(0);
      if (entry === 'keys/clear' || SERVICES.includes(entry)) continue;
      for (const [name, value] of Object.entries(module)) {
        expect(root, `${entry}: ${name}`).toContain(name);
        // The very same function, not a copy of it in another chunk.
        expect(face('index')[name], `${entry}: ${name}`).toBe(value);
      }
    }
  });

  it('keep the services out of the root', () => {
    const root = new Set(Object.keys(face('index')));
    for (const entry of SERVICES)
      for (const name of Object.keys(face(entry))) expect(root, `${entry}: ${name}`).not.toContain(name);
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
      (name) => !new RegExp(`export (?:const|let|(?:async )?function|class) ${name}\\b`).test(text),
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
  const files = entries.map((entry) => fileURLToPath(at(typesOf(entry))));
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2023.d.ts'],
    types: [],
    strict: true,
    noEmit: true,
  });
  const checker = program.getTypeChecker();
  /** What a user's compiler reads of the package. */
  const reached = program.getSourceFiles().filter((file) => !program.isSourceFileDefaultLibrary(file));

  it('compile on their own, without the types of a platform', () => {
    expect(ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText)).toEqual([]);
    expect(reached.length).toBeGreaterThanOrEqual(entries.length);
  });

  it('name no type of another package, nor of a platform, nor any', () => {
    for (const file of reached) {
      const { importedFiles, referencedFiles, typeReferenceDirectives } = ts.preProcessFile(file.text);
      const bare = [...importedFiles, ...referencedFiles, ...typeReferenceDirectives].filter(
        ({ fileName }) => !fileName.startsWith('.'),
      );
      expect(bare, file.fileName).toEqual([]);
      const visit = (node: ts.Node): void => {
        if (ts.isIdentifier(node))
          expect(node.text, file.fileName).not.toMatch(/^(?:Buffer|NodeJS|BlobPart)$/);
        expect(node.kind, file.fileName).not.toBe(ts.SyntaxKind.AnyKeyword);
        ts.forEachChild(node, visit);
      };
      visit(file);
    }
  });

  it('declare as values exactly what exists at run time', () => {
    entries.forEach((entry, i) => {
      const source = program.getSourceFile(files[i] as string) as ts.SourceFile;
      const declared = checker
        .getExportsOfModule(checker.getSymbolAtLocation(source) as ts.Symbol)
        .filter((symbol) => !isTypeOnly(checker, symbol))
        .map((symbol) => symbol.name);
      // A class that is declared and not there would compile and fail: `new Key(…)`, `instanceof ClearPin`.
      expect(declared.sort(), entry).toEqual(Object.keys(face(entry)).sort());
    });
  });
});

/** Whether a name cannot be used as a value: a type, or a class that is exported as a type somewhere on its way. */
function isTypeOnly(checker: ts.TypeChecker, symbol: ts.Symbol): boolean {
  let at: ts.Symbol | undefined = symbol;
  while (at !== undefined && (at.flags & ts.SymbolFlags.Alias) !== 0) {
    const declaration: ts.Declaration | undefined = at.declarations?.[0];
    if (declaration !== undefined && ts.isExportSpecifier(declaration))
      if (declaration.isTypeOnly || declaration.parent.parent.isTypeOnly) return true;
    at = checker.getImmediateAliasedSymbol(at);
  }
  return at !== undefined && (at.flags & ts.SymbolFlags.Value) === 0;
}
