/**
 * Every code block of README.md and of the page on key ceremonies, and every @example of the doc comments:
 * type-checked together, then executed on the build, and what they say they print or give is compared.
 *
 *   console.log(x);          a statement, and on the next line
 *   // prints: text          what it printed
 *
 *   f(x); // 'value'         in an @example: the value as `util.inspect` shows it, then any remark
 *
 * A block that begins with ```ts no-run is type-checked only.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const manifest = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as {
  readonly name: string;
  readonly scripts: { readonly [name: string]: string };
  readonly exports: {
    readonly [subpath: string]: string | { readonly types: string; readonly default: string };
  };
};
const readme = existsSync(`${ROOT}README.md`) ? readFileSync(`${ROOT}README.md`, 'utf8') : undefined;

/** Import path (`cardwright/pan`) → the file of the build for it. */
const BUILT: ReadonlyMap<string, { readonly types: string; readonly default: string }> = new Map(
  Object.entries(manifest.exports).flatMap(([subpath, target]) =>
    typeof target === 'string' ? [] : [[manifest.name + subpath.slice(1), target] as const],
  ),
);

interface Block {
  /** Where it stands: `README.md:17`, `src/pan/pan.ts: parsePan`. */
  readonly where: string;
  readonly code: string;
  readonly run: boolean;
  /** What it says that it prints, in order. */
  readonly prints: readonly string[];
}

// ---- README.md ----------------------------------------------------------------------------------------

function blocksOf(markdown: string, file: string): Block[] {
  return [...markdown.matchAll(/^```ts([^\n]*)\n(.*?)^```$/gms)].map((match) => {
    const [, info = '', code = ''] = match;
    return {
      where: `${file}:${markdown.slice(0, match.index).split('\n').length}`,
      code,
      run: info.trim() !== 'no-run',
      prints: [...code.matchAll(/^\s*\/\/ prints: (.*)$/gm)].map(([, text = '']) => text),
    };
  });
}

/** Fences that are opened and are not what is known here. */
function strangeFences(markdown: string): string[] {
  return [...markdown.matchAll(/^```(\S.*)$/gm)]
    .map(([, info = '']) => info)
    .filter((info) => !['ts', 'ts no-run', 'sh', 'json', 'text'].includes(info));
}

// ---- @example -----------------------------------------------------------------------------------------

/** What examples may use without making it: the usual test keys, and a card. */
const PRELUDE: { readonly [name: string]: string } = {
  cvk: `importClearKeyHex({ usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' }, '0123456789ABCDEFFEDCBA9876543210')`,
  csck: `importClearKeyHex({ usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' }, '0123456789ABCDEFFEDCBA9876543210')`,
  pek: `importClearKeyHex({ usage: 'P0', algorithm: 'T', mode: 'B', exportability: 'N' }, '0123456789ABCDEFFEDCBA9876543210')`,
  pvk: `importClearKeyHex({ usage: 'V2', algorithm: 'T', mode: 'C', exportability: 'N' }, '0123456789ABCDEFFEDCBA9876543210')`,
  kbpk: `importClearKeyHex({ usage: 'K1', algorithm: 'A', mode: 'B', exportability: 'N' }, '000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F')`,
  kek: `importClearKeyHex({ usage: 'K1', algorithm: 'A', mode: 'B', exportability: 'N' }, '000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F')`,
  tokenKey: `importClearKeyHex({ usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'N' }, '2B7E151628AED2A6ABF7158809CF4F3C')`,
  panKey: `importClearKeyHex({ usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'N' }, '2B7E151628AED2A6ABF7158809CF4F3C')`,
  codeKey: `importClearKeyHex({ usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'N' }, '0123456789ABCDEFFEDCBA9876543210')`,
  pan: `parsePan('4000000000285066')`,
  card: `{ pan: parsePan('4000000000285066'), expiry: parseExpiry('2812'), serviceCode: parseServiceCode('201') }`,
};

function examplesOf(file: string): { readonly where: string; readonly text: string }[] {
  const text = readFileSync(`${ROOT}src/${file}`, 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const found: { where: string; text: string }[] = [];
  const visit = (node: ts.Node): void => {
    for (const comment of ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isVariableStatement(node)
      ? ts.getJSDocCommentsAndTags(node)
      : []) {
      if (!ts.isJSDoc(comment)) continue;
      const lines = comment
        .getText()
        .replace(/\*\/$/, '')
        .split('\n')
        .map((line) => line.replace(/^\s*\* ?/, ''));
      const name = ts.isVariableStatement(node) ? 'a constant' : (node as ts.FunctionDeclaration).name?.text;
      let example: string[] | undefined;
      for (const line of [...lines, '@end']) {
        if (line.startsWith('@') && example !== undefined) {
          found.push({ where: `src/${file}: ${name}`, text: example.join('\n').trimEnd() });
          example = undefined;
        }
        if (line.startsWith('@example')) example = [];
        else example?.push(line);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Name of an exported function → the face that it is imported from. */
type Names = ReadonlyMap<string, string>;

/** The root, and the services that it leaves out. */
const FACES_OF_EXAMPLES = ['', '/hsm', '/issuer', '/store', '/store/contract'].map(
  (subpath) => manifest.name + subpath,
);

/** An example as a module: names imported, prelude before it, each value with a remark handed to a check. */
function exampleBlock(
  { where, text }: { readonly where: string; readonly text: string },
  names: Names,
): Block {
  const source = ts.createSourceFile('example.ts', text, ts.ScriptTarget.ES2023, true);
  const words = new Set(text.match(/[A-Za-z_]\w*/g));
  const declared = new Set<string>();
  let code = '';
  let at = 0;
  const prints: string[] = [];
  for (const statement of source.statements) {
    if (ts.isVariableStatement(statement))
      for (const { name } of statement.declarationList.declarations) declared.add(name.getText());
    const [remark] = ts.getTrailingCommentRanges(text, statement.end) ?? [];
    if (remark === undefined || !ts.isExpressionStatement(statement)) continue;
    const said = text.slice(remark.pos, remark.end).replace(/^\/\/\s*/, '');
    code += `${text.slice(at, statement.getStart())}console.log(shown((${statement.expression.getText()}), ${JSON.stringify(said)}));`;
    at = remark.end;
    prints.push(said);
  }
  code += text.slice(at);
  const needed = Object.entries(PRELUDE).filter(([name]) => words.has(name) && !declared.has(name));
  const preludeWords = new Set(needed.flatMap(([, value]) => value.match(/[A-Za-z_]\w*/g) ?? []));
  const imported = [...names].filter(([name]) => words.has(name) || preludeWords.has(name));
  return {
    where,
    run: true,
    prints,
    code: [
      `import { inspect } from 'node:util';`,
      ...imported.map(([name, face]) => `import { ${name} } from '${face}';`),
      `import { importClearKeyHex } from '${manifest.name}/keys/clear';`,
      // The value, or all that was said where the value and a remark after it were said.
      `const shown = (value: unknown, said: string): string => { const text = inspect(value); return said === text || said.startsWith(text + ',') || said.startsWith(text + ' ') ? said : text; };`,
      ...needed.map(([name, value]) => `const ${name} = ${value};`),
      'void [inspect, importClearKeyHex, shown];',
      `{\n${code}\n}`,
    ].join('\n'),
  };
}

// ---- the two checks -----------------------------------------------------------------------------------

/** Files that every run of the compiler reads again. */
const libraries = new Map<string, ts.SourceFile>();

/** What the compiler says, by block. */
function typeErrors(blocks: readonly Block[]): string[] {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
    lib: ['lib.es2023.d.ts'],
    types: ['node'],
    typeRoots: [`${ROOT}node_modules/@types`],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    noEmit: true,
    paths: Object.fromEntries([...BUILT].map(([name, { types }]) => [name, [join(ROOT, types)]])),
  };
  const host = ts.createCompilerHost(options);
  const files = new Map(blocks.map((block, i) => [`${ROOT}block-${i}.ts`, block]));
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (name, ...rest) => {
    const block = files.get(name);
    if (block !== undefined) return ts.createSourceFile(name, block.code, ts.ScriptTarget.ES2023, true);
    const file = libraries.get(name) ?? getSourceFile.call(host, name, ...rest);
    if (file !== undefined) libraries.set(name, file);
    return file;
  };
  host.fileExists = (name) => files.has(name) || fileExists.call(host, name);
  host.readFile = (name) => files.get(name)?.code ?? readFile.call(host, name);
  const program = ts.createProgram([...files.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
    const where = files.get(file?.fileName ?? '')?.where ?? file?.fileName ?? 'the compiler';
    return `${where}, line ${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}

interface Outcome {
  readonly printed: readonly string[];
  readonly error?: string;
}

/** Runs the blocks one after the other in a process of their own; what each printed. */
function execute(blocks: readonly Block[], folder: string): Outcome[] {
  blocks.forEach((block, i) => {
    const { outputText } = ts.transpileModule(block.code, {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2023,
        verbatimModuleSyntax: false,
      },
    });
    const linked = outputText.replace(/(from\s+)(['"])([^'"]+)\2/g, (whole, from, quote, name) => {
      const target = BUILT.get(name);
      return target === undefined
        ? whole
        : `${from}${quote}${pathToFileURL(join(ROOT, target.default)).href}${quote}`;
    });
    writeFileSync(join(folder, `block-${i}.mjs`), linked);
  });
  writeFileSync(
    join(folder, 'run.mjs'),
    `import { format } from 'node:util';
     const outcomes = [];
     for (const i of ${JSON.stringify(blocks.map((_, i) => i))}) {
       const printed = [];
       console.log = (...values) => { printed.push(format(...values)); };
       try { await import('./block-' + i + '.mjs'); outcomes.push({ printed }); }
       catch (error) { outcomes.push({ printed, error: String(error) }); }
     }
     process.stdout.write(JSON.stringify(outcomes));`,
  );
  const { stdout, stderr, status } = spawnSync(process.execPath, ['run.mjs'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the examples ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Outcome[];
}

// ---- tests --------------------------------------------------------------------------------------------

let folder = '';
let names: Names = new Map();
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cardwright-docs-'));
  const found = new Map<string, string>();
  for (const face of FACES_OF_EXAMPLES) {
    const { default: path } = BUILT.get(face) as { default: string };
    const module: object = await import(/* @vite-ignore */ pathToFileURL(join(ROOT, path)).href);
    for (const name of Object.keys(module)) found.set(name, face);
  }
  names = found;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Both checks on the blocks; the places where a block does not hold. */
function wrong(blocks: readonly Block[]): string[] {
  const bad = typeErrors(blocks);
  const running = blocks.filter(({ run }) => run);
  execute(running, folder).forEach(({ printed, error }, i) => {
    const { where, prints } = running[i] as Block;
    if (error !== undefined) bad.push(`${where}: ${error}`);
    else if (JSON.stringify(printed) !== JSON.stringify(prints))
      bad.push(`${where}: says ${JSON.stringify(prints)}, prints ${JSON.stringify(printed)}`);
  });
  return bad;
}

describe('README.md', () => {
  it('has code blocks', () => {
    if (readme === undefined) throw new Error('README.md is missing');
    const blocks = blocksOf(readme, 'README.md');
    expect(blocks.length, 'code blocks of ```ts').toBeGreaterThanOrEqual(8);
    // A fence that is misspelt would be skipped unseen.
    expect(strangeFences(readme)).toEqual([]);
    expect(blocks.filter(({ run }) => run).length).toBeGreaterThanOrEqual(8);
  });

  it('has code blocks that compile, run and print what they say', () => {
    expect(wrong(blocksOf(readme as string, 'README.md'))).toEqual([]);
  });

  it('says of every console.log what it prints', () => {
    for (const { where, code, prints } of blocksOf(readme as string, 'README.md'))
      expect([...code.matchAll(/console\.log\(/g)].length, where).toBe(prints.length);
  });

  it('maps wishes to functions that are where it says', async () => {
    const rows = [...(readme as string).matchAll(/^\| ([^|]+) \| ([^|]*`cardwright[^|]*) \| ([^|]+) \|$/gm)];
    expect(rows.length).toBeGreaterThanOrEqual(10);
    const seen = new Set<string>();
    for (const [, wish, imports = '', functions = ''] of rows) {
      const paths = [...imports.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
      const modules = await Promise.all(
        paths.map(async (path) => {
          seen.add(path);
          const built = BUILT.get(path);
          expect(built, `${wish}: ${path}`).toBeDefined();
          return Object.keys(
            await import(/* @vite-ignore */ pathToFileURL(join(ROOT, built?.default as string)).href),
          );
        }),
      );
      const exported = modules.flat();
      for (const [, name = ''] of functions.matchAll(/`([^`]+)`/g)) {
        // `verify…` and `…Many` stand for all that begin or end so.
        const pattern = new RegExp(`^${name.replace('…', '.+')}$`);
        expect(
          exported.some((one) => pattern.test(one)),
          `${wish}: ${name}`,
        ).toBe(true);
      }
    }
    for (const path of BUILT.keys()) if (path !== manifest.name) expect([...seen], path).toContain(path);
  });

  it('counts the vectors as they are', () => {
    const count = (path: string): [number, number] => {
      const files = readdirSync(`${ROOT}vectors/${path}`).filter((name) => name.endsWith('.json'));
      const cases = files.map(
        (name) =>
          (JSON.parse(readFileSync(`${ROOT}vectors/${path}/${name}`, 'utf8')) as { cases: unknown[] }).cases
            .length,
      );
      return [files.length, cases.reduce((a, b) => a + b, 0)];
    };
    const [families, published] = count('.');
    const [, ours] = count('self');
    const text = (readme as string).replaceAll('\n', ' ');
    const said = /([0-9,]+) published test vectors in ([0-9]+) families.*? ([0-9,]+) of our own/.exec(text);
    expect(said?.slice(1).map((number) => Number(number.replace(',', '')))).toEqual([
      published,
      families,
      ours,
    ]);
  });

  it('names scripts that exist', () => {
    const named = [...(readme as string).matchAll(/\bnpm (?:run )?([a-z:]+)/g)].map(([, name = '']) => name);
    const npmOwn = ['cit', 'install', 'start', 'test', 'ci', 'package'];
    expect(named.length).toBeGreaterThan(3);
    for (const name of named)
      expect([...Object.keys(manifest.scripts), ...npmOwn], `npm run ${name}`).toContain(name);
  });
});

describe('docs/KEY-CEREMONY.md', () => {
  const page = 'docs/KEY-CEREMONY.md';
  const text = readFileSync(`${ROOT}${page}`, 'utf8');

  it('has code blocks that compile, run and print what they say', () => {
    const blocks = blocksOf(text, page);
    expect(strangeFences(text)).toEqual([]);
    expect(blocks.filter(({ run, prints }) => run && prints.length > 0).length).toBe(2);
    for (const { where, code, prints } of blocks)
      expect([...code.matchAll(/console\.log\(/g)].length, where).toBe(prints.length);
    expect(wrong(blocks)).toEqual([]);
  });
});

describe('the pages', () => {
  const pages = [
    'README.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'THREAT-MODEL.md',
    'docs/DESIGN.md',
    'docs/KEY-CEREMONY.md',
    'vectors/README.md',
    'vectors/SOURCES.md',
  ];

  it.each(pages)('%s links to what exists', (page) => {
    const text = readFileSync(`${ROOT}${page}`, 'utf8');
    const prose = text.replace(/^```.*?^```$/gms, '');
    for (const [, target = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(?:https?|mailto):/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      expect(existsSync(`${ROOT}${file}`), `${page}: ${target}`).toBe(true);
      if (anchor === undefined) continue;
      const headings = [...readFileSync(`${ROOT}${file}`, 'utf8').matchAll(/^#+ (.+)$/gm)].map(
        ([, heading = '']) =>
          heading
            .toLowerCase()
            .replace(/[^\w\- ]/g, '')
            .replaceAll(' ', '-'),
      );
      expect(headings, `${page}: ${target}`).toContain(anchor);
    }
  });
});

describe('@example', () => {
  const sources = readdirSync(`${ROOT}src`, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const examples = sources
    .map((name) => name.replaceAll('\\', '/'))
    .sort()
    .flatMap(examplesOf);

  it('stands where one is found by hand', () => {
    const written = sources.reduce(
      (sum, name) => sum + (readFileSync(`${ROOT}src/${name}`, 'utf8').match(/^ \* @example/gm)?.length ?? 0),
      0,
    );
    expect(examples.length).toBe(written);
    expect(written).toBeGreaterThanOrEqual(5);
  });

  it('compiles, runs and gives what it says', () => {
    expect(wrong(examples.map((example) => exampleBlock(example, names)))).toEqual([]);
  });

  it('says of at least one line what it gives', () => {
    for (const example of examples)
      expect(exampleBlock(example, names).prints.length, example.where).toBeGreaterThan(0);
  });
});

describe('the test itself', () => {
  const block = (code: string, info = ''): Block[] =>
    blocksOf(`text\n\n\`\`\`ts${info}\n${code}\n\`\`\`\n`, 'x.md');

  it('finds a block that does not compile, does not run, or prints something else', () => {
    const use = `import { parsePan } from 'cardwright';\n`;
    expect(
      wrong(block(`${use}console.log(parsePan('4000000000285066'));\n// prints: 4000000000285066`)),
    ).toEqual([]);
    expect(wrong(block(`${use}const n: number = parsePan('4000000000285066'); void n;`)).join()).toContain(
      'x.md:3, line 2',
    );
    expect(wrong(block(`${use}parsePan('1');`)).join()).toContain('x.md:3: PaymentCryptoError');
    expect(wrong(block(`${use}console.log(1);\n// prints: 2`)).join()).toContain('says ["2"], prints ["1"]');
    expect(wrong(block(`${use}if (parsePan.length < 0) console.log(1);\n// prints: 1`)).join()).toContain(
      'prints []',
    );
    expect(wrong(block(`import { none } from 'cardwright';\nvoid none;`)).length).toBeGreaterThan(0);
    expect(wrong(block(`import { Key } from 'cardwright';\nvoid Key;`)).length).toBeGreaterThan(0);
  });

  it('only compiles a block that says so', () => {
    expect(wrong(block(`import { parsePan } from 'cardwright';\nparsePan('1');`, ' no-run'))).toEqual([]);
    expect(wrong(block('const n: number = true;', ' no-run')).length).toBe(1);
  });

  it('finds an example that gives something else, but lets it remark', () => {
    const example = (text: string): string[] => wrong([exampleBlock({ where: 'x', text }, names)]);
    expect(example(`parsePan('4000000000285066'); // '4000000000285066', typed Pan`)).toEqual([]);
    expect(example(`const a = 1;\na + 1; // 2`)).toEqual([]);
    expect(example(`generateCvv(cvk, card); // '352'`)).toEqual([]);
    expect(example(`generateCvv(cvk, card); // '353'`).join()).toContain(`prints ["'352'"]`);
    expect(example(`generateCvv(pek, card); // '352'`).length).toBeGreaterThan(0);
  });

  it('finds fences that it does not know', () => {
    expect(strangeFences('```ts\nx\n```\n```typescript\nx\n```\n```ts norun\n```')).toEqual([
      'typescript',
      'ts norun',
    ]);
  });
});
