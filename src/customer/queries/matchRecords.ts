// Reads what the matching of customers starts from: records of persons by identifier, units that are certain, and earlier results.

import type { Tx } from '../../db/pool';
import type { PersonRecord } from '../../matcher/people';
import { groupBy } from '../../values/lists';
import type { IdentifierKind } from '../rules/identifiers';
import {
  decisionsOf,
  deriveCustomers,
  type IdentifierLimits,
  type IdentityLink,
  type LinkedIdentifier,
  type Pair,
} from '../rules/links';
import { type MatchState, type OpenProposal, pairText, recordId } from '../rules/matching';
import { type PersonStatement, survivingValues } from '../rules/survivorship';

/** Identifiers of one page. */
const PAGE = 1_000;
/** Newest statements and interactions of an identifier that are looked at. */
const NEWEST = 20;

const ELIGIBLE = `i.shared_reason IS NULL AND i.erased_at IS NULL AND NOT EXISTS (
    SELECT FROM identifier m WHERE m.customer_id = i.customer_id AND m.restricted_at IS NOT NULL)`;
const STATED = `EXISTS (SELECT FROM person_record r WHERE r.identifier_id = i.id)`;
const IDENTIFIERS = `
  SELECT i.id, i.customer_id AS "customerId" FROM identifier i
  WHERE ($1::bigint IS NULL OR i.id < $1) AND ${STATED} AND ${ELIGIBLE} ORDER BY i.id DESC LIMIT $2`;
const LEFT_OUT = `SELECT count(*)::int AS count FROM identifier i WHERE i.id < $1 AND ${STATED} AND ${ELIGIBLE}`;
const STILL_ELIGIBLE = `SELECT i.id FROM identifier i WHERE i.id = ANY($1::bigint[]) AND ${ELIGIBLE}`;
const MEMBERS = `
  SELECT i.id, i.kind, i.scope, i.shared_reason IS NOT NULL AS "isShared"
  FROM identifier i WHERE i.customer_id = ANY($1::uuid[]) ORDER BY i.id`;
const LINKS = `
  SELECT l.id, l.kind, l.low_id AS "lowId", l.high_id AS "highId", l.origin, (l.evidence->>'bits')::float8 AS bits
  FROM identity_link l WHERE l.low_id = ANY($1::bigint[]) ORDER BY l.id`;
const STATEMENTS = `
  SELECT f.id AS "identifierId", r.*
  FROM unnest($1::bigint[]) AS f(id)
  CROSS JOIN LATERAL (
    SELECT r.interaction_id AS "interactionId", r.source, r.at, r.is_verified AS "isVerified", r.full_name AS "fullName",
           r.first_name AS "firstName", r.surname, r.birth_date AS "birthDate", r.birth_place AS "birthPlace", r.street,
           r.postal_code AS "postalCode", r.city, r.gender, r.occupation
    FROM person_record r WHERE r.identifier_id = f.id ORDER BY r.at DESC LIMIT ${NEWEST}) r`;
// The address and the telephone that stood last in the interactions of an identifier; one that several people use is evidence of nothing.
const ADDRESSES = `
  SELECT f.id AS "identifierId", a.kind, a.hash
  FROM unnest($1::bigint[]) AS f(id)
  CROSS JOIN LATERAL (
    SELECT DISTINCT ON (b.kind) b.kind, b.hash
    FROM (SELECT o.interaction_id FROM interaction_identifier o WHERE o.identifier_id = f.id
          ORDER BY o.interaction_id DESC LIMIT ${NEWEST}) n
    JOIN interaction_identifier s ON s.interaction_id = n.interaction_id
    JOIN identifier b ON b.id = s.identifier_id AND b.kind IN ('EMAIL', 'PHONE') AND b.shared_reason IS NULL
      AND b.erased_at IS NULL
    ORDER BY b.kind, s.interaction_id DESC, b.id) a`;
const PROPOSALS = `
  SELECT p.id, p.low_id AS "lowId", p.high_id AS "highId", p.status = 'PROPOSED' AS "isOpen"
  FROM link_proposal p WHERE p.status <> 'SUPERSEDED' ORDER BY p.id`;

interface StatementRow extends PersonStatement {
  identifierId: number;
}
interface AddressRow {
  identifierId: number;
  kind: IdentifierKind;
  hash: string;
}
interface StoredLinkProposal {
  id: string;
  lowId: number;
  highId: number;
  isOpen: boolean;
}

/** How much is read, and by which rules. */
export interface MatchBounds {
  maxRecords: number;
  limits: IdentifierLimits;
  trustedSources: readonly string[];
}

/** Collects pages into the state of a run. */
class StateReader {
  readonly records: PersonRecord[] = [];
  readonly unitOf = new Map<number, number>();
  readonly #apart = new Map<string, Pair>();
  readonly #modelJoins = new Map<string, Pair>();

  constructor(
    private readonly tx: Tx,
    private readonly bounds: MatchBounds,
  ) {}

  async readPage(page: readonly { id: number; customerId: string }[]): Promise<void> {
    const ids = page.map(({ id }) => id);
    const [members, statements, addresses] = await Promise.all([
      this.tx.rows<LinkedIdentifier>(MEMBERS, [[...new Set(page.map(({ customerId }) => customerId))]]),
      this.tx.rows<StatementRow>(STATEMENTS, [ids]),
      this.tx.rows<AddressRow>(ADDRESSES, [ids]),
    ]);
    this.#readUnits(members, await this.tx.rows<IdentityLink>(LINKS, [members.map(({ id }) => id)]));
    const statementsOf = groupBy(statements, (row) => row.identifierId);
    const addressesOf = groupBy(addresses, (row) => row.identifierId);
    for (const id of ids)
      this.records.push(
        recordOf(id, statementsOf.get(id) ?? [], addressesOf.get(id) ?? [], this.bounds.trustedSources),
      );
  }

  /** Without the model's own joins a customer is what rules and people made of it. */
  #readUnits(members: readonly LinkedIdentifier[], links: readonly IdentityLink[]): void {
    const certain = links.filter(({ origin }) => origin !== 'MODEL');
    for (const [id, unit] of deriveCustomers(members, certain, this.bounds.limits).lowestOf)
      this.unitOf.set(id, unit);
    for (const { kind, origin, lowId, highId } of decisionsOf(links)) {
      const pair: Pair = [lowId, highId];
      if (kind !== 'JOIN' && origin === 'PERSON') this.#apart.set(pairText(pair), pair);
      if (kind === 'JOIN' && origin === 'MODEL') this.#modelJoins.set(pairText(pair), pair);
    }
  }

  state(proposals: readonly StoredLinkProposal[]): MatchState {
    const openProposals: OpenProposal[] = [];
    const decided = new Set<string>();
    for (const { id, lowId, highId, isOpen } of proposals) {
      if (isOpen) openProposals.push({ id, pair: [lowId, highId] });
      else decided.add(pairText([lowId, highId]));
    }
    return {
      ...{ records: this.records, unitOf: this.unitOf, openProposals, decided },
      ...{ apart: [...this.#apart.values()], modelJoins: [...this.#modelJoins.values()] },
    };
  }
}

function recordOf(
  id: number,
  statements: readonly PersonStatement[],
  addresses: readonly AddressRow[],
  trustedSources: readonly string[],
): PersonRecord {
  const values = new Map<string, string>();
  for (const { attribute, value } of survivingValues(statements, trustedSources))
    values.set(attribute, value);
  const of = (attribute: keyof PersonStatement): string => values.get(attribute) ?? '';
  const address = (kind: IdentifierKind): string => addresses.find((one) => one.kind === kind)?.hash ?? '';
  return {
    ...{ id: recordId(id), forename: of('firstName'), surname: of('surname'), fullName: of('fullName') },
    ...{ birthDate: of('birthDate'), postcode: of('postalCode') },
    others: [
      ...[of('city'), of('gender'), of('occupation'), of('birthPlace'), of('street')],
      ...[address('EMAIL'), address('PHONE')],
    ],
  };
}

/**
 * Reads the newest identifiers with statements, at most `maxRecords`, page by page, so that memory is bounded. `leftOut` of them are
 * older and stay as they are. Identifiers that several people use, and those of restricted or erased customers, are not read.
 */
export async function readMatchState(
  tx: Tx,
  bounds: MatchBounds,
): Promise<{ state: MatchState; leftOut: number }> {
  const reader = new StateReader(tx, bounds);
  let before: number | null = null;
  for (;;) {
    const limit = Math.min(PAGE, bounds.maxRecords - reader.records.length);
    const page: { id: number; customerId: string }[] =
      limit === 0 ? [] : await tx.rows<{ id: number; customerId: string }>(IDENTIFIERS, [before, limit]);
    if (page.length > 0) await reader.readPage(page);
    before = page.at(-1)?.id ?? before;
    if (page.length < PAGE) break;
  }
  const [left] = before === null ? [] : await tx.rows<{ count: number }>(LEFT_OUT, [before]);
  const proposals = await tx.rows<StoredLinkProposal>(PROPOSALS);
  return { state: reader.state(proposals), leftOut: left?.count ?? 0 };
}

/** Those of these identifiers that may still be matched. */
export async function stillEligible(tx: Tx, ids: readonly number[]): Promise<Set<number>> {
  return new Set((await tx.rows<{ id: number }>(STILL_ELIGIBLE, [ids])).map(({ id }) => id));
}
