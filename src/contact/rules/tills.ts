// Which feed the till's customer numbers of a contact are of: such a number is known by its feed, as that of a sale is.

import { tillScope, unknownFeed } from '../../customer/rules/identifiers';
import type { StatedContact, StatedIdentifier } from './contact';

const isOfTill = ({ kind }: StatedIdentifier): boolean => kind === 'TILL_CUSTOMER';

/** Whether the feeds have to be known for these lines. */
export const namesTills = (lines: readonly StatedContact[]): boolean =>
  lines.some(({ identifiers }) => identifiers.some(isOfTill));

/** A line whose customer numbers have the scopes of their feeds, `feeds` by name; or which feed is not known. */
export function withFeeds(
  line: StatedContact,
  feeds: ReadonlyMap<string, number>,
): StatedContact | { field: string; message: string } {
  const identifiers: StatedIdentifier[] = [];
  for (const [i, one] of line.identifiers.entries()) {
    const id = isOfTill(one) ? feeds.get(one.scope) : undefined;
    if (isOfTill(one) && id === undefined)
      return { field: `identifiers.${i}.scope`, message: `${unknownFeed(one.scope, feeds)}.` };
    identifiers.push(id === undefined ? one : { ...one, scope: tillScope(id) });
  }
  return { ...line, identifiers };
}
