/** Places in a source where something is told, and the functions that they are of. */
import ts from 'typescript';

/** The functions that sites are of, by name: "bytes/equal.ts: equalBytes". */
export class Sites {
  readonly functions: string[] = [];
  /** The function of each site. */
  readonly functionOf: number[] = [];
  readonly #numbers: Map<string, number> = new Map();

  /** A new site in a function. */
  add(name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.functions.push(name) - 1;
      this.#numbers.set(name, number);
    }
    return this.functionOf.push(number) - 1;
  }
}

/** The name of the nearest function around a node that has one, its class before it. */
export function functionNameOf(node: ts.Node): string {
  for (let around: ts.Node | undefined = node; around !== undefined; around = around.parent) {
    if (!ts.isFunctionLike(around)) continue;
    const name = ownNameOf(around);
    if (name !== undefined) return name;
  }
  return 'module';
}

function ownNameOf(node: ts.SignatureDeclaration): string | undefined {
  if (ts.isConstructorDeclaration(node)) return `new ${node.parent.name?.text ?? ''}`;
  if (node.name !== undefined) return node.name.getText();
  const { parent } = node;
  const isNamed =
    ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent);
  return isNamed ? parent.name.getText() : undefined;
}
