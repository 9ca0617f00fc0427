// Look-ups of customers: by id, as a storefront sees an account, and recorded for everyone who is not one.

import type { Context } from '../../graphql/context';
import { loader } from '../../graphql/loaders';
import { Forbidden } from '../../refusals';
import { logLookups } from '../actions/logLookups';
import { type FoundIdentifier, identifiersOfCustomers } from '../queries/identifiers';
import { linksBetween } from '../queries/links';
import { identifiersBehind, restrictedCustomers } from '../queries/lookup';
import { type CustomerView, reachedFrom } from '../rules/view';

/** Customers by an id that they have or had, with all that is known; null for an unknown id. */
const viewById = loader<string, CustomerView | null>(async ({ db }, ids) => {
  const identifiers = await identifiersBehind(db, ids);
  return ids.map((id) => {
    const own = identifiers.filter(({ requestedId }) => requestedId === id);
    return own.length === 0 ? null : { customerId: own[0]!.customerId, identifiers: own, vouchedBy: null };
  });
});

const isRestricted = loader<string, boolean>(async ({ db }, customerIds) => {
  const restricted = await restrictedCustomers(db, customerIds);
  return customerIds.map((id) => restricted.has(id));
});

/** @throws Forbidden when the processing of the customer's data is restricted, for everyone but those who decide about it */
async function mustNotBeRestricted(context: Context, customerId: string): Promise<void> {
  const { role } = context.caller;
  if (role === 'DATA_STEWARD' || role === 'ADMIN' || !(await isRestricted(context).load(customerId))) return;
  throw new Forbidden('The processing of this customer’s data is restricted; ask a data steward.');
}

interface RecordedLookup {
  customerId: string;
  field: string;
}

/** Records look-ups, one statement for those of a moment, and each key of a request once. */
const lookupRecorder = (keyOf: (lookup: RecordedLookup) => string) =>
  loader<RecordedLookup, true>(async ({ db, caller, now }, lookups) => {
    await logLookups(db, { actorId: caller.actorId, now }, lookups);
    return lookups.map(() => true as const);
  }, keyOf);

const lookupLog = lookupRecorder(({ customerId, field }) => `${field} ${customerId}`);
/** Records look-ups of cases, once for each customer of a request, whatever of the case is read. */
export const caseLookups = lookupRecorder(({ customerId }) => customerId);

/** The customer with this id, present or former; null if there is none. The look-up is recorded before it is answered. @throws Forbidden while it is restricted */
export async function lookUp(context: Context, id: string, field: string): Promise<CustomerView | null> {
  const view = await viewById(context).load(id);
  if (view === null) return null;
  await mustNotBeRestricted(context, view.customerId);
  await lookupLog(context).load({ customerId: view.customerId, field });
  return view;
}

/** What the storefront may see of the customer of an account that it vouches for. */
export async function viewOfAccount(context: Context, account: FoundIdentifier): Promise<CustomerView> {
  const { customerId } = account;
  await mustNotBeRestricted(context, customerId);
  const identifiers = await identifiersOfCustomers(context.db, [customerId]);
  const links = await linksBetween(
    context.db,
    identifiers.map(({ id }) => id),
  );
  const { limits } = context.config.identity;
  return {
    // The present id of the customer may be that of an identifier which only a probable link joins.
    customerId: account.ownId,
    identifiers: reachedFrom(account.id, identifiers, links, limits),
    vouchedBy: context.caller.actorId,
  };
}
