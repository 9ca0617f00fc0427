// Access by role, and two general prohibitions: an auditor changes nothing, and a token that is bound
// to locations cannot use fields about the whole chain.

import { GraphQLError } from 'graphql';
import { isBeyondLocations } from '../access/rules/boundFields';
import type { Caller, Role } from '../access/rules/roles';

const personalRules = new WeakSet<readonly Role[]>();

/** Roles that may see the identity of customers. Auditors may not, though they read everything else. */
export function personal<R extends Role>(roles: R[]): R[] {
  personalRules.add(roles);
  return roles;
}

/** Whether a rule of roles admits this caller. */
export function isAdmitted({ role }: Caller, roles: readonly Role[]): boolean {
  if (role === 'ADMIN' || roles.includes(role)) return true;
  return role === 'AUDITOR' && !personalRules.has(roles);
}

/** Refuses a root field that its own rule would admit. @throws GraphQLError FORBIDDEN */
export function checkRoot(parentType: string, field: string, caller: Caller | null): void {
  if (caller === null) return;
  const forbidden = (message: string) => new GraphQLError(message, { extensions: { code: 'FORBIDDEN' } });
  if (caller.role === 'AUDITOR' && parentType === 'Mutation') {
    throw forbidden(`${parentType}.${field} is not for AUDITOR tokens, which only read.`);
  }
  if (isBeyondLocations(caller, field)) {
    throw forbidden(
      `${parentType}.${field} is for the whole chain; ${caller.name} is bound to some of its locations.`,
    );
  }
}
