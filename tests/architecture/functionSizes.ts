// Measures functions: the lines between the braces of every function, method and accessor of a text.

import { parseSync } from '@swc/core';

export interface FunctionSize {
  /** Its name, or that of the variable, property or call it is written in; '' where there is none. */
  name: string;
  /** Lines between its braces. */
  lines: number;
}

interface SyntaxNode {
  type?: string;
  span?: { start: number; end: number };
  [key: string]: unknown;
}

const isNode = (value: unknown): value is SyntaxNode => typeof value === 'object' && value !== null;

/** The name that a node gives to what is in it: of a declaration or property, or of the function that is called. */
function nameOf(node: unknown): string {
  if (!isNode(node)) return '';
  if (node.type === 'Identifier' || node.type === 'PrivateName') return String(node.value);
  const { id, identifier, key, property, left, callee } = node;
  return [id, identifier, key, property, left, callee].map(nameOf).find((name) => name !== '') ?? '';
}

/** The functions that have a body in braces. One that is a single expression has no steps, and is not measured. */
export function functionSizes(text: string, tsx = false): FunctionSize[] {
  // Positions are in bytes, and count on from text to text; the empty statement in front is where this one begins.
  const { body } = parseSync(`;${text}`, { syntax: 'typescript', tsx, target: 'es2022' });
  const base = body[0]!.span.end;
  const bytes = Buffer.from(text);
  const sizes: FunctionSize[] = [];
  const visit = (node: SyntaxNode, outer: string): void => {
    const name = nameOf(node) || outer;
    if (node.type === 'FunctionBody') {
      const { start, end } = node.span!;
      const lines = bytes.toString('latin1', start - base, end - base).split('\n').length - 2;
      sizes.push({ name, lines: Math.max(0, lines) });
    }
    for (const inner of Object.values(node).flat()) if (isNode(inner)) visit(inner, name);
  };
  for (const statement of body) visit(statement as unknown as SyntaxNode, '');
  return sizes;
}
