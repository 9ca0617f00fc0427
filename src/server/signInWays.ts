// The ways to sign in that this server offers a browser.

import { hashToken } from '../access/queries/callers';
import { type DemonstrationActorRow, demonstrationActors } from '../access/queries/demonstration';
import { DEMONSTRATION_ACTORS } from '../access/rules/demonstration';
import type { Parts } from '../graphql/context';

/** A person of the demonstration, with the token to sign in with. */
export interface DemonstrationPerson extends Omit<DemonstrationActorRow, 'hash'> {
  token: string;
}

export interface SignInWays {
  /** A pasted token. */
  token: boolean;
  /** The provider of the retailer's people, at /session/single-sign-on. */
  singleSignOn: boolean;
  /** Of a demonstration only; else empty. */
  people: DemonstrationPerson[];
}

/** Their tokens by their hashes. Storefronts, feeds and monitors are programs. */
const TOKENS: ReadonlyMap<string, string> = new Map(
  DEMONSTRATION_ACTORS.filter(({ role }) => role !== 'STOREFRONT' && role !== 'FEED').map(({ token }) => [
    hashToken(token),
    token,
  ]),
);

/** Whether this is the hash of the token of a person whom the sign-in page of a demonstration offers. */
export const isDemonstrationHash = ({ demo }: { demo: boolean }, hash: string): boolean =>
  demo && TOKENS.has(hash);

/** The people of the demonstration in the order of the list, as far as the database has them; none elsewhere. */
async function demonstrationPeople({ db, config, clock }: Parts): Promise<DemonstrationPerson[]> {
  if (!config.demo) return [];
  const rows = await demonstrationActors(db, [...TOKENS.keys()], clock());
  const byHash = new Map(rows.map(({ hash, ...person }) => [hash, person]));
  return [...TOKENS].flatMap(([hash, token]) => {
    const person = byHash.get(hash);
    return person === undefined ? [] : [{ token, ...person }];
  });
}

export async function signInWays(parts: Parts): Promise<SignInWays> {
  const { sessions, singleSignOn } = parts.config;
  const people = await demonstrationPeople(parts);
  return { token: sessions.byToken, singleSignOn: singleSignOn !== null, people };
}
