// Reads what customers prefer and how they are reached, over the identifiers that are certainly theirs.

import { identifiersOfCustomers } from '../../customer/queries/identifiers';
import { linksBetween } from '../../customer/queries/links';
import { personStatements } from '../../customer/queries/persons';
import { type SurvivingValue, survivingValues } from '../../customer/rules/survivorship';
import { type CustomerView, reachedFrom } from '../../customer/rules/view';
import type { Tx } from '../../db/pool';
import type { ContactChannel } from '../../order/rules/status';
import { groupBy } from '../rules/groupBy';
import type { CustomerAddress } from '../rules/recipient';

/** What the settings decide about identities. */
export interface PreferenceRules {
  limits: Readonly<Record<string, number>>;
  trustedSources: readonly string[];
}

/** How to reach the customer of an identifier. */
export interface CustomerReach {
  customerId: string;
  channel: ContactChannel | null;
  language: string | null;
  values: readonly SurvivingValue[];
  addresses: readonly (CustomerAddress & { id: number })[];
}

const CUSTOMER_IDS = 'SELECT id, customer_id AS "customerId" FROM identifier WHERE id = ANY($1::bigint[])';

/**
 * The preferences and addresses of the customers of these identifiers, by identifier. What only the model joined is left out: a notice
 * must not reach somebody who is probably the same person.
 */
export async function customerReaches(
  tx: Tx,
  rules: PreferenceRules,
  identifierIds: readonly number[],
): Promise<Map<number, CustomerReach>> {
  if (identifierIds.length === 0) return new Map();
  const rows = await tx.rows<{ id: number; customerId: string }>(CUSTOMER_IDS, [[...new Set(identifierIds)]]);
  const identifiers = await identifiersOfCustomers(tx, [...new Set(rows.map((row) => row.customerId))]);
  const links = await linksBetween(
    tx,
    identifiers.map((one) => one.id),
  );
  const ofCustomer = groupBy(identifiers, (one) => one.customerId);
  const views = rows.map(({ id, customerId }): CustomerView => {
    const own = ofCustomer.get(customerId) ?? [];
    return { customerId, identifiers: reachedFrom(id, own, links, rules.limits), vouchedBy: null };
  });
  const statements = await personStatements(tx, views);
  return new Map(
    views.map(({ customerId, identifiers: addresses }, i) => {
      const values = survivingValues(statements[i]!, rules.trustedSources);
      const stated = (name: SurvivingValue['attribute']): string | null =>
        values.find((one) => one.attribute === name)?.value ?? null;
      const channel = stated('contactChannel') as ContactChannel | null;
      return [rows[i]!.id, { customerId, channel, language: stated('language'), values, addresses }] as const;
    }),
  );
}
