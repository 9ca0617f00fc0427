// Settings of single sign-on: the OpenID Connect provider, and what its groups may do.

import { BOUND_ROLES, ROLES, type Role } from '../access/rules/roles';
import { OperatorError } from '../refusals';
import { type Env, whole } from './env';

/** What the people of a group may do. */
export interface GroupRights {
  role: Role;
  locations: string[];
  manager: boolean;
}

export interface SingleSignOnSettings {
  issuer: string;
  clientId: string;
  /** Null: a public client. */
  clientSecret: string | null;
  scopes: string;
  groupsClaim: string;
  /** In the order of the setting: the first group of a person decides the role. */
  groups: ReadonlyMap<string, GroupRights>;
  clockToleranceSeconds: number;
  /** Address of this server, without a slash at its end. */
  publicUrl: string;
}

export interface SingleSignOnConfig {
  /** Null: people sign in another way. */
  singleSignOn: SingleSignOnSettings | null;
}

/** Roles of people; the others are programs. */
const PEOPLE: readonly Role[] = ROLES.filter(
  (role) => !['STOREFRONT', 'FEED', 'MONITOR', 'SYSTEM'].includes(role),
);
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const MAX_GROUPS = 1_000;
const EXAMPLE = '{"rivoli": {"role": "STAFF", "locations": ["paris-rivoli"]}}';

/** @throws OperatorError for rights that no actor can have */
function rightsOf(group: string, value: unknown): GroupRights {
  const wrong = (what: string): never => {
    throw new OperatorError(`SSO_GROUPS: group '${group}' ${what}`);
  };
  const { role, locations = [], manager = false, ...others } = (value ?? {}) as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) wrong(`has '${unknown}'; only role, locations and manager are known.`);
  if (!PEOPLE.includes(role as Role)) {
    wrong(`has the role '${String(role)}'; it must be one of ${PEOPLE.join(', ')}.`);
  }
  if (!Array.isArray(locations) || locations.some((code) => typeof code !== 'string' || code === '')) {
    wrong('has locations that are no list of codes.');
  }
  const codes = locations as string[];
  if (role === 'STAFF' && codes.length === 0) wrong('is of STAFF without locations; name at least one.');
  if (!BOUND_ROLES.includes(role as Role) && codes.length > 0) {
    wrong(`has locations; ${String(role)} is not bound to any, leave them out.`);
  }
  if (typeof manager !== 'boolean') wrong('has a manager that is neither true nor false.');
  if (manager && role !== 'STAFF') wrong('has a manager; only STAFF manage a shop.');
  return { role: role as Role, locations: codes, manager: manager as boolean };
}

/** @throws OperatorError */
function groupsOf(text: string | undefined): ReadonlyMap<string, GroupRights> {
  if (!text) throw new OperatorError(`SSO_ISSUER needs SSO_GROUPS; write for example ${EXAMPLE}.`);
  let groups: unknown;
  try {
    groups = JSON.parse(text);
  } catch {
    throw new OperatorError(`SSO_GROUPS is no JSON; write for example ${EXAMPLE}.`);
  }
  if (typeof groups !== 'object' || groups === null || Array.isArray(groups)) {
    throw new OperatorError(`SSO_GROUPS is no object of groups; write for example ${EXAMPLE}.`);
  }
  const entries = Object.entries(groups);
  if (entries.length === 0 || entries.length > MAX_GROUPS) {
    throw new OperatorError(`SSO_GROUPS has ${entries.length} groups; it must have 1 to ${MAX_GROUPS}.`);
  }
  return new Map(entries.map(([group, value]) => [group, rightsOf(group, value)]));
}

/** @throws OperatorError for an address that is not safe to sign in with */
function addressOf(name: 'SSO_ISSUER' | 'PUBLIC_URL', text: string, env: Env): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new OperatorError(`${name} is '${text}'; it must be an address such as https://login.example.com.`);
  }
  const isLoopback = env.NODE_ENV !== 'production' && LOOPBACK.includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback)) {
    throw new OperatorError(`${name} is '${text}'; for single sign-on it must begin with https:.`);
  }
  return text.replace(/\/+$/, '');
}

/** @throws OperatorError */
export function readSingleSignOn(env: Env): SingleSignOnConfig {
  const { SSO_ISSUER: issuer, SSO_CLIENT_ID: clientId, SSO_GROUPS: groups, PUBLIC_URL: publicUrl } = env;
  const { SSO_SCOPES: scopes = 'openid profile email', SSO_GROUPS_CLAIM: groupsClaim = 'groups' } = env;
  const clockToleranceSeconds = whole(env, 'SSO_CLOCK_TOLERANCE_SECONDS', 0, 300);
  if (!issuer) {
    const set = (['SSO_CLIENT_ID', 'SSO_CLIENT_SECRET', 'SSO_GROUPS'] as const).find((name) => env[name]);
    if (set !== undefined)
      throw new OperatorError(`${set} is set without SSO_ISSUER; set that too, or neither.`);
    return { singleSignOn: null };
  }
  if (!clientId)
    throw new OperatorError('SSO_ISSUER needs SSO_CLIENT_ID: the id of this server at the provider.');
  if (!publicUrl)
    throw new OperatorError('SSO_ISSUER needs PUBLIC_URL: the address that people come back to.');
  if (!scopes.split(' ').includes('openid')) {
    throw new OperatorError(`SSO_SCOPES is '${scopes}'; it must contain openid.`);
  }
  return {
    singleSignOn: {
      ...{
        issuer: addressOf('SSO_ISSUER', issuer, env),
        clientId,
        clientSecret: env.SSO_CLIENT_SECRET || null,
      },
      ...{
        scopes,
        groupsClaim,
        groups: groupsOf(groups),
        clockToleranceSeconds,
      },
      publicUrl: addressOf('PUBLIC_URL', publicUrl, env),
    },
  };
}
