// Roles, and the authorization checks that every module makes of a caller.

import { Forbidden } from '../../refusals';

export const ROLES = [
  'STOREFRONT',
  'STAFF',
  'PLANNER',
  'FEED',
  'AGENT',
  'DATA_STEWARD',
  'MONITOR',
  'AUDITOR',
  'ADMIN',
  'SYSTEM',
] as const;
export type Role = (typeof ROLES)[number];

/** The authenticated caller of a request. */
export interface Caller {
  actorId: number;
  name: string;
  role: Role;
  /** The locations that a caller is bound to; see `boundTo`. */
  locationIds: ReadonlySet<number>;
  /** The sales channels of a STOREFRONT; none: the web channel. Other roles are not bound to channels. */
  channels?: readonly string[];
  /** STAFF with the rights of a shop's manager. */
  manager?: boolean;
  /** Origins of the pages that have this token, which is publishable then; none: a secret token, or a session. */
  pageOrigins?: readonly string[];
}

/** The program itself: expiry, no-shows, jobs. Row 0 of `actor`. */
export const SYSTEM: Caller = { actorId: 0, name: 'comptoir', role: 'SYSTEM', locationIds: new Set() };

/** Roles outside the retailer's own staff: storefronts, and monitoring. */
const OUTSIDERS: readonly Role[] = ['STOREFRONT', 'MONITOR'];

/** Roles that can be bound to locations. STAFF always are; a PLANNER or FEED without locations covers the whole chain. */
export const BOUND_ROLES: readonly Role[] = ['STAFF', 'PLANNER', 'FEED'];

/** The locations that this caller is bound to; null when it is not bound to locations. */
export function boundTo({ role, locationIds }: Caller): readonly number[] | null {
  if (!BOUND_ROLES.includes(role) || (role !== 'STAFF' && locationIds.size === 0)) return null;
  return [...locationIds];
}

/**
 * Whether the actor may work at this location: it is bound to it, or not bound to locations. Storefronts and monitors
 * never may.
 */
export function worksAt(actor: Caller, locationId: number): boolean {
  if (OUTSIDERS.includes(actor.role)) return false;
  return actor.locationIds.has(locationId) || boundTo(actor) === null;
}

/** @throws Forbidden when the caller doesn't work there */
export function mustWorkAt(actor: Caller, locationId: number, locationCode: string): void {
  if (!worksAt(actor, locationId)) {
    throw new Forbidden(
      `${actor.name} does not work at ${locationCode}; ask someone there or an administrator.`,
    );
  }
}

/** Whether the actor may read and change this document: the storefront that created it, or an actor that works at its location. */
export function mayTouch(actor: Caller, document: { ownerId: number; locationId: number }): boolean {
  return actor.role === 'STOREFRONT'
    ? document.ownerId === actor.actorId
    : worksAt(actor, document.locationId);
}

/** Whether the actor sees exact stock quantities; the public sees bands. */
export function seesNumbers(actor: Caller): boolean {
  return !OUTSIDERS.includes(actor.role);
}
