// Which parsed operations consist of nothing but hot acts, which are gathered into common transactions.

import { type DocumentNode, getOperationAST } from 'graphql';
import { isHotAction } from '../access/act';

/** By document and name of the operation; null: something else is asked too. */
const counted = new WeakMap<DocumentNode, Map<string, number | null>>();

function count(document: DocumentNode, operationName: string | undefined): number | null {
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== 'mutation') return null;
  const { selections } = operation.selectionSet;
  return selections.every((one) => one.kind === 'Field' && isHotAction(one.name.value))
    ? selections.length
    : null;
}

/** How many hot acts this operation is; null when it is not only such. */
export function hotFields(document: DocumentNode, operationName: unknown): number | null {
  const name = typeof operationName === 'string' ? operationName : '';
  let known = counted.get(document);
  if (known === undefined) {
    known = new Map();
    counted.set(document, known);
  }
  let hot = known.get(name);
  if (hot === undefined) {
    hot = count(document, name === '' ? undefined : name);
    // Names that a document does not have are not kept: there may be any number of them.
    if (hot !== null || name === '') known.set(name, hot);
  }
  return hot;
}
