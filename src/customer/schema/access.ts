// Who may read customers: agents and data stewards; a storefront the account that it vouches for. Auditors read no persons.

import type { Role } from '../../access/rules/roles';
import { personal } from '../../graphql/accessRule';

/*
 * Staff of shops are left out: to hand over an order they need its customer's name and address, which the order shows them. What the
 * person bought and asked elsewhere is not needed for that.
 */
const ROLES: Role[] = ['AGENT', 'DATA_STEWARD'];

/** Those who decide about customers and their data. Auditors are left out: they read no persons. */
export const CUSTOMER_STEWARDS = { roles: personal<Role>(['DATA_STEWARD']) };
/** Administrators alone: what is stored about whoever has an e-mail address. */
export const CUSTOMER_ADMINS = { roles: personal<Role>(['ADMIN']) };
/** Those who serve customers beyond one shop. */
export const CUSTOMER_SERVICE = { roles: personal([...ROLES]) };
/** The same, and storefronts for their shoppers. */
export const CUSTOMER_READERS = { roles: personal<Role>(['STOREFRONT', ...ROLES]) };
