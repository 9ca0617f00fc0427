// joinCustomers and splitCustomer: decisions of a person about which identifiers are one customer.

import { type Command, defineCommand } from '../../access/actions/execute';
import type { Tx } from '../../db/pool';
import { notFound, refuse } from '../../refusals';
import { groupBy } from '../../values/lists';
import {
  customerIdsOf,
  type FoundIdentifier,
  identifiersByKey,
  identifiersOfCustomers,
  presentCustomerIds,
} from '../queries/identifiers';
import { linkedRegion, linksBetween } from '../queries/links';
import { type IdentifierKey, identifierText } from '../rules/identifiers';
import {
  decisionsOf,
  deriveCustomers,
  type IdentifierLimits,
  type IdentityLink,
  joinToCome,
  type LinkConflict,
  type LinkKind,
  type Pair,
  pairOf,
  pairsBetween,
  pairsOfJoin,
} from '../rules/links';
import { certainParts } from '../rules/view';
import { appendLinks, lockCustomers, rederiveCustomers } from './links';

/** Most identifiers of the customers of one decision, and customers of one join. */
export const MAX_DECIDED_IDENTIFIERS = 500;
export const MAX_JOINED_CUSTOMERS = 20;

interface JoinInput {
  customerIds: readonly string[];
  reason: string;
  evenIfForbidden: boolean;
  limits: IdentifierLimits;
}

/**
 * Joins customers into the one with the earliest identifier: of each what is certainly one with the id.
 * @throws Refused InvalidInput, NotFound; then nothing is joined
 */
export const joinCustomers = defineCommand(
  'joinCustomers',
  async (tx: Tx, { input, actor, now }: Command<JoinInput>) => {
    const { customerIds, reason, evenIfForbidden, limits } = input;
    await lockCustomers(tx);
    const customers = await certainlyWith(
      tx,
      await identifiersOf(tx, customerIds),
      ({ ownId }, i) => ownId === customerIds[i],
      limits,
    );
    if (new Set(customers.map(([first]) => first!.id)).size < customers.length) {
      const message = 'customers names one customer twice, by a former id of it.';
      refuse('InvalidInput', message, { path: 'customers' });
    }
    const scope = { actorId: actor.actorId, now, reason, evenIfForbidden, limits };
    return { customerIds: await customersOf(tx, [await joinIdentifiers(tx, scope, customers)]) };
  },
);

/** Who joins, why, and within which limits. */
export interface JoinScope {
  actorId: number;
  now: Date;
  reason: string;
  evenIfForbidden: boolean;
  limits: IdentifierLimits;
}

/**
 * Joins two or more customers, given by their identifiers, under `lockCustomers`. Answers an identifier of the joined customer.
 * @throws Refused InvalidInput before anything is written
 */
export async function joinIdentifiers(
  tx: Tx,
  { actorId, now, reason, evenIfForbidden, limits }: JoinScope,
  customers: readonly FoundIdentifier[][],
): Promise<number> {
  const [first, ...others] = customers as [FoundIdentifier[], ...FoundIdentifier[][]];
  const all = customers.flat().map(({ id }) => id);
  const { identifiers, links } = await linkedRegion(tx, all);
  const these = joinable(first);
  // Every identifier is joined by the person: those that only a rule joined would part again where the limits of rules are passed.
  const pairs = [
    ...chainOf([...these, ...others.flatMap(joinable)]),
    ...others.flatMap((other) => pairsOfJoin(these, joinable(other), links)),
  ];
  const distinct = [...new Map(pairs.map((pair) => [String(pair), pair])).values()];
  if (!evenIfForbidden) refuseForbidden(links, distinct);
  const { lowestOf, conflicts } = deriveCustomers(
    identifiers,
    [...links, ...distinct.map((pair) => joinToCome(pair, 'PERSON'))],
    limits,
  );
  const joined = new Set(customers.map((own) => lowestOf.get(joinable(own)[0]!)));
  if (joined.size > 1) refuseConflict(conflicts.find(({ origin }) => origin === 'PERSON'));
  await appendDecision(tx, now, { kind: 'JOIN', pairs: distinct, actorId, reason });
  await rederiveCustomers(tx, all, limits);
  return these[0]!;
}

interface SplitInput {
  customerId: string;
  identifiers: readonly IdentifierKey[];
  reason: string;
  isForbidden: boolean;
  limits: IdentifierLimits;
}

/** Parts identifiers from the others of a customer; both parts stay whole. @throws Refused InvalidInput, NotFound */
export const splitCustomer = defineCommand(
  'splitCustomer',
  async (tx: Tx, { input, actor, now }: Command<SplitInput>) => {
    const { customerId, reason, isForbidden, limits } = input;
    await lockCustomers(tx);
    const [own] = (await identifiersOf(tx, [customerId])) as [FoundIdentifier[]];
    const found = await identifiersByKey(tx, input.identifiers);
    const parted = input.identifiers.map((key, i) => {
      const one = found.get(identifierText(key));
      if (one !== undefined && own.some(({ id }) => id === one.id)) return one.id;
      const message = `identifiers.${i} is not an identifier of this customer; look at Customer.identifiers.`;
      return refuse('InvalidInput', message, { path: `identifiers.${i}` });
    });
    const rest = own.map(({ id }) => id).filter((id) => !parted.includes(id));
    if (rest.length === 0) {
      const message = 'identifiers names all identifiers of this customer; leave those out that stay.';
      refuse('InvalidInput', message, { path: 'identifiers' });
    }
    const links = await linksBetween(
      tx,
      own.map(({ id }) => id),
    );
    const lowestOf = certainParts(own, links, limits);
    const by = { actorId: actor.actorId, reason };
    const kind: LinkKind = isForbidden ? 'FORBID' : 'SPLIT';
    await appendDecision(tx, now, { kind, pairs: pairsBetween(parted, rest), ...by });
    // Both parts stay whole, also where only an identifier of the other part held them together. The person named all of the parted
    // ones; of the others those stay together that were certainly so, and the model's links as they are.
    for (const part of [parted, ...groupBy(rest, (id) => lowestOf.get(id)!).values()])
      await appendDecision(tx, now, { kind: 'JOIN', pairs: chainOf(part), ...by });
    await rederiveCustomers(tx, [...parted, ...rest], limits);
    return { customerIds: await customersOf(tx, [rest[0]!, parted[0]!]) };
  },
);

/** The identifiers of the customer of each id, present or former. @throws Refused NotFound, InvalidInput */
async function identifiersOf(tx: Tx, customerIds: readonly string[]): Promise<FoundIdentifier[][]> {
  const present = await presentCustomerIds(tx, customerIds);
  const unknown = customerIds.filter((id) => !present.has(id));
  if (unknown.length > 0) throw notFound('Customer', unknown);
  const ids = customerIds.map((id) => present.get(id)!);
  const found = await identifiersOfCustomers(tx, [...new Set(ids)]);
  if (found.length > MAX_DECIDED_IDENTIFIERS) {
    const message = `These customers have ${found.length} identifiers; at most ${MAX_DECIDED_IDENTIFIERS} are decided on at once.`;
    refuse('InvalidInput', message, { path: 'customers' });
  }
  return ids.map((id) => found.filter(({ customerId }) => customerId === id));
}

/**
 * Of each customer what is certainly one with the named identifier: over rules and decisions of people. A decision about two customers is
 * none about what only the model joined with one of them; that stays joined by the model, and can be named by its own id.
 */
export async function certainlyWith(
  tx: Tx,
  customers: readonly FoundIdentifier[][],
  isNamed: (identifier: FoundIdentifier, index: number) => boolean,
  limits: IdentifierLimits,
): Promise<FoundIdentifier[][]> {
  const all = [...new Map(customers.flat().map((one) => [one.id, one])).values()];
  const links = await linksBetween(
    tx,
    all.map(({ id }) => id),
  );
  const lowestOf = certainParts(all, links, limits);
  return customers.map((own, i) => {
    const named = own.find((one) => isNamed(one, i))!;
    return own.filter(({ id }) => lowestOf.get(id) === lowestOf.get(named.id));
  });
}

/** The identifiers that can join others. @throws Refused InvalidInput */
function joinable(own: readonly FoundIdentifier[]): number[] {
  const ids = own.filter(({ sharedReason, hash }) => sharedReason === null && !hash.startsWith('erased:'));
  if (ids.length > 0) return ids.map(({ id }) => id);
  const message = 'A customer without identifiers, or with shared ones only, cannot be joined with another.';
  return refuse('InvalidInput', message, { path: 'customers' });
}

/** What a person decides about pairs, and why. */
export interface LinkDecision {
  kind: LinkKind;
  pairs: readonly Pair[];
  actorId: number;
  reason: string;
}
/** Appends a person's decision to the log. */
export async function appendDecision(tx: Tx, now: Date, decision: LinkDecision): Promise<void> {
  await appendLinks(tx, now, { ...decision, origin: 'PERSON', evidence: decision.pairs.map(() => ({})) });
}

/** Pairs of the first identifier with each other one. */
const chainOf = ([first, ...others]: readonly number[]): Pair[] => others.map((id) => pairOf(first!, id));

function refuseForbidden(links: readonly IdentityLink[], pairs: readonly Pair[]): void {
  const keys = new Set(pairs.map(String));
  const isForbidden = ({ kind, origin, lowId, highId }: IdentityLink): boolean =>
    kind === 'FORBID' && origin === 'PERSON' && keys.has(String([lowId, highId]));
  if (!decisionsOf(links).some(isForbidden)) return;
  const message =
    'A person decided that these customers must never be one; send evenIfForbidden to decide again.';
  refuse('InvalidInput', message, { path: 'customers' });
}

function refuseConflict(conflict: LinkConflict | undefined): never {
  const message =
    conflict?.reason === 'LIMIT'
      ? `Together these customers would have ${conflict.count} identifiers of the kind ${conflict.kind}; at most ${conflict.limit} belong to one.`
      : 'These customers stay apart by decisions about their other identifiers.';
  return refuse('InvalidInput', message, { path: 'customers' });
}

/** The present customers of these identifiers, in their order: what a decision set free may have come to another one than was named. */
export async function customersOf(tx: Tx, ids: readonly number[]): Promise<string[]> {
  const found = await customerIdsOf(tx, ids);
  return ids.map((id) => found.get(id)!);
}
