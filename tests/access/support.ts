// What an administrator asks, for the tests of access.

import type { TestApp } from '../support/app';
import { sendMutation } from '../support/graphqlClient';

const KINDS =
  '__typename ... on Refusal { message } ... on InvalidInput { path } ... on NotFound { what keys }';
const ACTOR = 'actor { id name role active locations { code } tokens { id hint revokedAt } }';

const documents = {
  createActor: `mutation ($input: CreateActorInput!) {
    createActor(input: $input) { ${KINDS} ... on CreateActorSuccess { ${ACTOR} } } }`,
  updateActor: `mutation ($input: UpdateActorInput!) {
    updateActor(input: $input) { ${KINDS} ... on UpdateActorSuccess { ${ACTOR} } } }`,
  createToken: `mutation ($input: CreateTokenInput!) {
    createToken(input: $input) { ${KINDS} ... on WrongState { state } ... on KeyReused { firstAction }
      ... on CreateTokenSuccess { token accessToken { id hint expiresAt revokedAt actor { name } } } } }`,
  revokeToken: `mutation ($input: RevokeTokenInput!) {
    revokeToken(input: $input) { ${KINDS} ... on RevokeTokenSuccess { accessToken { id revokedAt } } } }`,
} as const;

let keys = 0;

/** Sends one of access's mutations and gives its answer. */
export async function administer<Name extends keyof typeof documents>(
  app: TestApp,
  token: string,
  mutation: Name,
  input: Record<string, unknown>,
) {
  keys += 1;
  const keyed = { idempotencyKey: `key-${keys}`, ...input };
  const { answer, errors } = await sendMutation(app, documents, mutation, token, keyed);
  if (errors) throw new Error(errors.map((e) => e.extensions?.code ?? e.message).join(', '));
  return answer;
}

/** Who is behind a token, or the status and code of the answer when it is nobody. */
export async function viewerOf(app: TestApp, token: string | null) {
  const { status, data, errors } = await app.gql(token, '{ viewer { name role locations { code } } }');
  return data?.viewer ?? `${status} ${errors?.[0]?.extensions?.code}`;
}
