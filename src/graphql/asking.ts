// What every mutation asks an act with: who, when, under which key.

import type { Asked } from '../access/act';
import type { Context } from './context';

/** What every input's idempotencyKey says of itself. */
export const KEY_TOLD = 'Chosen by the client; the same key again returns the first answer.';

/** An act's request: the input of the act, asked by this request's caller at its time. */
export function asking<I>(context: Context, idempotencyKey: string, input: I): Asked<I> {
  const { caller: who, now, patience, config } = context;
  const quotas =
    who.role === 'STOREFRONT' ? { limits: config.quotas, processes: config.apiProcesses } : undefined;
  return { who, idempotencyKey, now, input, patience, quotas };
}
