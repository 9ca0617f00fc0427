// Settings of the identities of customers: limits of automatic joins, and values that several people share.

import { OperatorError } from '../refusals';
import { type Env, whole } from './env';
import { SETTINGS } from './settings';

export interface IdentityConfig {
  identity: {
    /** Most identifiers of a kind and scope that joins without a person may give one customer; a kind that is missing has no limit. */
    limits: Readonly<Record<string, number>>;
    /** Addresses and telephone numbers that several people use; one that ends with @ stands for every domain. */
    sharedValues: readonly string[];
    /** Sources of what is known of customers, the most trusted first. */
    trustedSources: readonly string[];
    /** An identifier claimed beside this many others counts as shared. */
    sharedClaims: number;
    /** Most lines of sales of a customer number of a till; one with more is that of many people, and its sales are nobody's. */
    maxTillLines: number;
    /** Probable links: log2 odds from which they are joined or proposed, and most records that one run compares. */
    matching: { joinBits: number; proposeBits: number; maxRecords: number };
  };
}

const LIMIT = /^([A-Z_]+)=([1-9]\d{0,3})$/;
const LIMITED_KINDS = ['WEB_ACCOUNT', 'LOYALTY_CARD', 'EMAIL', 'PHONE', 'TILL_CUSTOMER', 'SOCIAL_HANDLE'];

function list(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);
}

function readLimits(text: string): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const entry of list(text)) {
    const [, kind, most] = LIMIT.exec(entry) ?? [];
    if (kind === undefined || !LIMITED_KINDS.includes(kind)) {
      throw new OperatorError(
        `CUSTOMER_IDENTIFIER_LIMITS has '${entry}'; write KIND=number with a kind of ${LIMITED_KINDS.join(', ')}, separated by commas.`,
      );
    }
    limits[kind] = Number(most);
  }
  return limits;
}

function readMatching(env: Env): IdentityConfig['identity']['matching'] {
  const joinBits = whole(env, 'CUSTOMER_MATCH_JOIN_BITS', 0, 60);
  const proposeBits = whole(env, 'CUSTOMER_MATCH_PROPOSE_BITS', -10, 60);
  if (proposeBits > joinBits) {
    throw new OperatorError(
      `CUSTOMER_MATCH_PROPOSE_BITS is ${proposeBits}, above CUSTOMER_MATCH_JOIN_BITS (${joinBits}); links are proposed between the two.`,
    );
  }
  return { joinBits, proposeBits, maxRecords: whole(env, 'CUSTOMER_MATCH_MAX_RECORDS', 100, 1_000_000) };
}

export function readIdentity(env: Env): IdentityConfig {
  return {
    identity: {
      limits: readLimits(env.CUSTOMER_IDENTIFIER_LIMITS || SETTINGS.CUSTOMER_IDENTIFIER_LIMITS.default),
      sharedValues: list(env.SHARED_IDENTIFIERS || SETTINGS.SHARED_IDENTIFIERS.default),
      trustedSources: list(env.TRUSTED_SOURCES || SETTINGS.TRUSTED_SOURCES.default),
      sharedClaims: whole(env, 'SHARED_IDENTIFIER_CLAIMS', 2, 200),
      maxTillLines: whole(env, 'TILL_CUSTOMER_MAX_LINES', 1, 1_000_000),
      matching: readMatching(env),
    },
  };
}
