// Publishable tokens: they stand in pages that everybody can read, and are good for the element on pages of their origins only.

import type { Request } from 'express';
import type { Caller } from '../access/rules/roles';

/** `PUBLISHABLE`: the route of the element. Everywhere else tokens are secret. */
export type TokenUse = 'SECRET' | 'PUBLISHABLE';

const MAX_SHOWN = 100;
const NOT_HERE =
  'This token is publishable: it is for the element comptoir-availability, at /elements/graphql only. Use a secret token on your server.';
const NOT_PUBLISHABLE =
  'This token is secret, and a page that has it shows it to everybody. Revoke it, and create a publishable one (createToken with pageOrigins).';
const NOT_A_STOREFRONT = 'This token is publishable, and its actor is no STOREFRONT any more.';

/** Whether the request comes from a page of this server. */
const isOwn = (req: Request, origin: string): boolean => origin.endsWith(`://${req.headers.host}`);

/** Why the good token of this caller cannot be used for this request; null: it can. */
export function whyNotUsable(req: Request, caller: Caller, use: TokenUse): string | null {
  const { pageOrigins = [] } = caller;
  if (use === 'SECRET') return pageOrigins.length > 0 ? NOT_HERE : null;
  if (pageOrigins.length === 0) return NOT_PUBLISHABLE;
  if (caller.role !== 'STOREFRONT') return NOT_A_STOREFRONT;
  const { origin } = req.headers;
  if (origin !== undefined && (pageOrigins.includes(origin) || isOwn(req, origin))) return null;
  const shown = origin === undefined ? 'without an origin' : `of ${origin.slice(0, MAX_SHOWN)}`;
  return `This token is for pages of ${pageOrigins.join(', ')}, and the request comes from a page ${shown}. Create one for it (createToken with pageOrigins).`;
}
