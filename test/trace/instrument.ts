/**
 * Source in which every branch and every index is told to the recorder: the same program otherwise. Made of the
 * syntax tree, file by file, while esbuild reads them.
 *
 * Told are conditions (`if`, `?:`, loops, `&&`, `||`, `??`, `?.`, the assignments of these, defaults), cases of a
 * `switch`, entries of functions, passes of `for … of`, every index `a[i]` that is not written out, and arguments
 * of methods that are places or keys (`charCodeAt`, `slice`, `get` …). Of `===` between texts it is told how
 * many characters agree. What engines and regular expressions do inside is not seen.
 */
import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';
import ts from 'typescript';
import { RECORDER_NAME } from './recorder.ts';
import { functionNameOf, type Sites } from './sites.ts';

/** Methods whose arguments say where to look. */
const PLACED = new Set(
  [
    'at',
    'charAt',
    'charCodeAt',
    'codePointAt',
    'slice',
    'subarray',
    'substring',
    'set',
    'fill',
    'get',
    'has',
  ].concat([
    'add',
    'delete',
    'includes',
    'indexOf',
    'lastIndexOf',
    'startsWith',
    'endsWith',
    'with',
    'repeat',
    'padStart',
  ]),
);

const EQUALITIES: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
]);

const ASSIGNMENTS: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.AmpersandAmpersandEqualsToken,
  ts.SyntaxKind.BarBarEqualsToken,
  ts.SyntaxKind.QuestionQuestionEqualsToken,
]);

/** One file being instrumented. */
class Instrument {
  readonly #sites: Sites;
  readonly #file: string;
  readonly #context: ts.TransformationContext;

  constructor(sites: Sites, file: string, context: ts.TransformationContext) {
    this.#sites = sites;
    this.#file = file;
    this.#context = context;
  }

  #told(call: string, node: ts.Node, ...values: ts.Expression[]): ts.CallExpression {
    const site = this.#sites.add(`${this.#file}: ${functionNameOf(ts.getOriginalNode(node))}`);
    const { factory } = ts;
    const callee = factory.createPropertyAccessExpression(factory.createIdentifier(RECORDER_NAME), call);
    return factory.createCallExpression(callee, undefined, [factory.createNumericLiteral(site), ...values]);
  }

  #children<T extends ts.Node>(node: T): T {
    return ts.visitEachChild(node, this.visit, this.#context);
  }

  readonly visit = (node: ts.Node): ts.Node => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))
      return node;
    return this.#expression(node) ?? this.#statement(node) ?? this.#function(node) ?? this.#children(node);
  };

  #expression(node: ts.Node): ts.Node | undefined {
    const { factory } = ts;
    if (ts.isElementAccessExpression(node)) return this.#element(node);
    if (ts.isPropertyAccessExpression(node) && node.questionDotToken !== undefined) {
      const { expression, questionDotToken, name } = this.#children(node);
      return factory.createPropertyAccessChain(
        this.#told('presence', node, expression),
        questionDotToken,
        name,
      );
    }
    if (ts.isConditionalExpression(node)) {
      const seen = this.#children(node);
      const condition = this.#told('condition', node, seen.condition);
      return factory.createConditionalExpression(
        condition,
        undefined,
        seen.whenTrue,
        undefined,
        seen.whenFalse,
      );
    }
    if (ts.isBinaryExpression(node)) return this.#binary(node);
    if (ts.isCallExpression(node)) return this.#call(node);
    return undefined;
  }

  #element(node: ts.ElementAccessExpression): ts.Node {
    const { factory } = ts;
    const { expression, questionDotToken, argumentExpression } = this.#children(node);
    const index = ts.isLiteralExpression(node.argumentExpression)
      ? argumentExpression
      : this.#told('index', node, argumentExpression);
    return questionDotToken === undefined
      ? factory.updateElementAccessExpression(node, expression, index)
      : factory.createElementAccessChain(this.#told('presence', node, expression), questionDotToken, index);
  }

  #binary(node: ts.BinaryExpression): ts.Node | undefined {
    const { factory } = ts;
    const { kind } = node.operatorToken;
    const seen = this.#children(node);
    const call = LEFT_SIDES.get(kind);
    if (call !== undefined)
      return factory.createBinaryExpression(
        this.#told(call, node, seen.left),
        node.operatorToken,
        seen.right,
      );
    if (ASSIGNMENTS.has(kind))
      return factory.createBinaryExpression(
        seen.left,
        node.operatorToken,
        this.#told('asked', node, seen.right),
      );
    if (!EQUALITIES.has(kind) || [node.left, node.right].some((side) => ts.isNumericLiteral(side)))
      return seen;
    const same = this.#told('same', node, seen.left, seen.right);
    return kind === ts.SyntaxKind.EqualsEqualsEqualsToken ? same : factory.createLogicalNot(same);
  }

  #call(node: ts.CallExpression): ts.Node | undefined {
    if (!ts.isPropertyAccessExpression(node.expression) || !PLACED.has(node.expression.name.text))
      return undefined;
    const { expression, typeArguments, arguments: given } = this.#children(node);
    const told = given.map((argument) =>
      ts.isLiteralExpression(argument) || ts.isSpreadElement(argument)
        ? argument
        : this.#told('index', node, argument),
    );
    return ts.factory.updateCallExpression(node, expression, typeArguments, told);
  }

  #statement(node: ts.Node): ts.Node | undefined {
    const { factory } = ts;
    const condition = (of: ts.Expression): ts.CallExpression => this.#told('condition', node, of);
    if (ts.isIfStatement(node)) {
      const seen = this.#children(node);
      return factory.updateIfStatement(
        node,
        condition(seen.expression),
        seen.thenStatement,
        seen.elseStatement,
      );
    }
    if (ts.isWhileStatement(node)) {
      const seen = this.#children(node);
      return factory.updateWhileStatement(node, condition(seen.expression), seen.statement);
    }
    if (ts.isDoStatement(node)) {
      const seen = this.#children(node);
      return factory.updateDoStatement(node, seen.statement, condition(seen.expression));
    }
    if (ts.isForStatement(node) && node.condition !== undefined) {
      const seen = this.#children(node);
      const told = condition(seen.condition ?? node.condition);
      return factory.updateForStatement(node, seen.initializer, told, seen.incrementor, seen.statement);
    }
    return this.#otherStatement(node);
  }

  #otherStatement(node: ts.Node): ts.Node | undefined {
    const { factory } = ts;
    if (ts.isForOfStatement(node)) {
      const seen = this.#children(node);
      const body = factory.createBlock([this.#reached(node), seen.statement]);
      return factory.updateForOfStatement(node, seen.awaitModifier, seen.initializer, seen.expression, body);
    }
    if (ts.isSwitchStatement(node)) {
      const seen = this.#children(node);
      return factory.updateSwitchStatement(node, this.#told('index', node, seen.expression), seen.caseBlock);
    }
    if (ts.isCatchClause(node)) {
      const seen = this.#children(node);
      const block = factory.createBlock([this.#reached(node), ...seen.block.statements]);
      return factory.updateCatchClause(node, seen.variableDeclaration, block);
    }
    return undefined;
  }

  #reached(node: ts.Node): ts.Statement {
    return ts.factory.createExpressionStatement(this.#told('reached', node));
  }

  /** Entries of functions, and defaults that are asked for. */
  #function(node: ts.Node): ts.Node | undefined {
    const { factory } = ts;
    if ((ts.isParameter(node) || ts.isBindingElement(node)) && node.initializer !== undefined) {
      const seen = this.#children(node);
      const initializer = this.#told('asked', node, seen.initializer ?? node.initializer);
      return ts.isParameter(seen)
        ? factory.createParameterDeclaration(
            undefined,
            undefined,
            seen.name,
            undefined,
            undefined,
            initializer,
          )
        : factory.createBindingElement(seen.dotDotDotToken, seen.propertyName, seen.name, initializer);
    }
    if (ts.isBlock(node) && ts.isFunctionLike(node.parent) && !ts.isConstructorDeclaration(node.parent))
      return factory.updateBlock(node, [this.#reached(node), ...this.#children(node).statements]);
    if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) {
      const seen = this.#children(node);
      const body = factory.createComma(this.#told('reached', node), seen.body as ts.Expression);
      const { modifiers, parameters, equalsGreaterThanToken } = seen;
      return factory.createArrowFunction(
        modifiers,
        undefined,
        parameters,
        undefined,
        equalsGreaterThanToken,
        factory.createParenthesizedExpression(body),
      );
    }
    return undefined;
  }
}

/** What is told of the left side of an operator that may not look at its right side. */
const LEFT_SIDES: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.AmpersandAmpersandToken, 'condition'],
  [ts.SyntaxKind.BarBarToken, 'condition'],
  [ts.SyntaxKind.QuestionQuestionToken, 'presence'],
]);

/** The text of a file, instrumented. */
export function instrumented(file: string, text: string, sites: Sites): string {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const { transformed } = ts.transform(source, [
    (context) => (whole) => ts.visitEachChild(whole, new Instrument(sites, file, context).visit, context),
  ]);
  return ts.createPrinter({ removeComments: true }).printFile(transformed[0] ?? source);
}

/**
 * Which files of a build are instrumented, and what they are called: the source, the ciphers that it depends on, and
 * the samples that leak.
 */
const INSTRUMENTED =
  /\/(?:src\/(?!.*\bbinary\.ts$)|test\/trace\/(?=leaking\.ts$)|node_modules\/(?=@noble\/ciphers\/))(.+\.[tj]s)$/;

/** Instruments a build. */
export function instrumenting(sites: Sites): Plugin {
  return {
    name: 'instrument',
    setup(bundle) {
      bundle.onLoad({ filter: /\.[tj]s$/ }, ({ path }) => {
        const name = INSTRUMENTED.exec(path)?.[1];
        if (name === undefined) return undefined;
        return { contents: instrumented(name, readFileSync(path, 'utf8'), sites), loader: 'ts' };
      });
    },
  };
}
