// Accounts at storefronts: which storefront an account is at, by who asks or by its name.

import { builder } from '../../graphql/builder';
import type { Context } from '../../graphql/context';
import { checkText, refuse } from '../../refusals';
import { identifiersByKey } from '../queries/identifiers';
import { storefronts } from '../queries/storefronts';
import {
  accountScope,
  IdentifierHashes,
  identifierText,
  MAX_IDENTIFIER_LENGTH,
  type StoredIdentifier,
} from '../rules/identifiers';

const MAX_NAME = 64;

export const StorefrontAccountKey = builder.inputType('StorefrontAccountKey', {
  description: 'An account at a storefront. Two storefronts may give the same ID to two persons.',
  fields: (t) => ({
    storefront: t.string({ required: true, description: 'Name of the storefront.' }),
    account: t.string({ required: true, description: 'ID of the account there.' }),
  }),
});
type StorefrontAccount = typeof StorefrontAccountKey.$inferInput;

function typedAccount({ secretKey }: Context, typed: string, scope: string, path: string): StoredIdentifier {
  checkText(typed, path, MAX_IDENTIFIER_LENGTH);
  const found = new IdentifierHashes(secretKey).typed('WEB_ACCOUNT', typed, { scope });
  if (found !== null) return found;
  refuse('InvalidInput', `${path} is not an identifier; it has no characters that can be seen.`, { path });
}

/** The account of a storefront's own shopper. @throws Refused InvalidInput */
export function ownAccount(context: Context, typed: string, path: string): StoredIdentifier {
  return typedAccount(context, typed, accountScope(context.caller.actorId), path);
}

/** The account at a storefront that is named. @throws Refused InvalidInput */
export function accountAt(
  context: Context,
  given: StorefrontAccount,
  known: Awaited<ReturnType<typeof storefronts>>,
  path: string,
): StoredIdentifier {
  const { caller } = context;
  checkText(given.storefront, `${path}.storefront`, MAX_NAME);
  const own = caller.role === 'STOREFRONT' ? known.filter(({ id }) => id === caller.actorId) : known;
  const storefront = own.find(({ name }) => name === given.storefront);
  if (storefront !== undefined)
    return typedAccount(context, given.account, accountScope(storefront.id), `${path}.account`);
  refuse('InvalidInput', `${path}.storefront is not the name of a storefront that this token may use.`, {
    path: `${path}.storefront`,
  });
}

/**
 * The id of the customer with this account at any storefront; null if there is none. @throws Refused InvalidInput when accounts of several
 * customers have this id
 */
export async function customerOfAnyAccount(
  context: Context,
  typed: string,
  path: string,
): Promise<string | null> {
  const known = await storefronts(context.db);
  // The empty scope: an account that staff wrote down.
  const keys = ['', ...known.map(({ id }) => accountScope(id))].map((scope) =>
    typedAccount(context, typed, scope, path),
  );
  const found = await identifiersByKey(context.db, keys);
  const inOrder = keys.flatMap((key) => found.get(identifierText(key)) ?? []);
  const scoped = inOrder.filter(({ scope }) => scope !== '');
  if (new Set(scoped.map(({ customerId }) => customerId)).size > 1) {
    const names = known.filter(({ id }) => scoped.some(({ scope }) => scope === accountScope(id)));
    const message = `${path} is an account of different customers at the storefronts ${names.map(({ name }) => name).join(', ')}; name one of them with storefrontAccount.`;
    refuse('InvalidInput', message, { path });
  }
  return (scoped[0] ?? inOrder[0])?.ownId ?? null;
}
