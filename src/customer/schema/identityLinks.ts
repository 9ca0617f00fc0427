// GraphQL of the log of links: what joined the identifiers of a customer, what keeps them from others, and on whose word.

import { ActorSummary, actorById } from '../../access/schema/summary';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import { described } from '../../graphql/described';
import { encodeGlobalID } from '../../graphql/ids';
import { forwardPage, numberCursor } from '../../graphql/keysetPages';
import { type LoggedLink, linkLogPage } from '../queries/linkProposals';
import type { IdentifierKind } from '../rules/identifiers';
import type { LinkKind } from '../rules/links';
import { CUSTOMER_STEWARDS } from './access';
import { Customer } from './customer';
import { IdentifierKindEnum, LinkOriginEnum } from './enums';
import { LinkEvidence } from './linkProposals';
import { lookUp } from './views';

const LinkKindEnum = builder.enumType('LinkKind', {
  description: 'What a row of the log of links decides about two identifiers.',
  values: described<LinkKind>({
    JOIN: 'They belong to one customer.',
    SPLIT: 'They do not, until a person joins them.',
    FORBID: 'They never do.',
  }),
});

interface LinkedSide {
  kind: IdentifierKind;
  value: string | null;
  customerId: string;
}
const LinkedSideType = builder.objectRef<LinkedSide>('LinkedSide').implement({
  description: 'One of the two identifiers of a link.',
  authScopes: CUSTOMER_STEWARDS,
  fields: (t) => ({
    kind: t.expose('kind', { type: IdentifierKindEnum, description: 'Kind of the identifier.' }),
    value: t.exposeString('value', {
      nullable: true,
      description: 'Its value; null when only its hash is stored, or after an erasure.',
    }),
    customer: t.id({
      description: 'Global ID of the customer that it belongs to now.',
      resolve: ({ customerId }) => encodeGlobalID('Customer', customerId),
    }),
  }),
});

const IdentityLinkType = builder.objectRef<LoggedLink>('IdentityLink').implement({
  description:
    'A row of the log of links. Rows are never changed: of one pair the last row of the strongest origin counts.',
  authScopes: CUSTOMER_STEWARDS,
  fields: (t) => ({
    id: t.id({ description: cacheIdOf('a link'), resolve: ({ id }) => cacheId('IdentityLink', id) }),
    kind: t.expose('kind', { type: LinkKindEnum, description: 'What it decides.' }),
    origin: t.expose('origin', {
      type: LinkOriginEnum,
      description: 'Who decided: a person, a rule or the model.',
    }),
    version: t.exposeInt('version', { description: 'Version of the rule or of the matcher.' }),
    bits: t.float({
      nullable: true,
      description: 'Log2 of the odds of a probable link; null for others.',
      resolve: ({ evidence }) => evidence.bits ?? null,
    }),
    evidence: t.field({
      type: [LinkEvidence],
      description: 'The evidence of a probable link; empty for others.',
      resolve: ({ evidence }) => evidence.parts ?? [],
    }),
    decidedBy: t.field({
      type: ActorSummary,
      nullable: true,
      description: 'Who decided; null if the program did.',
      resolve: ({ actorId }, _args, context) => actorById(context).load(actorId),
    }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'Why, in the words of a person; null if none was given.',
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was written.' }),
    sides: t.field({
      type: [LinkedSideType],
      description: 'Both identifiers, the earlier first.',
      resolve: (link) => [
        { kind: link.lowKind, value: link.lowValue, customerId: link.lowCustomerId },
        { kind: link.highKind, value: link.highValue, customerId: link.highCustomerId },
      ],
    }),
  }),
});
const IdentityLinkConnection = connectionOf(IdentityLinkType);

builder.queryField('identityLinks', (t) =>
  t.connection(
    {
      type: IdentityLinkType,
      forwardOnly: true,
      description:
        'The log of links of one customer, the newest first: what brought its identifiers together and what keeps them from those of others. The look-up is recorded.',
      authScopes: CUSTOMER_STEWARDS,
      args: {
        customer: t.arg.globalID({
          required: true,
          for: [Customer],
          description: 'Global ID of the customer, a former one too.',
        }),
      },
      resolve: async (_root, { customer, ...args }, context) => {
        await lookUp(context, customer.id, 'identityLinks');
        return forwardPage(
          args,
          numberCursor<LoggedLink>(({ id }) => id),
          (after, limit) => linkLogPage(context.db, customer.id, after, limit),
        );
      },
    },
    IdentityLinkConnection,
  ),
);
