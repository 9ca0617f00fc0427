// Contacts as the tests send them, and what becomes of them.

import { freshKey } from '../order/support';
import type { TestApp } from '../support/app';
import { sendMutation } from '../support/graphqlClient';

const MUTATIONS = {
  ingestContacts: `mutation ($input: IngestContactsInput!) { ingestContacts(input: $input) { __typename
    ... on Refusal { message } ... on InvalidInput { path }
    ... on IngestContactsSuccess { created updated unchanged refused { index path value message } } } }`,
  noteContact: `mutation ($input: NoteContactInput!) { noteContact(input: $input) { __typename
    ... on Refusal { message } ... on InvalidInput { path }
    ... on NoteContactSuccess { contact { source channel state topic orderNumber location { code } case { number } } } } }`,
  assignCase: `mutation ($input: AssignCaseInput!) { assignCase(input: $input) { __typename
    ... on Refusal { message } ... on AssignCaseSuccess { case { agent { code } } } } }`,
  closeCase: `mutation ($input: CloseCaseInput!) { closeCase(input: $input) { __typename
    ... on Refusal { message } ... on WrongState { state } ... on CloseCaseSuccess { case { status } isSurveySent } } }`,
} as const;

const CASES = `query ($filter: ServiceCaseFilter) { serviceCases(filter: $filter) { nodes {
  id number status channel topic customerId orderNumber openedAt resolvedAt reopenedCount inboundCount
  agent { code } creditedAgent { code } location { code }
  contacts { source externalId channel state stateAt handledSeconds waitingSeconds agent { code } } } } }` as const;

/** A line of ingestContacts with what every one needs. */
export const line = (externalId: string, more: object = {}) => ({
  externalId,
  channel: 'EMAIL',
  at: '2026-11-20T09:00:00Z',
  state: 'OPEN',
  ...more,
});
export const email = (value: string) => ({ kind: 'EMAIL', value });
export const account = (value: string) => ({ kind: 'WEB_ACCOUNT', value, verified: true });

/** The help desk that reports contacts, and the agent who reads them. */
export async function contactsOn(app: TestApp) {
  const feed = await app.token('FEED', `desk-${freshKey()}`);
  const agent = await app.token('AGENT', `agent-${freshKey()}`);
  const send = <Name extends keyof typeof MUTATIONS & string>(
    token: string | null,
    name: Name,
    input: object,
  ) => sendMutation(app, MUTATIONS, name, token, { idempotencyKey: freshKey(), ...input });
  return {
    feed,
    agent,
    send,
    async ingest(contacts: object[], source = 'zendesk') {
      const { answer, errors } = await send(feed, 'ingestContacts', { source, contacts });
      if (errors) throw new Error(JSON.stringify(errors));
      return answer;
    },
    async cases(filter: object = {}, token = agent) {
      const { data, errors } = await app.gql(token, CASES, { filter });
      if (errors) throw new Error(JSON.stringify(errors));
      return data.serviceCases.nodes;
    },
  };
}
