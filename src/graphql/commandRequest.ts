// What every mutation asks an act with: who, when, under which key.

import type { Asked } from '../access/actions/execute';
import { hashRequest } from '../access/rules/requestHash';
import type { Context } from './context';
import { sentText } from './sentText';

/** What every input's idempotencyKey says of itself. */
export const KEY_TOLD = 'Chosen by the client; the same key again returns the first answer.';

/**
 * A command's request: its input, by this request's caller at its time, under the hash of what the client sent. Called
 * once a mutation, so that the hash is made once. `firstReleaseInput` is the input as the first release resolved it, where
 * that differs.
 */
export function asking<I>(
  context: Context,
  idempotencyKey: string,
  input: I,
  firstReleaseInput?: I,
): Asked<I> {
  const { caller: who, now, patience, mutation, secretKey, variables, config } = context;
  if (mutation === undefined) throw new Error('asking() is for resolvers of mutations, inside answering()');
  const requestHash = hashRequest(secretKey, mutation.fieldName, sentText(mutation, variables));
  const quotas =
    who.role === 'STOREFRONT'
      ? { limits: config.quotas, mostInPart: config.publicStockCap, processes: config.apiProcesses }
      : undefined;
  return { who, idempotencyKey, requestHash, now, input, firstReleaseInput, patience, quotas };
}
