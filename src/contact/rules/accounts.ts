// Which storefront the accounts of a contact are at: an account is known by its storefront, as that of an order is.

import { accountScope } from '../../customer/rules/identifiers';
import type { StatedContact, StatedIdentifier } from './contact';

/** Storefronts of the accounts that name none, as the setting CONTACT_STOREFRONTS has them. */
type StorefrontsBySource = Readonly<Record<string, string>>;

const ANY_SOURCE = '*';

/** An account of which the storefront is not known. */
interface UnknownStorefront {
  /** The field below the line. */
  field: string;
  message: string;
}

/** The storefront that the settings name for a line; undefined: none. */
function storefrontOf(
  line: StatedContact,
  source: string,
  bySource: StorefrontsBySource,
): string | undefined {
  const desks = line.identifiers.filter(({ kind }) => kind === 'HELP_DESK_CONTACT').map(({ scope }) => scope);
  const named = [...desks, source, ANY_SOURCE].find((name) => Object.hasOwn(bySource, name));
  return named === undefined ? undefined : bySource[named];
}

const isAccount = ({ kind }: StatedIdentifier): boolean => kind === 'WEB_ACCOUNT';

/** Whether the storefronts have to be known for these lines. */
export const namesAccounts = (lines: readonly StatedContact[]): boolean =>
  lines.some(({ identifiers }) => identifiers.some(isAccount));

/**
 * A line whose accounts have the scopes of their storefronts, `ids` by name; or which storefront is not known. An account that neither
 * names a storefront nor comes from a source that has one keeps the empty scope: it may be several persons', and is the weakest evidence.
 */
export function withStorefronts(
  line: StatedContact,
  source: string,
  { ids, bySource }: { ids: ReadonlyMap<string, number>; bySource: StorefrontsBySource },
): StatedContact | UnknownStorefront {
  const identifiers: StatedIdentifier[] = [];
  for (const [i, one] of line.identifiers.entries()) {
    const name = !isAccount(one) ? undefined : one.scope || storefrontOf(line, source, bySource);
    const id = name === undefined ? undefined : ids.get(name);
    if (name !== undefined && id === undefined) {
      const field = `identifiers.${i}.scope`;
      const known =
        ids.size === 0 ? 'there is none yet' : `there are ${[...ids.keys()].slice(0, 20).join(', ')}`;
      const advice =
        one.scope === ''
          ? `CONTACT_STOREFRONTS names it for ${source}; correct the setting`
          : 'send the name of the storefront that the account is at, or leave it out';
      return { field, message: `there is no storefront '${name}' (${known}); ${advice}.` };
    }
    identifiers.push(id === undefined ? one : { ...one, scope: accountScope(id) });
  }
  return { ...line, identifiers };
}
