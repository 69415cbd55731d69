/**
 * A test that fails prints what it compared. So what is secret is compared before it is handed to a matcher: as a
 * yes or no, never as itself. What can be told from the sources is told here: no matcher is given, as it is or in a
 * list, what comes out of a function that hands out a clear PIN, a key or a component.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const TEST = fileURLToPath(new URL('..', import.meta.url));

/** Functions whose result is secret. */
const CLEAR = new Set([
  'exportClearKey',
  'exportComponents',
  'materialFor',
  'materialOf',
  'pinDigits',
  'printPin',
  'revealPin',
  'revealPins',
  'splitKey',
]);

/** Functions and methods that give the same in another form. */
const FORMS = new Set([
  'Array.from',
  'Buffer.from',
  'String',
  'Uint8Array.from',
  'bytesToHex',
  'digitTexts',
  'digitsToText',
  'hex',
  'join',
  'map',
  'slice',
  'subarray',
  'toString',
]);

const nameOf = (callee: ts.Expression): string =>
  ts.isPropertyAccessExpression(callee) ? callee.name.text : callee.getText();

/** Whether the value of an expression is secret, or holds it. */
function isClear(node: ts.Node): boolean {
  if (ts.isCallExpression(node)) {
    const name = nameOf(node.expression);
    if (CLEAR.has(name)) return true;
    if (!FORMS.has(name) && !FORMS.has(node.expression.getText())) return false;
    const receiver = ts.isPropertyAccessExpression(node.expression) ? [node.expression.expression] : [];
    return [...receiver, ...node.arguments].some(isClear);
  }
  if (ts.isPropertyAccessExpression(node)) return node.name.text === 'bytes' && isClear(node.expression);
  const holds =
    ts.isArrayLiteralExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isAwaitExpression(node) ||
    ts.isElementAccessExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isObjectLiteralExpression(node) ||
    ts.isParenthesizedExpression(node) ||
    ts.isPropertyAssignment(node) ||
    ts.isSpreadElement(node) ||
    ts.isTemplateExpression(node) ||
    ts.isTemplateSpan(node);
  return (
    holds &&
    node
      .getChildren()
      .flatMap((child) => [child, ...child.getChildren()])
      .some(isClear)
  );
}

/** Where a source hands something secret to a matcher or to an assertion that prints it. */
function printed(file: string, text: string): string[] {
  const found: string[] = [];
  if (![...CLEAR].some((name) => text.includes(name))) return found;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    const isMatched =
      ts.isCallExpression(node) &&
      /^(expect|to[A-Z]\w*|(deepE|strictE|e|deepStrictE|notE)qual)$/.test(nameOf(node.expression));
    if (isMatched && node.arguments.some(isClear)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${file}:${line + 1}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('JS-03 a test that fails', () => {
  it('prints no secret that a function hands out', () => {
    const sources = readdirSync(TEST, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.tsx?$/.test(name),
    );
    expect(sources.length).toBeGreaterThan(100);
    const found = sources.flatMap((name) => printed(name, readFileSync(join(TEST, name), 'utf8')));
    expect(found).toEqual([]);
  });

  it.each([
    "expect(revealPin(pin, permit)).toBe('1234');",
    'expect([...exportClearKey(key, permit)]).toEqual([1, 2]);',
    'expect(hex(cw.exportClearKey(key, permit))).toBe(known);',
    'expect(digits).toEqual(cw.digitTexts(cw.revealPins(pins, permit)));',
    'expect({ pin: await hsm.printPin(request) }).toEqual({ pin });',
    'expect(splitKey(key, 2, permit)[0]?.bytes).toEqual(part);',
    'assert.deepStrictEqual(materialOf(key), bytes);',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a line of a source.
    'expect(`${revealPin(pin, permit)}`).toMatch(/7/);',
  ])('would be found: %s', (line) => {
    expect(printed('planted', line).length).toBeGreaterThan(0);
  });

  it.each([
    "expect(revealPin(pin, permit) === '1234').toBe(true);",
    'expect(same(exportClearKey(key, permit), bytes)).toBe(true);',
    'expect(exportClearKey(key, permit).length).toBe(16);',
    'expect(() => revealPin(pin, permit)).toThrow();',
    'expect(codeOf(() => exportClearKey(key, permit))).toBe(code);',
  ])('may compare: %s', (line) => {
    expect(printed('planted', line)).toEqual([]);
  });
});
