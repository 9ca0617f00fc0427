// Prints, as JSON, every call that sends SQL: the text, the values and the row type as the type checker sees them.
// It is a program of its own, because TypeScript's interface is an ES module, which jest cannot load.

import { join } from 'node:path';
import {
  type ArrayLiteralExpression,
  type CallExpression,
  type Expression,
  type Node,
  SyntaxKind,
} from 'typescript/unstable/ast';
import {
  isArrayLiteralExpression,
  isCallExpression,
  isConditionalExpression,
  isElementAccessExpression,
  isForOfStatement,
  isFunctionDeclaration,
  isIdentifier,
  isMethodDeclaration,
  isNonNullExpression,
  isParenthesizedExpression,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isSpreadElement,
  isVariableDeclaration,
} from 'typescript/unstable/ast/is';
import {
  API,
  type Checker,
  type Project,
  SymbolFlags,
  type Type,
  TypeFlags,
  type UnionType,
} from 'typescript/unstable/sync';

/** What a TypeScript type says of a value of the database. */
export interface ValueType {
  /** As the type checker prints it, for messages. */
  text: string;
  isNullable: boolean;
  isOptional: boolean;
  /** 'string', 'number', 'boolean', 'Date', 'Buffer', 'array', 'object' or 'any'; several of a union. */
  kinds: string[];
  /** The members of a union of string literals. */
  literals: string[] | null;
  /** What an array holds. */
  element: ValueType | null;
}

/** A call that sends one statement, or one of several. */
export interface SqlCall {
  file: string;
  line: number;
  /** The function around it, for lists of exceptions. */
  within: string;
  /** Expressions of the module that give the text; `...` before one that gives a list of texts. */
  expressions: string[];
  /** The columns of the row type; null: the rows are not read, or of a type that a caller chooses. */
  columns: Record<string, ValueType> | null;
  /** The values in their order; null: not a plain list. */
  values: ValueType[] | null;
}

const membersOf = (type: Type): readonly Type[] =>
  type.flags & TypeFlags.Union ? (type as UnionType).getTypes() : [type];

/** The T of a Promise<T> or T[]. */
const argumentOf = (checker: Checker, type: Type): Type | undefined =>
  type.isTypeReference() ? checker.getTypeArguments(type)[0] : undefined;

function valueType(checker: Checker, type: Type, isOptional = false, depth = 0): ValueType {
  const members = membersOf(type);
  const kinds = new Set<string>();
  const literals: string[] = [];
  let isNullable = false;
  let element: ValueType | null = null;
  for (const member of members) {
    const { flags } = member;
    if (flags & (TypeFlags.Null | TypeFlags.Undefined | TypeFlags.Void)) isNullable = true;
    else if (flags & (TypeFlags.Any | TypeFlags.Unknown | TypeFlags.TypeParameter)) kinds.add('any');
    else if (flags & TypeFlags.StringLiteral) {
      kinds.add('string');
      literals.push(String((member as unknown as { value: unknown }).value));
    } else if (flags & TypeFlags.StringLike) {
      kinds.add('string');
      literals.push('*');
    } else if (flags & TypeFlags.NumberLike) kinds.add('number');
    else if (flags & TypeFlags.BooleanLike) kinds.add('boolean');
    else if (checker.isArrayLikeType(member)) {
      kinds.add('array');
      const inner = depth < 2 ? argumentOf(checker, member) : undefined;
      if (inner !== undefined) element = valueType(checker, inner, false, depth + 1);
    } else {
      const name = member.getSymbol()?.name;
      kinds.add(name === 'Date' || name === 'Buffer' ? name : 'object');
    }
  }
  return {
    text: checker.typeToString(type),
    isNullable,
    isOptional,
    kinds: [...kinds].sort(),
    literals: literals.length > 0 && !literals.includes('*') ? literals.sort() : null,
    element,
  };
}

/** The columns of R where the call's type is Promise<R[]>. */
function columnsOf(checker: Checker, call: CallExpression): SqlCall['columns'] {
  const promise = checker.getTypeAtLocation(call);
  const rows = promise && argumentOf(checker, promise);
  const row = rows && argumentOf(checker, rows);
  if (row === undefined || row.flags & TypeFlags.TypeParameter) return null;
  // Of a union of rows a column may be in some only.
  const members = membersOf(row);
  const columns: Record<string, ValueType> = {};
  for (const member of members) {
    for (const property of checker.getPropertiesOfType(member)) {
      const type = checker.getTypeOfSymbol(property);
      if (type !== undefined)
        columns[property.name] = valueType(
          checker,
          type,
          members.length > 1 || (property.flags & SymbolFlags.Optional) !== 0,
        );
    }
  }
  return Object.keys(columns).length > 0 ? columns : null;
}

/** The expressions of the module's own scope that an argument stands for. */
function expressionsOf(project: Project, node: Expression): string[] {
  if (isParenthesizedExpression(node)) return expressionsOf(project, node.expression);
  if (isNonNullExpression(node)) return expressionsOf(project, node.expression);
  if (isConditionalExpression(node))
    return [...expressionsOf(project, node.whenTrue), ...expressionsOf(project, node.whenFalse)];
  if (isElementAccessExpression(node)) return [`...Object.values(${node.expression.getText()})`];
  if (isIdentifier(node)) {
    const symbol = project.checker.getSymbolAtLocation(node);
    const declaration = symbol?.valueDeclaration?.resolve(project);
    if (declaration !== undefined && isVariableDeclaration(declaration)) {
      const list: Node = declaration.parent;
      if (isForOfStatement(list.parent))
        return expressionsOf(project, list.parent.expression).map(
          (text) => `...${text.replace(/^\.\.\./, '')}`,
        );
      const isLocal = list.parent.parent.kind !== SyntaxKind.SourceFile;
      if (isLocal && declaration.initializer !== undefined)
        return expressionsOf(project, declaration.initializer);
    }
  }
  return [node.getText()];
}

function valuesOf(checker: Checker, list: ArrayLiteralExpression): ValueType[] | null {
  if (list.elements.some(isSpreadElement)) return null;
  return list.elements.map((element) => {
    const type = checker.getTypeAtLocation(element);
    return type === undefined
      ? { text: '?', isNullable: true, isOptional: false, kinds: ['any'], literals: null, element: null }
      : valueType(checker, type);
  });
}

/** Every call of `rows` in the files whose path begins with one of these. */
function sqlCalls(root: string, folders: readonly string[]): SqlCall[] {
  const api = new API({ cwd: root });
  try {
    const config = join(root, 'tsconfig.json');
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config)!;
    const { checker, program } = project;
    const calls: SqlCall[] = [];
    for (const path of program.getSourceFileNames()) {
      const file = path.slice(root.length + 1).replaceAll('\\', '/');
      if (!folders.some((folder) => file.startsWith(folder)) || file.includes('/generated/')) continue;
      const source = program.getSourceFile(path)!;
      if (!source.text.includes('.rows')) continue;
      const visit = (node: Node, within: string): void => {
        if (isCallExpression(node) && isPropertyAccessExpression(node.expression)) {
          const [text, values] = node.arguments;
          if (node.expression.name.text === 'rows' && text !== undefined) {
            calls.push({
              file,
              within,
              line: source.text.slice(0, node.expression.name.getStart()).split('\n').length,
              expressions: expressionsOf(project, text),
              columns: columnsOf(checker, node),
              values:
                values && isArrayLiteralExpression(values) ? valuesOf(checker, values) : values ? null : [],
            });
          }
        }
        const name =
          (isFunctionDeclaration(node) || isMethodDeclaration(node) || isPropertyAssignment(node)) &&
          node.name?.getText();
        node.forEachChild((child) => visit(child, name || within));
      };
      visit(source, '');
    }
    return calls;
  } finally {
    api.close();
  }
}

const [root, ...folders] = process.argv.slice(2);
if (root !== undefined) process.stdout.write(JSON.stringify(sqlCalls(root, folders)));
