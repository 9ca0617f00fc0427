// GraphQL type of a customer's identifiers: how each is known, with values masked by role.

import { ActorSummary, actorById, actorOf } from '../../access/schema/summary';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import type { Context } from '../../graphql/context';
import { inOrderOf, loader } from '../../graphql/loaders';
import { feedNames } from '../../sales/queries/receipts';
import type { FoundIdentifier } from '../queries/identifiers';
import { linksBetween } from '../queries/links';
import { lastVerifications, type Verification } from '../queries/persons';
import { accountScope } from '../rules/identifiers';
import type { LinkOrigin } from '../rules/links';
import { maskedValue } from '../rules/masking';
import type { CustomerView } from '../rules/view';
import { CUSTOMER_READERS, CUSTOMER_SERVICE } from './access';
import { IdentifierKindEnum, IdentifierStanding, LinkOriginEnum } from './enums';

/** An identifier as it is shown with a customer. */
export interface ShownIdentifier extends FoundIdentifier {
  view: CustomerView;
  /** It only stood beside identifiers of the customer. */
  isClaimedOnly: boolean;
  lastClaimedAt: Date | null;
}

const verificationOf = loader<number, Verification | null>(async (context, ids) =>
  inOrderOf(ids, await lastVerifications(context.db, ids), ({ id }) => id),
);

const feedName = loader<number, string | null>(async ({ db }, ids) => {
  const names = await feedNames(db, ids);
  return ids.map((id) => names.get(id) ?? null);
});

/** The origins of JOINs between the identifiers of each customer. */
const originsOf = loader<CustomerView, Map<number, LinkOrigin>>(async ({ db }, views) => {
  const links = await linksBetween(
    db,
    views.flatMap((view) => view.identifiers.map(({ id }) => id)),
  );
  const byStrength: readonly LinkOrigin[] = ['MODEL', 'RULE', 'PERSON'];
  return views.map((view) => {
    const own = new Set(view.identifiers.map(({ id }) => id));
    const origins = new Map<number, LinkOrigin>();
    const joins = links.filter((l) => l.kind === 'JOIN' && own.has(l.lowId) && own.has(l.highId));
    for (const origin of byStrength)
      for (const join of joins.filter((one) => one.origin === origin))
        for (const id of [join.lowId, join.highId]) origins.set(id, origin);
    return origins;
  });
});

/**
 * Whether this caller sees the whole value. A claimed value may be another person's, so only those who decide about links see it. A
 * storefront knows the account of its shopper; of the other identifiers it shows as much as the shopper recognises.
 */
function isShownWhole({ kind, scope, isClaimedOnly }: ShownIdentifier, { caller }: Context): boolean {
  if (caller.role === 'ADMIN' || caller.role === 'DATA_STEWARD') return true;
  if (caller.role !== 'STOREFRONT') return !isClaimedOnly;
  return kind === 'WEB_ACCOUNT' && scope === accountScope(caller.actorId);
}

export const CustomerIdentifier = builder.objectRef<ShownIdentifier>('CustomerIdentifier').implement({
  description: 'An identifier by which a customer is known, or that the customer stated.',
  authScopes: CUSTOMER_READERS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('an identifier of a customer'),
      resolve: ({ id, view }) => cacheId('CustomerIdentifier', view.customerId, id),
    }),
    kind: t.expose('kind', { type: IdentifierKindEnum, description: 'Kind of the identifier.' }),
    scope: t.string({
      description:
        'Where it is unique, such as a storefront, a sales feed or a social network; empty when it is unique by itself.',
      resolve: async ({ kind, scope }, _args, context) => {
        if (!/^\d{1,9}$/.test(scope)) return scope;
        if (kind === 'TILL_CUSTOMER') return (await feedName(context).load(Number(scope))) ?? scope;
        if (kind === 'WEB_ACCOUNT') return (await actorById(context).load(Number(scope)))?.name ?? scope;
        return scope;
      },
    }),
    value: t.string({
      nullable: true,
      description:
        'Its value; null when only its hash is stored. AGENT tokens see claimed values masked, STOREFRONT tokens all but their own account.',
      resolve: (one, _args, context) =>
        one.value === null || isShownWhole(one, context) ? one.value : maskedValue(one.kind, one.value),
    }),
    standing: t.field({
      type: IdentifierStanding,
      description: 'How well it is known that it is the customer’s.',
      resolve: async (one, _args, context) => {
        if (one.sharedReason !== null) return 'SHARED' as const;
        if (one.isClaimedOnly) return 'CLAIMED' as const;
        return (await verificationOf(context).load(one.id)) === null ? 'CLAIMED' : 'VERIFIED';
      },
    }),
    verifiedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was verified last; null if it never was.',
      resolve: async (one, _args, context) =>
        one.isClaimedOnly ? null : ((await verificationOf(context).load(one.id))?.verifiedAt ?? null),
    }),
    verifiedBy: t.field({
      type: ActorSummary,
      nullable: true,
      description:
        'Who verified it last: a storefront, a member of staff, a feed, or `comptoir` for the program itself.',
      authScopes: CUSTOMER_SERVICE,
      resolve: async (one, _args, context) => {
        const found = one.isClaimedOnly ? null : await verificationOf(context).load(one.id);
        return actorOf(context, found?.verifiedById ?? null);
      },
    }),
    joinedBy: t.field({
      type: LinkOriginEnum,
      nullable: true,
      description:
        'Who decided that it belongs to the other identifiers of the customer; null if it has none or is only claimed.',
      authScopes: CUSTOMER_SERVICE,
      resolve: async (one, _args, context) =>
        one.isClaimedOnly ? null : ((await originsOf(context).load(one.view)).get(one.id) ?? null),
    }),
    lastClaimedAt: t.expose('lastClaimedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was claimed last; null for an identifier of the customer.',
    }),
  }),
});

/** The identifiers of the customer as they are shown. */
export function shownIdentifiers(view: CustomerView): ShownIdentifier[] {
  return view.identifiers.map((one) => ({ ...one, view, isClaimedOnly: false, lastClaimedAt: null }));
}
