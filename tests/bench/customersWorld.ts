// The world of npm run bench:customers: customers with three identifiers each, interactions over three years, cases and contacts, by SQL.

import type { Client } from 'pg';
import { accountScope, IdentifierHashes } from '../../src/customer/rules/identifiers';

export interface CustomersSize {
  customers: number;
  /** Of an ordinary customer, on average. */
  interactions: number;
  /** Of the one customer who has most. */
  most: number;
}

/** Rows of one statement. */
const STEP = 500_000;

// Identifiers 3n+1 (account), 3n+2 (e-mail) and 3n+3 (card) are of customer n, whose id is that of the account.
const IDENTIFIERS = `
  INSERT INTO identifier (id, kind, hash, value, own_id, customer_id, first_seen_at, last_seen_at)
  OVERRIDING SYSTEM VALUE
  SELECT i, (ARRAY['LOYALTY_CARD', 'WEB_ACCOUNT', 'EMAIL'])[i % 3 + 1]::identifier_kind, md5(i::text), 'value-' || i,
         md5('own ' || i)::uuid, md5('own ' || (i - (i - 1) % 3))::uuid, now() - interval '3 years', now()
  FROM generate_series($1::bigint, $2::bigint) i`;
const LINKS = `
  INSERT INTO identity_link (kind, low_id, high_id, origin, actor_id, evidence, at)
  SELECT 'JOIN', 3 * n + 1, 3 * n + 1 + k, 'RULE', 0, '{}', now()
  FROM generate_series($1::bigint, $2::bigint) n, generate_series(1, 2) k`;
// Interactions of all customers in turn, so that those of one are spread over the whole table, as they are in life.
const INTERACTIONS = `
  INSERT INTO interaction (id, kind, source, source_key, at, recorded_at, channel, identifier_id, facts)
  OVERRIDING SYSTEM VALUE
  SELECT i, (ARRAY['CONTACT', 'PURCHASE', 'SURVEY', 'PROFILE'])[i % 4 + 1]::interaction_kind, 'bench', i::text,
         now() - interval '3 years' * ((i * 7919) % $4 + 1) / $4, now(),
         (ARRAY['ONLINE', 'PHONE', 'STORE', 'INSTAGRAM', 'CHAT'])[i % 5 + 1], 3 * (i % $3) + 1 + (i / $3) % 3,
         '{"amountMinor": 2990, "currency": "EUR"}'
  FROM generate_series($1::bigint, $2::bigint) i`;
const OF_THE_LARGEST = `
  INSERT INTO interaction (kind, source, source_key, at, recorded_at, channel, identifier_id)
  SELECT (ARRAY['CONTACT', 'PURCHASE'])[1 + (i % 50 = 0)::int]::interaction_kind, 'largest', i::text,
         now() - interval '3 years' * i / $1, now(), 'PHONE', 1 + i % 3
  FROM generate_series(1, $1::bigint) i`;
const OCCURRENCES = `
  INSERT INTO interaction_identifier (interaction_id, identifier_id, verified_by)
  SELECT id, identifier_id, CASE WHEN identifier_id % 3 = 1 OR hashint8(id) % 3 <> 0 THEN $3::int END
  FROM interaction WHERE id BETWEEN $1::bigint AND $2::bigint`;
const PERSONS = `
  INSERT INTO person_record (interaction_id, identifier_id, source, at, is_verified, full_name, language)
  SELECT id, identifier_id, source, at, hashint8(id) % 3 <> 0, 'Person ' || identifier_id / 3, 'fr' FROM interaction
  WHERE id BETWEEN $1::bigint AND $2::bigint AND kind = 'PROFILE'`;

// Two cases of each customer, one of them open, with two contacts each; the last contact of the open one promises a call.
const CASES = `
  INSERT INTO service_case (id, number, identifier_id, topic, status, channel, opened_at, last_contact_at, resolved_at, inbound_count, updated_at)
  SELECT md5('case ' || n || ' ' || k)::uuid, 'S-' || n || '-' || k, 3 * n + k, 'DELIVERY',
         (ARRAY['OPEN', 'RESOLVED'])[k]::case_status, 'EMAIL', now() - interval '20 days' * k, now() - interval '10 days' * k,
         CASE WHEN k = 2 THEN now() - interval '20 days' END, 2, now()
  FROM generate_series($1::bigint, $2::bigint) n, generate_series(1, 2) k`;
const CONTACTS = `
  INSERT INTO contact (id, source, external_id, actor_id, identifier_id, case_id, channel, direction, at, topic, state, state_at,
    promise, promised_for, recorded_at)
  SELECT md5('contact ' || n || ' ' || k || ' ' || c)::uuid, 'bench', n || '-' || k || '-' || c, $3::int, 3 * n + k,
         md5('case ' || n || ' ' || k)::uuid, 'EMAIL', 'INBOUND', now() - interval '10 days' * (k + 2 - c), 'DELIVERY',
         (ARRAY['OPEN', 'RESOLVED'])[k]::contact_state, now() - interval '10 days' * k,
         CASE WHEN k = 1 AND c = 2 THEN 'CALL_BACK' END, CASE WHEN k = 1 AND c = 2 THEN now() END, now()
  FROM generate_series($1::bigint, $2::bigint) n, generate_series(1, 2) k, generate_series(1, 2) c`;
const CONTACTS_OF_THE_LARGEST = `
  INSERT INTO contact (id, source, external_id, actor_id, identifier_id, case_id, channel, direction, at, topic, state, state_at, recorded_at)
  SELECT md5('largest ' || i)::uuid, 'largest', i::text, $2::int, 1 + i % 3, md5('case 0 2')::uuid, 'PHONE', 'INBOUND',
         now() - interval '3 years' * (1 + i) / $1, 'DELIVERY', 'RESOLVED', now(), now()
  FROM generate_series(1, $1::bigint) i`;

/** The name of the account of a customer with a number, as it is looked up. */
export const accountOf = (customer: number): string => `shopper-${customer}`;

const SET_ACCOUNTS = `
  UPDATE identifier SET scope = $4, hash = n.hash, value = n.value FROM unnest($1::bigint[], $2::text[], $3::text[]) AS n(id, hash, value)
  WHERE identifier.id = n.id`;

/** Fills the tables of customers. Foreign keys are not checked: the rows are made to fit. */
export async function fillCustomers(
  client: Client,
  { customers, interactions, most }: CustomersSize,
  storefrontId: number,
  progress: (line: string) => void,
): Promise<void> {
  const inSteps = async (
    what: string,
    sql: string,
    last: number,
    first: number,
    ...more: unknown[]
  ): Promise<void> => {
    for (let from = first; from <= last; from += STEP)
      await client.query(sql, [from, Math.min(last, from + STEP - 1), ...more]);
    progress(`${what} are there.`);
  };
  const total = customers * interactions;
  await client.query("SET session_replication_role = 'replica'; SET statement_timeout = 0");
  await inSteps('Identifiers', IDENTIFIERS, 3 * customers, 1);
  await inSteps('Links', LINKS, customers - 1, 0);
  await inSteps('Interactions', INTERACTIONS, total, 1, customers, total);
  await client.query("SELECT setval(pg_get_serial_sequence('interaction', 'id'), $1)", [total]);
  await client.query(OF_THE_LARGEST, [most]);
  await inSteps('Occurrences', OCCURRENCES, total + most, 1, storefrontId);
  await inSteps('Statements about persons', PERSONS, total + most, 1);
  await inSteps('Cases', CASES, customers - 1, 0);
  await inSteps('Contacts', CONTACTS, customers - 1, 0, storefrontId);
  await client.query(CONTACTS_OF_THE_LARGEST, [most, storefrontId]);
  progress('Analyzing.');
  await client.query(
    'VACUUM ANALYZE identifier, interaction, interaction_identifier, person_record, identity_link, service_case, contact',
  );
}

/** Gives customers accounts that can be looked up by their names. */
export async function nameAccounts(
  client: Client,
  secretKey: Buffer,
  numbers: readonly number[],
  storefrontId: number,
): Promise<void> {
  const hashes = new IdentifierHashes(secretKey);
  const scope = accountScope(storefrontId);
  const named = numbers.map((n) => hashes.identifier('WEB_ACCOUNT', accountOf(n), scope));
  await client.query(SET_ACCOUNTS, [
    numbers.map((n) => 3 * n + 1),
    named.map(({ hash }) => hash),
    named.map(({ value }) => value),
    scope,
  ]);
}
