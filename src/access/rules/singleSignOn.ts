// Single sign-on: what a person may do by the groups of the provider, and what is stored of an identity.

import { createHash } from 'node:crypto';
import { BOUND_ROLES, type Role } from './roles';

interface Rights {
  role: Role;
  locations: string[];
  manager: boolean;
}

/**
 * The rights of a person in these groups: the first group of the setting that the person is in decides the role, and groups of the
 * same role add up their locations. A group of the whole chain prevails. Null: no group is in the setting.
 */
export function rightsByGroups(
  mapping: ReadonlyMap<string, Rights>,
  groups: readonly string[],
): Rights | null {
  const present = new Set(groups);
  const matching = [...mapping].filter(([group]) => present.has(group)).map(([, rights]) => rights);
  const role = matching[0]?.role;
  if (role === undefined) return null;
  const same = matching.filter((rights) => rights.role === role);
  const isWholeChain = BOUND_ROLES.includes(role) && same.some(({ locations }) => locations.length === 0);
  const locations = isWholeChain ? [] : [...new Set(same.flatMap((rights) => rights.locations))].sort();
  return { role, locations, manager: same.some(({ manager }) => manager) };
}

/** What is stored of a person's identity: no name and no address. */
export function hashOfIdentity(issuer: string, subject: string): string {
  return createHash('sha256')
    .update(JSON.stringify(['single sign-on', issuer, subject]))
    .digest('base64url');
}

const GROUP_LIMIT = 10_000;

/** The groups in a claim: a list of texts, or one text. Anything else is none. */
export function groupsInClaim(claim: unknown): string[] {
  if (typeof claim === 'string') return [claim];
  if (!Array.isArray(claim)) return [];
  return claim.slice(0, GROUP_LIMIT).filter((group): group is string => typeof group === 'string');
}
