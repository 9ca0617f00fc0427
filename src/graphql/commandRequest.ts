// Builds the command request of a mutation: actor, time, idempotency key and hash.

import type { CommandRequest } from '../access/actions/execute';
import { hashRequest } from '../access/rules/requestHash';
import type { Context } from './context';
import { sentText } from './sentText';

/** Description of the idempotencyKey field of every input. */
export const IDEMPOTENCY_KEY_DESCRIPTION =
  'Chosen by the client; the same key again returns the first answer.';

/** Description of the occurredAt field of inputs. */
export const OCCURRED_AT_DESCRIPTION =
  'When it happened, for acts that are sent later, as after a time without network; now by default. Stored beside the time at which it is recorded.';

/**
 * The command request for `input`, with the caller and time of this GraphQL request and the hash of what the client sent.
 * To be called once per mutation, so that the hash is computed once. `firstReleaseInput` is the input as the first release
 * resolved it, where that differs; `occurredAt` is the time that the client reported.
 */
export function commandRequest<I>(
  context: Context,
  idempotencyKey: string,
  input: I,
  firstReleaseInput?: I,
  occurredAt?: Date | null,
): CommandRequest<I> {
  const { caller: actor, now, deadline, mutation, secretKey, variables, config } = context;
  if (mutation === undefined)
    throw new Error('commandRequest() is for resolvers of mutations, inside answering()');
  const requestHash = hashRequest(secretKey, mutation.fieldName, sentText(mutation, variables));
  const quotas =
    actor.role === 'STOREFRONT'
      ? { limits: config.quotas, mostInPart: config.publicStockCap, processes: config.apiProcesses }
      : undefined;
  const { agentHours } = config.service;
  const occurrence = occurredAt == null ? undefined : { at: occurredAt, ...config.acts };
  const sent = { actor, idempotencyKey, requestHash, now, occurrence, input, firstReleaseInput };
  return { ...sent, deadline, quotas, agentHours };
}
