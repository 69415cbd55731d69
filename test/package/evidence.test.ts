/**
 * Every public function says where it comes from (@source), which vectors show it, and what it throws.
 * The doc comments are read by the compiler; what can throw is followed through the calls.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { familyGrades, readVectors } from '../../tools/vectors.ts';
import { ENTRIES } from '../../tsup.config.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface PublicFunction {
  readonly name: string;
  readonly declaration: ts.FunctionDeclaration;
  /** The tags of its doc comment, as `name text`. */
  readonly tags: readonly { readonly name: string; readonly text: string }[];
}

const config = ts.getParsedCommandLineOfConfigFile(`${ROOT}tsconfig.json`, undefined, {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic: () => undefined,
}) as ts.ParsedCommandLine;
const program = ts.createProgram(config.fileNames, config.options);
const checker = program.getTypeChecker();

const resolved = (symbol: ts.Symbol): ts.Symbol =>
  (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);

const functions: ReadonlyMap<string, PublicFunction> = (() => {
  const found = new Map<string, PublicFunction>();
  for (const entry of Object.values(ENTRIES)) {
    const file = program.getSourceFile(`${ROOT}${entry}`) as ts.SourceFile;
    for (const symbol of checker.getExportsOfModule(checker.getSymbolAtLocation(file) as ts.Symbol)) {
      const declaration = resolved(symbol).declarations?.[0];
      if (declaration === undefined || !ts.isFunctionDeclaration(declaration)) continue;
      found.set(symbol.name, { name: symbol.name, declaration, tags: tagsOf(declaration) });
    }
  }
  return found;
})();

function tagsOf(declaration: ts.Node): PublicFunction['tags'] {
  return ts.getJSDocTags(declaration).map((tag) => {
    // The compiler cuts names and types out of some tags: take the line as it stands.
    const text = tag
      .getFullText()
      .replace(/^\s*\*? ?/gm, '')
      .trim();
    return { name: tag.tagName.text, text: text.replace(/^@?\w+\s*/, '').trim() };
  });
}

const textsOf = ({ tags }: PublicFunction, name: string): readonly string[] =>
  tags.filter((tag) => tag.name === name).map(({ text }) => text);

/** What the operations of the public interfaces promise to throw, as texts of their tags. */
const ofOperations: ReadonlyMap<string, readonly string[]> = (() => {
  const found = new Map<string, readonly string[]>();
  for (const entry of Object.values(ENTRIES)) {
    const file = program.getSourceFile(`${ROOT}${entry}`) as ts.SourceFile;
    for (const symbol of checker.getExportsOfModule(checker.getSymbolAtLocation(file) as ts.Symbol))
      for (const declaration of resolved(symbol).declarations ?? []) {
        if (!ts.isInterfaceDeclaration(declaration)) continue;
        for (const member of [declaration, ...declaration.members]) {
          const name = member.name === undefined ? '' : `.${member.name.getText()}`;
          const tags = tagsOf(member).filter((tag) => tag.name === 'throws');
          found.set(
            member === declaration ? symbol.name : symbol.name + name,
            tags.map(({ text }) => text),
          );
        }
      }
  }
  return found;
})();

/** The codes, from the type itself. */
const codes: ReadonlySet<string> = (() => {
  const file = program.getSourceFile(`${ROOT}src/error.ts`) as ts.SourceFile;
  const alias = checker
    .getExportsOfModule(checker.getSymbolAtLocation(file) as ts.Symbol)
    .find(({ name }) => name === 'ErrorCode') as ts.Symbol;
  const type = checker.getDeclaredTypeOfSymbol(alias) as ts.UnionType;
  return new Set(type.types.map((member) => (member as ts.StringLiteralType).value));
})();

/** Functions, methods and constructors of src that are called below a declaration, itself included. */
const callees = new Map<ts.Node, ReadonlySet<ts.Node>>();
function calledBy(declaration: ts.Node): ReadonlySet<ts.Node> {
  const known = callees.get(declaration);
  if (known !== undefined) return known;
  const direct = new Set<ts.Node>();
  callees.set(declaration, direct);
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(node);
      const target = symbol === undefined ? undefined : resolved(symbol).declarations?.[0];
      const code =
        target !== undefined &&
        (ts.isFunctionDeclaration(target) ||
          ts.isMethodDeclaration(target) ||
          ts.isClassDeclaration(target) ||
          (ts.isVariableDeclaration(target) && target.getSourceFile().fileName.includes('/src/')));
      if (code && target.getSourceFile().fileName.startsWith(`${ROOT}src/`)) direct.add(target);
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(declaration, visit);
  return direct;
}

/** Whether running a declaration can come to a `throw`. */
function canThrow(declaration: ts.Node): boolean {
  const seen = new Set<ts.Node>();
  const visit = (node: ts.Node): boolean => {
    if (seen.has(node)) return false;
    seen.add(node);
    let throws = false;
    const look = (child: ts.Node): void => {
      if (ts.isThrowStatement(child)) throws = true;
      ts.forEachChild(child, look);
    };
    look(node);
    return throws || [...calledBy(node)].some(visit);
  };
  return visit(declaration);
}

/** Functions that refuse nothing: each must show it by not coming to a throw, or be listed with the reason. */
const NEVER_THROWS: { readonly [name: string]: string } = {
  isPan: 'answers false for whatever is not a PAN',
  isLuhnValid: 'answers false for whatever is not a number',
  createMemoryPanRegistry: 'takes no argument',
  createMemoryAnchor: 'takes no argument; its methods refuse',
};

const list = [...functions.values()].sort((a, b) => (a.name < b.name ? -1 : 1));

describe('every public function', () => {
  it('is found: by the compiler and by the faces as they are at run time', async () => {
    const names = new Set<string>();
    for (const entry of Object.values(ENTRIES)) {
      const module: Record<string, unknown> = await import(/* @vite-ignore */ `../../${entry}`);
      for (const [name, value] of Object.entries(module))
        if (typeof value === 'function' && !/^class\b/.test(String(value))) names.add(name);
    }
    expect(list.map(({ name }) => name)).toEqual([...names].sort());
    expect(list.length).toBeGreaterThan(80);
  });

  it('names its source', () => {
    const without = list.filter((one) => !textsOf(one, 'source').some((text) => text.length >= 8));
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  it('refers only to public functions, of which one has a source of its own', () => {
    const bad: string[] = [];
    for (const one of list)
      for (const tag of [...textsOf(one, 'source'), ...textsOf(one, 'throws'), ...textsOf(one, 'secrets')])
        for (const [, other = ''] of tag.matchAll(/\b(?:as|see|for) (?:for )?`([a-zA-Z0-9]+)`/g))
          if (!functions.has(other)) bad.push(`${one.name}: ${other}`);
    expect(bad).toEqual([]);
    for (const one of list) {
      const seen: string[] = [];
      for (let next: string | undefined = one.name; next !== undefined; ) {
        expect(seen, `${one.name}: a circle of sources`).not.toContain(next);
        seen.push(next);
        const [source = ''] = textsOf(functions.get(next) as PublicFunction, 'source');
        next = /^as `([a-zA-Z0-9]+)`/.exec(source)?.[1];
      }
    }
  });

  it('names vectors that exist', () => {
    const grades = familyGrades(readVectors());
    const bad: string[] = [];
    let named = 0;
    for (const one of list)
      for (const text of one.tags.map((tag) => tag.text))
        for (const [, family = ''] of text.matchAll(/\bvectors\/([a-z0-9/-]*[a-z0-9])/g)) {
          named += 1;
          if (!grades.has(family)) bad.push(`${one.name}: vectors/${family}`);
        }
    expect(bad).toEqual([]);
    expect(named).toBeGreaterThan(50);
  });

  it('rests on more than vectors of our own reading, where it computes something published', () => {
    const grades = familyGrades(readVectors());
    const weak: string[] = [];
    for (const one of list)
      for (const text of textsOf(one, 'source')) {
        const families = [...text.matchAll(/\bvectors\/([a-z0-9/-]*[a-z0-9])/g)].map(
          ([, family = '']) => family,
        );
        if (families.length > 0 && families.every((family) => grades.get(family) === 'self'))
          weak.push(one.name);
      }
    // A range computes nothing; the sequence that its vectors show rests on FF1.
    expect(weak).toEqual(ONLY_SELF);
  });

  it('says what it throws, in codes that exist', () => {
    const bad: string[] = [];
    for (const one of list)
      for (const text of textsOf(one, 'throws')) {
        const said = text.match(/\b(?:ERR_[A-Z0-9_]+|as `[a-zA-Z0-9]+`)/g) ?? [];
        if (said.length === 0) bad.push(`${one.name}: ${text}`);
        for (const code of said)
          if (code.startsWith('ERR_') && !codes.has(code)) bad.push(`${one.name}: ${code}`);
      }
    expect(bad).toEqual([]);
  });

  it('lists what it throws if it can throw, and nothing if it cannot', () => {
    const silent = list.filter((one) => canThrow(one.declaration) && textsOf(one, 'throws').length === 0);
    expect(silent.map(({ name }) => name).filter((name) => NEVER_THROWS[name] === undefined)).toEqual([]);
    const needless = list.filter((one) => !canThrow(one.declaration) && textsOf(one, 'throws').length > 0);
    expect(needless.map(({ name }) => name)).toEqual([]);
    for (const name of Object.keys(NEVER_THROWS)) expect(functions.has(name), name).toBe(true);
  });

  it('has a doc comment of one sentence at least', () => {
    const bare = list.filter(({ declaration }) => {
      const [comment] = ts.getJSDocCommentsAndTags(declaration);
      const text =
        comment !== undefined && ts.isJSDoc(comment) ? ts.getTextOfJSDocComment(comment.comment) : '';
      return (text ?? '').trim().length < 12;
    });
    expect(bare.map(({ name }) => name)).toEqual([]);
  });
});

/** Functions whose only vectors are of grade `self`. */
const ONLY_SELF: readonly string[] = ['definePanRange', 'nextPanFromSequence'];

describe('every error code', () => {
  const text = readdirSync(`${ROOT}src`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && name !== 'error.ts')
    .map((name) => readFileSync(`${ROOT}src/${name}`, 'utf8'))
    .join('\n');

  it('is thrown somewhere, and promised by some public function', () => {
    const texts = [...list.flatMap((one) => textsOf(one, 'throws')), ...[...ofOperations.values()].flat()];
    const promised = new Set(texts.flatMap((tag) => tag.match(/ERR_[A-Z_]+/g) ?? []));
    expect([...codes].filter((code) => !text.includes(`'${code}'`))).toEqual([]);
    // A broken invariant is nobody's promise.
    expect([...codes].filter((code) => !promised.has(code))).toEqual(['ERR_INTERNAL']);
  });

  it('that an operation promises exists, and every function of an HSM promises some', () => {
    const said = [...ofOperations.values()].flat().flatMap((tag) => tag.match(/ERR_[A-Z_]+/g) ?? []);
    expect(said.filter((code) => !codes.has(code))).toEqual([]);
    const silent = [...ofOperations]
      .filter(([name]) => /^\w+Functions\.|^(?:Hsm|Issuer)$/.test(name))
      .filter(([, tags]) => tags.length === 0)
      .map(([name]) => name);
    expect(silent).toEqual([]);
  });

  it('that src names exists', () => {
    const named = new Set(text.match(/'ERR_[A-Z0-9_]+'/g)?.map((quoted) => quoted.slice(1, -1)));
    expect(
      [...named].filter(
        (code) => !codes.has(code) && !/^ERR_(?:OSSL|PACKAGE|MODULE|UNKNOWN_BUILTIN)/.test(code),
      ),
    ).toEqual([]);
  });
});

describe('the test itself', () => {
  it('follows calls to a throw', () => {
    const throwing = list.filter((one) => canThrow(one.declaration)).map(({ name }) => name);
    for (const name of [
      'parsePan',
      'generateCvv',
      'verifyPin',
      'openEnvelope',
      'naturalPin',
      'createTryCounter',
    ])
      expect(throwing).toContain(name);
    for (const name of ['isPan', 'isLuhnValid']) expect(throwing).not.toContain(name);
  });

  it('reads the tags as they are written', () => {
    const parsePan = functions.get('parsePan') as PublicFunction;
    expect(textsOf(parsePan, 'source')[0]).toMatch(/^ISO\/IEC 7812-1:2017.*vectors\/luhn/);
    expect(textsOf(parsePan, 'throws')[0]).toMatch(/^ERR_PAN\b/);
  });
});
