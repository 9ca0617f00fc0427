// Notes the kind of operation and its cost on the request while Yoga executes it.

import { type DocumentNode, type ExecutionArgs, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { oncePer } from '../values/oncePer';
import { type ApiRequest, NO_COST, type OperationKind } from './request';

const kindsOf = oncePer((_document: DocumentNode) => new Map<string, OperationKind>());

/** The kind of the operation that is to run; `none` where the document has no such operation. */
export function kindOf(document: DocumentNode, operationName: string | null | undefined): OperationKind {
  const name = operationName ?? '';
  const known = kindsOf(document);
  let kind = known.get(name);
  if (kind === undefined) {
    kind = getOperationAST(document, operationName)?.operation ?? 'none';
    // Names that a document does not have are not kept: there may be any number of them.
    if (kind !== 'none') known.set(name, kind);
  }
  return kind;
}

interface NotedContext {
  req?: ApiRequest;
  budget?: { readonly spent: number };
}

/** Notes the kind of the operation, exactly as graphql-js chooses it, and that its price is known. */
function note({ document, operationName, contextValue }: ExecutionArgs): void {
  const { req, budget } = contextValue as NotedContext;
  if (req === undefined) return;
  req.operation = kindOf(document, operationName);
  req.cost = { ...(req.cost ?? NO_COST), budget };
  req.reportCost?.();
}

/** Begins to measure what takes the event loop before a price is known; the result ends that. */
function measure(context: unknown): () => void {
  const { req } = context as NotedContext;
  const begin = performance.now();
  return () => {
    if (req === undefined) return;
    const { measuredMs, budget } = req.cost ?? NO_COST;
    req.cost = { measuredMs: measuredMs + performance.now() - begin, budget };
  };
}

/** Notes the kind and the cost of each operation on its request. */
export const operations: Plugin = {
  onParse: ({ context }) => measure(context),
  onValidate: ({ context }) => measure(context),
  onExecute: ({ args }) => note(args as ExecutionArgs),
  onSubscribe: ({ args }) => note(args as ExecutionArgs),
};
