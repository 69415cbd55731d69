/** The names that tests and their groups go by, as far as they are written out, read by the TypeScript compiler. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';

const CALL = /^(?:describe|it|test)\b/;

/** The names in a test file, in their order: without quotes, and as written where one is put together. */
export function testNamesIn(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest);
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && CALL.test(node.expression.getText(source))) {
      const [name] = node.arguments;
      if (name !== undefined)
        names.push(ts.isStringLiteralLike(name) ? name.text : name.getText(source).replace(/^`|`$/g, ''));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}
