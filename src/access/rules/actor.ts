// Validation of actors (names, roles, locations), and how an access token is derived from what is stored.

import { createHmac } from 'node:crypto';
import { checkCount, checkText, refuse } from '../../refusals';
import { checkChannel } from './channels';
import { BOUND_ROLES, type Role } from './roles';

export const ACTOR_LIMITS = {
  nameLength: 200,
  locations: 500,
  locationCodeLength: 64,
  channels: 50,
  /** Tokens of one actor that are not revoked. */
  tokens: 100,
  /** Origins of the pages of one publishable token. */
  pageOrigins: 50,
  originLength: 200,
  /** How far ahead a token may expire. */
  tokenDays: 3_650,
} as const;

/** A person or a program that uses the API: a shop's staff, a storefront, a till feed. */
export interface ActorFacts {
  name: string;
  role: Role;
  /** Location codes. STAFF have at least one; for PLANNER and FEED an empty list means the whole chain. */
  locations: string[];
  /** Sales channels; of a STOREFRONT only. None: the web channel alone. */
  channels: string[];
  active: boolean;
  /** Of STAFF only: decides what a shop's manager decides. */
  manager: boolean;
}

/** @throws Refused InvalidInput for a name, a role or locations that no actor can have */
export function checkActor({ name, role, locations, channels, manager }: ActorFacts): void {
  checkText(name, 'name', ACTOR_LIMITS.nameLength);
  if (role === 'SYSTEM') {
    refuse('InvalidInput', 'role SYSTEM is the program itself; give another role.', { path: 'role' });
  }
  checkCount(locations, 'locations', ACTOR_LIMITS.locations, 0);
  for (const [i, code] of locations.entries()) {
    checkText(code, `locations.${i}`, ACTOR_LIMITS.locationCodeLength);
  }
  if (role === 'STAFF' && locations.length === 0) {
    refuse('InvalidInput', 'locations is empty; name at least one for STAFF.', { path: 'locations' });
  }
  if (!BOUND_ROLES.includes(role) && locations.length > 0) {
    const message = `locations are for ${BOUND_ROLES.join(', ')}; ${role} is not bound to locations; omit them.`;
    refuse('InvalidInput', message, { path: 'locations' });
  }
  if (manager && role !== 'STAFF') {
    const message = `manager is for STAFF; ${role} does not manage a shop; omit it.`;
    refuse('InvalidInput', message, { path: 'manager' });
  }
  checkCount(channels, 'channels', ACTOR_LIMITS.channels, 0);
  for (const [i, channel] of channels.entries()) checkChannel(channel, `channels.${i}`);
  if (role !== 'STOREFRONT' && channels.length > 0) {
    const message = `channels are for STOREFRONT; ${role} is not bound to channels; omit them.`;
    refuse('InvalidInput', message, { path: 'channels' });
  }
}

/** Whether this is the origin of pages that browsers deliver safely: https, or http on this machine. */
function isPageOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol, hostname } = new URL(text);
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return origin === text && (protocol === 'https:' || (protocol === 'http:' && isLocal));
}

/** Checks the origins of a publishable token's pages. @throws Refused InvalidInput */
export function checkPageOrigins(origins: readonly string[], role: Role): void {
  checkCount(origins, 'pageOrigins', ACTOR_LIMITS.pageOrigins);
  for (const [i, origin] of origins.entries()) {
    const path = `pageOrigins.${i}`;
    checkText(origin, path, ACTOR_LIMITS.originLength);
    if (isPageOrigin(origin)) continue;
    const message = `${path} is '${origin}'; it must be an origin as browsers send it, without a path: https://shop.example.com, or http://localhost:8080 for trying.`;
    refuse('InvalidInput', message, { path });
  }
  if (role === 'STOREFRONT') return;
  const message = `pageOrigins are for STOREFRONT; a token of ${role} must stay secret; omit them.`;
  refuse('InvalidInput', message, { path: 'pageOrigins' });
}

/** Prefix by which people and secret scanners recognize a token. */
const TOKEN_PREFIX = 'cpt_';
/** Of a publishable token: secret scanners must not take it for a secret. */
const PUBLISHABLE_PREFIX = 'cpage_';

/**
 * The token of a stored nonce: 256 bits that can only be derived with the server's secret. So the answer to
 * a repeated request can be given again although neither it nor the token is stored. (From a nonce, not from an id: after
 * a restored backup ids are given out again, and two people would have one token.)
 */
export function accessToken(secretKey: Buffer, nonce: string, isPublishable = false): string {
  const mac = createHmac('sha256', secretKey).update(JSON.stringify(['access-token', nonce]));
  return `${isPublishable ? PUBLISHABLE_PREFIX : TOKEN_PREFIX}${mac.digest('base64url')}`;
}

/** The end of a token, by which administrators distinguish tokens. */
export function hintOf(token: string): string {
  return token.slice(-4);
}
