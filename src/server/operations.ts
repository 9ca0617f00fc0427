// Notes the kind of operation on the request while Yoga executes it.

import { type DocumentNode, type ExecutionArgs, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { oncePer } from '../values/oncePer';
import type { ApiRequest, OperationKind } from './request';

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

interface Noted {
  req?: ApiRequest;
}

function note({ document, operationName, contextValue }: ExecutionArgs): void {
  const { req } = contextValue as Noted;
  if (req !== undefined) req.operation = kindOf(document, operationName);
}

/** Notes the kind of each operation on its request, exactly as graphql-js chooses it. */
export const operations: Plugin = {
  onExecute: ({ args }) => note(args as ExecutionArgs),
  onSubscribe: ({ args }) => note(args as ExecutionArgs),
};
