/**
 * Counters in a bundle: each function, branch, case and right-hand side of the library counts how often it is come to.
 * It is done in the text, so that a run pays one increment for each.
 */
import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';
import ts from 'typescript';

const SHORT_CIRCUITS: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
]);

/** Room for counters. */
const COUNTERS = 1 << 15;

/** What a bundle begins with: the memory of the counters, where test/fuzz/guided.ts finds it. */
export const COUNTERS_BANNER = `const cardwrightCounters = (globalThis.cardwrightCounters = new Uint8Array(${COUNTERS}));`;

/** The text of a file with counters from the number `first` on, and how many there are. */
export function withCounters(
  text: string,
  first: number,
): { readonly text: string; readonly counters: number } {
  const source = ts.createSourceFile('file.ts', text, ts.ScriptTarget.ES2023, true, ts.ScriptKind.TS);
  const insertions: { readonly at: number; readonly text: string }[] = [];
  let counters = 0;
  const hit = (): string => `cardwrightCounters[${first + counters++}]++`;

  /** An expression that counts before it is worked out, or a statement that does. */
  const counted = (node: ts.Node, open: string, close: string): void => {
    insertions.push({ at: node.getStart(source), text: open });
    visitBelow(node);
    insertions.push({ at: node.end, text: close });
  };
  const expression = (node: ts.Expression): void => counted(node, `(${hit()}, `, ')');
  const statement = (node: ts.Statement): void => {
    if (ts.isBlock(node)) visit(node);
    else counted(node, `{ ${hit()}; `, ' }');
  };
  const visitBelow = (node: ts.Node): void => ts.forEachChild(node, visit);

  function visit(node: ts.Node): void {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    if (ts.isBlock(node)) {
      insertions.push({ at: node.getStart(source) + 1, text: ` ${hit()}; ` });
      visitBelow(node);
    } else if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) {
      node.parameters.forEach(visit);
      expression(node.body);
    } else if (ts.isConditionalExpression(node)) {
      visit(node.condition);
      expression(node.whenTrue);
      expression(node.whenFalse);
    } else if (ts.isBinaryExpression(node) && SHORT_CIRCUITS.has(node.operatorToken.kind)) {
      visit(node.left);
      expression(node.right);
    } else if (ts.isIfStatement(node)) {
      visit(node.expression);
      statement(node.thenStatement);
      if (node.elseStatement !== undefined) statement(node.elseStatement);
    } else if (ts.isCaseOrDefaultClause(node)) {
      if (ts.isCaseClause(node)) visit(node.expression);
      const [begin] = node.statements;
      if (begin !== undefined) insertions.push({ at: begin.getStart(source), text: `${hit()}; ` });
      node.statements.forEach(visit);
    } else if (ts.isIterationStatement(node, false)) {
      ts.forEachChild(node, (child) => (child === node.statement ? statement(node.statement) : visit(child)));
    } else visitBelow(node);
  }

  visit(source);
  // Those at one place stay in the order in which the tree was walked: what ends before what begins, outer before inner.
  let out = '';
  let from = 0;
  for (const { at, text: inserted } of insertions.toSorted((a, b) => a.at - b.at)) {
    out += text.slice(from, at) + inserted;
    from = at;
  }
  return { text: out + text.slice(from), counters };
}

/** What is not counted: what holds no decision of a parser, and runs the most. */
const UNCOUNTED = /\/src\/(kernel|des|aes)\//;

/** Counters in every file of src, ciphers excepted. */
export function counting(): Plugin {
  let next = 0;
  return {
    name: 'counting',
    setup(bundle) {
      bundle.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
        if (UNCOUNTED.test(path)) return undefined;
        const { text, counters } = withCounters(readFileSync(path, 'utf8'), next);
        next += counters;
        if (next > COUNTERS) throw new Error(`more than ${COUNTERS} counters`);
        return { contents: text, loader: 'ts' };
      });
    },
  };
}
