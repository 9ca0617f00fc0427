// What a caller sees of a customer: agents all of it; a storefront what was verified of the account that it vouches for.

import type { StoredIdentifier } from './identifiers';
import { deriveCustomers, type IdentifierLimits, type IdentityLink } from './links';

/** An identifier of a customer as it is stored. */
interface OwnIdentifier extends StoredIdentifier {
  id: number;
  ownId: string;
  customerId: string;
  sharedReason: string | null;
}

/** A customer as one caller sees it. */
export interface CustomerView {
  customerId: string;
  /** Those by which interactions are seen. */
  identifiers: readonly OwnIdentifier[];
  /** The storefront that vouches for the account: only verified interactions and its own orders are seen. Null: all. */
  vouchedBy: number | null;
}

/** What the certain parts of a customer follow from. */
type CertainIdentifier = Pick<OwnIdentifier, 'id' | 'kind' | 'scope' | 'sharedReason'>;

/** Of each identifier the lowest one that it is certainly one customer with: over rules and decisions of people, without the model. */
export function certainParts(
  identifiers: readonly CertainIdentifier[],
  links: readonly IdentityLink[],
  limits: IdentifierLimits,
): Map<number, number> {
  const nodes = identifiers.map(({ id, kind, scope, sharedReason }) => ({
    id,
    kind,
    scope,
    isShared: sharedReason !== null,
  }));
  const certain = links.filter((link) => link.origin !== 'MODEL');
  return deriveCustomers(nodes, certain, limits).lowestOf;
}

/**
 * The identifiers of a customer that a shopper's account reaches over rules and decisions of people. Probable links of the model are
 * left out: they may be another person.
 */
export function reachedFrom(
  accountId: number,
  identifiers: readonly OwnIdentifier[],
  links: readonly IdentityLink[],
  limits: IdentifierLimits,
): OwnIdentifier[] {
  const lowestOf = certainParts(identifiers, links, limits);
  return identifiers.filter(({ id }) => lowestOf.get(id) === lowestOf.get(accountId));
}
