// Commands of the service desk: each has an idempotency key, which stays until the command is answered.

import { ApiProblem } from '../foundation/api';
import { newKey } from '../foundation/key';
import { problem, reasonOf } from '../foundation/person';
import type { DeskOperations } from '../operations.generated';
import { api, refresh } from './state';

export type CommandName = {
  [Name in keyof DeskOperations]: DeskOperations[Name]['kind'] extends 'mutation' ? Name : never;
}[keyof DeskOperations];
type AnswerOf<Name extends CommandName> = Name extends keyof DeskOperations[Name]['answer']
  ? DeskOperations[Name]['answer'][Name]
  : never;

/** A refusal, or what the command answered. */
export type CommandOutcome<Name extends CommandName> =
  | { refusal: string; success?: undefined }
  | { refusal: null; success: Exclude<NonNullable<AnswerOf<Name>>, { message: string }> };

/** Keys of commands without an answer: whoever sends such a command again, also from a new dialog, does nothing twice. */
const unanswered = new Map<string, string>();

/** Sends a command. @throws what is no problem of the API */
export async function execute<Name extends CommandName>(
  name: Name,
  input: object,
): Promise<CommandOutcome<Name>> {
  const text = `${name} ${JSON.stringify(input)}`;
  const idempotencyKey = unanswered.get(text) ?? newKey();
  unanswered.set(text, idempotencyKey);
  try {
    const variables = { input: { ...input, idempotencyKey } } as DeskOperations[Name]['variables'];
    const answer = (await api.send(name, variables)) as Record<
      string,
      { __typename: string; message?: string } | null
    >;
    unanswered.delete(text);
    const result = answer[name] ?? { __typename: `${name}: ?` };
    if (result.__typename.endsWith('Success')) return { refusal: null, success: result as never };
    return { refusal: result.message ?? result.__typename };
  } catch (error) {
    if (error instanceof ApiProblem && error.kind === 'FAILED') unanswered.delete(text);
    return { refusal: reasonOf(error) };
  }
}

/** Reads the customer again after a command; a failure is shown. */
export function refreshQuietly(): void {
  refresh().catch((error: unknown) => {
    problem.value = reasonOf(error);
  });
}
