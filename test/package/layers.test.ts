/**
 * Who may import whom: the layer table as data, and nothing ambient in the core.
 *
 * The table is the documentation. The checks take a list of files, so that a planted violation can be
 * shown to be found.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const SRC = new URL('../../src/', import.meta.url);

/** Files that lie in `src` itself, and what each may import of the others. */
const LAYER_0: { readonly [file: string]: readonly string[] } = {
  'brand.ts': [],
  'error.ts': [],
  'platform.d.ts': [],
  'block-cipher.ts': [],
  'port.ts': ['brand.ts'],
  'input.ts': ['error.ts'],
};

/** Everything below `node`, `conformance` and `cli`. */
const CORE = [
  'bytes',
  'kernel',
  'des',
  'aes',
  'mode',
  'keys',
  'pan',
  'tries',
  'envelope',
  'token',
  'ff1',
  'pin',
  'pinblock',
  'cvv',
  'dcvv2',
  'batch',
] as const;

/** The layers of services, on the core. */
const SERVICES = ['store', 'hsm', 'issuer'] as const;

/** Folder → the folders it may import beside itself and layer 0. */
const MAY: { readonly [folder: string]: readonly string[] } = {
  // 1
  bytes: [],
  // Engines that know nothing but memory; 2 chooses among them
  kernel: ['bytes'],
  // 2: ciphers and modes do not know each other
  des: ['bytes', 'kernel'],
  aes: ['bytes', 'kernel'],
  mode: ['bytes', 'kernel'],
  // 3: the only place where they meet
  keys: ['bytes', 'des', 'aes', 'mode'],
  // 4
  pan: ['bytes', 'kernel', 'mode', 'keys'],
  tries: ['bytes'],
  envelope: ['bytes', 'des', 'aes', 'mode', 'keys'],
  token: ['bytes', 'kernel', 'mode', 'keys', 'pan'],
  ff1: ['bytes', 'kernel', 'mode', 'keys'],
  pin: ['bytes', 'keys', 'pan', 'tries', 'envelope'],
  pinblock: ['bytes', 'keys', 'pan', 'pin'],
  cvv: ['bytes', 'keys', 'pan'],
  dcvv2: ['bytes', 'des', 'mode', 'keys', 'pan', 'tries', 'cvv'],
  // 4½: whole cards
  batch: ['bytes', 'kernel', 'keys', 'pan', 'pin', 'pinblock', 'cvv'],
  // 5: stateful, asynchronous. Stores know no key; the issuer knows no cipher and no clear secret
  store: ['bytes'],
  hsm: [
    'bytes',
    'aes',
    'mode',
    'keys',
    'pan',
    'envelope',
    'token',
    'pin',
    'pinblock',
    'cvv',
    'dcvv2',
    'batch',
  ],
  issuer: ['hsm', 'store', 'pan', 'tries', 'bytes'],
  // 6
  node: [...CORE, ...SERVICES],
  conformance: CORE,
  cli: [...CORE, ...SERVICES, 'node', 'conformance'],
};

/** Bare imports, by the longest path that fits the file. Files not listed have none. */
const BARE: { readonly [path: string]: readonly RegExp[] } = {
  'aes/': [/^@noble\/ciphers\/aes\.js$/],
  'mode/hmac.ts': [/^@noble\/hashes\/(hmac|hkdf|sha2|legacy)\.js$/],
  'conformance/': [/^valibot$/],
  'node/': [/^node:/, /^valibot$/, /^csv-parse\/sync$/, /^csv-stringify\/sync$/],
  'cli/': [/^node:/, /^valibot$/, /^cli-progress$/, /^hono\/html$/],
};

/** Folders that may touch the platform. */
const OUTSIDE_THE_CORE = ['node', 'conformance', 'cli'];

/** Globals that the core must not name. `crypto` has one home. */
const AMBIENT = new Set([
  'Buffer',
  'Date',
  'Function',
  'WebSocket',
  'XMLHttpRequest',
  '__dirname',
  '__filename',
  'console',
  'eval',
  'fetch',
  'global',
  'globalThis',
  'localStorage',
  'navigator',
  'performance',
  'process',
  'queueMicrotask',
  'require',
  'self',
  'setImmediate',
  'setInterval',
  'setTimeout',
]);
const HOME_OF_CRYPTO = ['bytes/random.ts', 'platform.d.ts'];

/** The one file that asks the process what it runs as. */
const HOME_OF_PROCESS = 'store/environment.ts';

/** Longest file, but for those that are generated. */
const MOST_LINES = 300;
const GENERATED = ['des/bitslice-rounds.ts', 'kernel/binary.ts'];

/** Comments to a tool that are there for a reason: tables stay laid out as the standard prints them. */
const TO_A_TOOL: { readonly [file: string]: RegExp } = {
  'des/bitslice-rounds.ts': /\/\/ biome-ignore format: /g,
  'des/tables.ts': /\/\/ biome-ignore format: /g,
  'des/weak.ts': /\/\/ biome-ignore format: /g,
};

/** Path below `src`, with `/`, to text. */
type Files = ReadonlyMap<string, string>;

const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '.');
const isIndex = (file: string): boolean => posix.basename(file) === 'index.ts';

function importsOf(text: string): string[] {
  const { importedFiles, referencedFiles, typeReferenceDirectives } = ts.preProcessFile(text, true, true);
  return [...importedFiles, ...referencedFiles, ...typeReferenceDirectives].map(({ fileName }) => fileName);
}

function layerViolation(file: string, target: string): string | undefined {
  if (file === 'index.ts') return undefined;
  const from = folderOf(file);
  const to = folderOf(target);
  if (from === '.') {
    const allowed = LAYER_0[file];
    if (allowed === undefined) return `${file}: not a file of layer 0`;
    return allowed.includes(target) ? undefined : `${file} may not import ${target}`;
  }
  if (to === '.')
    return Object.hasOwn(LAYER_0, target) ? undefined : `${file} may not import ${target}: not of layer 0`;
  if (to === from || MAY[from]?.includes(to)) return undefined;
  return `${file}: ${from} may not import ${to}`;
}

function bareViolation(file: string, specifier: string): string | undefined {
  const path = Object.keys(BARE)
    .filter((prefix) => file.startsWith(prefix))
    .sort((a, b) => b.length - a.length)[0];
  const patterns = path === undefined ? [] : (BARE[path] as readonly RegExp[]);
  return patterns.some((pattern) => pattern.test(specifier))
    ? undefined
    : `${file}: bare import ${specifier}`;
}

/** What the layer table says against the files, and cycles. */
function importViolations(files: Files): string[] {
  const bad: string[] = [];
  const graph = new Map<string, string[]>();
  for (const [file, text] of files) {
    const targets: string[] = [];
    if (folderOf(file) !== '.' && MAY[folderOf(file)] === undefined)
      bad.push(`${file}: folder ${folderOf(file)} is not in the table`);
    for (const specifier of importsOf(text)) {
      if (!specifier.startsWith('.')) {
        const wrong = bareViolation(file, specifier);
        if (wrong !== undefined) bad.push(wrong);
        continue;
      }
      const target = posix.join(posix.dirname(file), specifier);
      targets.push(target);
      if (!specifier.endsWith('.ts')) bad.push(`${file}: ${specifier} without its extension`);
      else if (!files.has(target)) bad.push(`${file}: ${target} does not exist`);
      if (isIndex(target) && file !== 'index.ts')
        bad.push(`${file}: import the file that defines the name, not ${target}`);
      const wrong = layerViolation(file, target);
      if (wrong !== undefined) bad.push(wrong);
    }
    graph.set(file, targets);
  }
  return [...bad, ...cycles(graph)];
}

function cycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const bad: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      bad.push(`cycle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`);
      return;
    }
    if (done.has(file)) return;
    for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return bad;
}

/** Whether the identifier is only a name: of a property, a member, a key in an object. */
function isName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isShorthandPropertyAssignment(parent)) return false;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return true;
  return (
    (ts.isPropertyAssignment(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isMethodDeclaration(parent) ||
      ts.isMethodSignature(parent) ||
      ts.isGetAccessorDeclaration(parent)) &&
    parent.name === node
  );
}

/** What of the platform or of chance the files of the core name. */
function ambientViolations(files: Files): string[] {
  const bad: string[] = [];
  for (const [file, text] of files) {
    if (OUTSIDE_THE_CORE.includes(folderOf(file))) continue;
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && !isName(node)) {
        if (AMBIENT.has(node.text) && !(node.text === 'process' && file === HOME_OF_PROCESS))
          bad.push(`${file}: ${node.text}`);
        if (node.text === 'crypto' && !HOME_OF_CRYPTO.includes(file)) bad.push(`${file}: crypto`);
        if (node.text === 'Math') {
          const { parent } = node;
          const member = ts.isPropertyAccessExpression(parent)
            ? parent.name.text
            : ts.isElementAccessExpression(parent) && ts.isStringLiteralLike(parent.argumentExpression)
              ? parent.argumentExpression.text
              : undefined;
          // Anything but a plain member could hide the one that is meant.
          if (member === undefined || member === 'random') bad.push(`${file}: Math.random`);
        }
      }
      if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword)
        bad.push(`${file}: import.meta`);
      if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
        bad.push(`${file}: import()`);
      if (ts.isStringLiteralLike(node) && node.text.startsWith('node:')) bad.push(`${file}: node:`);
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return bad;
}

/** Files that are too long, or that silence a tool. */
function formViolations(files: Files): string[] {
  const bad: string[] = [];
  for (const [file, text] of files) {
    const lines = text.split('\n').length - 1;
    if (lines > MOST_LINES && !GENERATED.includes(file))
      bad.push(`${file}: ${lines} lines, at most ${MOST_LINES}`);
    const silencer =
      /biome-ignore|@ts-(?:ignore|expect-error|nocheck)|eslint-disable|\bas any\b|\b(?:TODO|FIXME|XXX)\b/.exec(
        TO_A_TOOL[file] === undefined ? text : text.replace(TO_A_TOOL[file], ''),
      );
    if (silencer !== null) bad.push(`${file}: ${silencer[0]}`);
    // The core is one class Key: no default exports, no second door.
    if (isIndex(file) && /^(?!export |import |\/\*\*| \*|\}|\s|$)/m.test(text))
      bad.push(`${file}: a face holds export lines only`);
  }
  return bad;
}

function sources(): Files {
  const names = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).map((name) =>
    name.replaceAll('\\', '/'),
  );
  return new Map(
    names
      // The kernel's source is AssemblyScript, with rules and a compiler of its own.
      .filter((name) => name.endsWith('.ts') && !name.startsWith('kernel/assembly/'))
      .sort()
      .map((name) => [name, readFileSync(new URL(name, SRC), 'utf8')]),
  );
}

/** The real files with one planted, or changed. */
const withFile = (file: string, text: string): Files => new Map([...sources(), [file, text]]);

describe('the layers', () => {
  it('are kept by every import of src', () => {
    const files = sources();
    expect(files.size).toBeGreaterThan(100);
    expect([...files.values()].reduce((sum, text) => sum + importsOf(text).length, 0)).toBeGreaterThan(400);
    expect(importViolations(files)).toEqual([]);
  });

  it('name no folder that does not exist', () => {
    const folders = new Set([...sources().keys()].map(folderOf));
    expect([...folders].sort()).toEqual(['.', ...Object.keys(MAY)].sort());
    for (const [folder, allowed] of Object.entries(MAY))
      for (const other of allowed) expect(folders, `${folder} → ${other}`).toContain(other);
  });

  it('leave the core without clock, chance, process and network', () => {
    expect(ambientViolations(sources())).toEqual([]);
  });

  it('consist of files that one can read, and that silence no tool', () => {
    expect(formViolations(sources())).toEqual([]);
  });
});

describe('a planted violation is found', () => {
  it.each([
    [
      'token/bad.ts',
      `import { parsePin } from '../pin/clear-pin.ts';`,
      'token/bad.ts: token may not import pin',
    ],
    ['des/bad.ts', `import '../mode/ecb.ts';`, 'des/bad.ts: des may not import mode'],
    ['aes/bad.ts', `export * from '../des/tdes.ts';`, 'aes/bad.ts: aes may not import des'],
    ['cvv/bad.ts', `import type { Key } from '../pin/pvv.ts';`, 'cvv/bad.ts: cvv may not import pin'],
    [
      'bytes/bad.ts',
      `export type X = import('../keys/key.ts').Key;`,
      'bytes/bad.ts: bytes may not import keys',
    ],
    ['pan/bad.ts', `import { x } from '../cli/main.ts';`, 'pan/bad.ts: pan may not import cli'],
    ['brand.ts', `import { fail } from './error.ts';`, 'brand.ts may not import error.ts'],
    ['helper.ts', `import { fail } from './error.ts';`, 'helper.ts: not a file of layer 0'],
    [
      'pin/bad.ts',
      `import { Key } from '../helper.ts';`,
      'pin/bad.ts may not import helper.ts: not of layer 0',
    ],
    ['service/bad.ts', '', 'service/bad.ts: folder service is not in the table'],
    [
      'keys/bad.ts',
      `import { gcm } from '@noble/ciphers/aes.js';`,
      'keys/bad.ts: bare import @noble/ciphers/aes.js',
    ],
    [
      'mode/bad.ts',
      `import { h } from '@noble/hashes/hmac.js';`,
      'mode/bad.ts: bare import @noble/hashes/hmac.js',
    ],
    [
      'aes/bad.ts',
      `import { siv } from '@noble/ciphers/webcrypto.js';`,
      'aes/bad.ts: bare import @noble/ciphers/webcrypto.js',
    ],
    ['pan/bad.ts', `import * as v from 'valibot';`, 'pan/bad.ts: bare import valibot'],
    ['mode/bad.ts', `import { createHash } from 'node:crypto';`, 'mode/bad.ts: bare import node:crypto'],
    ['conformance/bad.ts', `import { readFile } from 'node:fs';`, 'conformance/bad.ts: bare import node:fs'],
    [
      'pan/bad.ts',
      `import { x } from './index.ts';`,
      'pan/bad.ts: import the file that defines the name, not pan/index.ts',
    ],
    ['pan/bad.ts', `import { x } from './none.ts';`, 'pan/bad.ts: pan/none.ts does not exist'],
    ['pan/bad.ts', `import { x } from './pan';`, 'pan/bad.ts: ./pan without its extension'],
  ])('import: %s: %s', (file, text, message) => {
    expect(importViolations(withFile(file, text))).toContain(message);
  });

  it('import: a cycle, also one of types only', () => {
    const files = new Map([
      ['pan/a.ts', `import type { B } from './b.ts';`],
      ['pan/b.ts', `import type { C } from './c.ts';`],
      ['pan/c.ts', `import type { A } from './a.ts';`],
    ]);
    expect(importViolations(files)).toEqual(['cycle: pan/a.ts -> pan/b.ts -> pan/c.ts -> pan/a.ts']);
  });

  it.each([
    ['const now = Date.now();', 'Date'],
    ['const now = new Date();', 'Date'],
    ['const clock = { Date };', 'Date'],
    ['const x = Math.random();', 'Math.random'],
    [`const x = Math['random']();`, 'Math.random'],
    ['const { random } = Math;', 'Math.random'],
    ['const x = process.env;', 'process'],
    ['console.log(1);', 'console'],
    [`fetch('x');`, 'fetch'],
    ['setTimeout(() => 1, 1);', 'setTimeout'],
    [`Buffer.from('x');`, 'Buffer'],
    ['globalThis.x;', 'globalThis'],
    ['crypto.getRandomValues(x);', 'crypto'],
    [`new Function('x');`, 'Function'],
    [`await import('./x.ts');`, 'import()'],
    ['import.meta.url;', 'import.meta'],
    [`const x = 'node:fs';`, 'node:'],
  ])('ambient: %s', (text, name) => {
    expect(ambientViolations(new Map([['pan/bad.ts', text]]))).toEqual([`pan/bad.ts: ${name}`]);
  });

  it('ambient: but not in a comment, a member name, or outside the core', () => {
    const harmless = '/** Date, process */ const x = { process: 1 }.process; // console';
    expect(ambientViolations(new Map([['pan/good.ts', harmless]]))).toEqual([]);
    expect(ambientViolations(new Map([['cli/good.ts', 'console.log(Date.now());']]))).toEqual([]);
  });

  it.each([
    ['pan/bad.ts', 'x\n'.repeat(301), 'pan/bad.ts: 301 lines, at most 300'],
    ['pan/bad.ts', '// biome-ignore lint: no\n', 'pan/bad.ts: biome-ignore'],
    ['pan/bad.ts', '// @ts-ignore\n', 'pan/bad.ts: @ts-ignore'],
    ['pan/bad.ts', 'x as any;\n', 'pan/bad.ts: as any'],
    ['pan/index.ts', 'const x = 1;\n', 'pan/index.ts: a face holds export lines only'],
  ])('form: %s', (file, text, message) => {
    expect(formViolations(new Map([[file, text]]))).toEqual([message]);
  });
});
