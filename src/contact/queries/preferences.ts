// Reads what customers prefer and how they are reached, over the identifiers that are certainly theirs.

import { customerIdsOf, identifiersOfCustomers } from '../../customer/queries/identifiers';
import { linksBetween } from '../../customer/queries/links';
import { personStatements } from '../../customer/queries/persons';
import { type SurvivingValue, survivingValues } from '../../customer/rules/survivorship';
import { type CustomerView, reachedFrom } from '../../customer/rules/view';
import type { Tx } from '../../db/pool';
import type { ContactChannel } from '../../order/rules/status';
import { groupBy } from '../../values/lists';
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

/**
 * The preferences and addresses of the customers of these identifiers, by identifier. What only the model joined is left out: a notice
 * must not reach a person who is only probably the same.
 */
export async function customerReaches(
  tx: Tx,
  rules: PreferenceRules,
  identifierIds: readonly number[],
): Promise<Map<number, CustomerReach>> {
  if (identifierIds.length === 0) return new Map();
  const customers = [...(await customerIdsOf(tx, identifierIds))];
  const identifiers = await identifiersOfCustomers(tx, [...new Set(customers.map(([, id]) => id))]);
  const links = await linksBetween(
    tx,
    identifiers.map((one) => one.id),
  );
  const ofCustomer = groupBy(identifiers, (one) => one.customerId);
  const views = customers.map(([id, customerId]): CustomerView => {
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
      return [
        customers[i]![0],
        { customerId, channel, language: stated('language'), values, addresses },
      ] as const;
    }),
  );
}
