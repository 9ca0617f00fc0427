// Access rules by role, as schema fields name them. ADMIN always has access, AUDITOR where no person is named.

import type { Role } from './roles';

interface RoleRule {
  roles: Role[];
}

export const ADMINS: RoleRule = { roles: ['ADMIN'] };
export const PLANNERS: RoleRule = { roles: ['PLANNER'] };
export const STAFF: RoleRule = { roles: ['STAFF'] };
export const STAFF_OR_PLANNERS: RoleRule = { roles: ['STAFF', 'PLANNER'] };
export const STAFF_OR_FEEDS: RoleRule = { roles: ['STAFF', 'FEED'] };
/** Roles that write master data. */
export const PLANNERS_OR_FEEDS: RoleRule = { roles: ['PLANNER', 'FEED'] };
/** The retailer's own staff and systems, which see exact numbers of units. */
export const INTERNAL: RoleRule = { roles: ['STAFF', 'PLANNER', 'FEED'] };
/** The retailer's own people and systems, whether they see numbers of units or customers. */
export const OWN_PEOPLE: RoleRule = { roles: [...INTERNAL.roles, 'AGENT', 'DATA_STEWARD'] };
/** Roles that place orders for customers and serve them. */
export const STOREFRONTS_OR_STAFF: RoleRule = { roles: ['STOREFRONT', 'STAFF'] };
export const ORDER_READERS: RoleRule = { roles: ['STOREFRONT', 'STAFF', 'PLANNER', 'AGENT', 'DATA_STEWARD'] };
/** Roles that change an order for its customer. Agents do so only for customers whom they serve, see `mustServe`. */
export const ORDER_SERVICE: RoleRule = { roles: [...STOREFRONTS_OR_STAFF.roles, 'AGENT'] };
/** Those who let a locked pickup code be used again: managers of shops, and agents. */
export const CODE_UNLOCKERS: RoleRule = { roles: ['STAFF', 'AGENT'] };
/** Roles that move units to where they are needed. */
export const TRANSFER_REQUESTERS: RoleRule = { roles: [...STAFF_OR_PLANNERS.roles, 'AGENT'] };
/** Customer service. Data stewards may read whatever agents read. */
const AGENTS: RoleRule = { roles: ['AGENT', 'DATA_STEWARD'] };
/** Roles that report contacts with customers: help desks, their agents, and imports. */
export const CONTACT_SOURCES: RoleRule = { roles: ['FEED', 'AGENT'] };
/** Help desks and other systems that state who serves customers. */
export const FEEDS: RoleRule = { roles: ['FEED'] };
/** Roles that read figures of service, in which no person is named. */
export const SERVICE_READERS: RoleRule = { roles: ['PLANNER', 'AGENT', 'DATA_STEWARD'] };
/** Roles that serve customers. */
export const SERVICE_STAFF: RoleRule = { roles: ['STAFF', 'AGENT', 'DATA_STEWARD'] };
/** Those who decide about the data of customers. */
export const DATA_STEWARDS: RoleRule = { roles: ['DATA_STEWARD'] };
export const RESERVERS: RoleRule = { roles: ['STOREFRONT', 'STAFF', 'FEED'] };
/** Storefronts and the retailer's own staff and systems: all roles that work with reservations and returns. */
export const COMMERCE: RoleRule = { roles: ['STOREFRONT', 'STAFF', 'PLANNER', 'FEED'] };
export const RETURN_READERS: RoleRule = { roles: [...COMMERCE.roles, ...AGENTS.roles] };
export const TRANSFER_READERS: RoleRule = { roles: [...INTERNAL.roles, ...AGENTS.roles] };
