// The schema builder: plugins, scalars, and the access rules that every field must name.

import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import type { GraphQLResolveInfo } from 'graphql';
import type { Role } from '../access/rules/roles';
import type PrismaTypes from '../db/generated/pothos';
import { getDatamodel } from '../db/generated/pothos';
import { isAdmitted } from './accessRule';
import CommonDescriptionsPlugin from './commonDescriptions';
import type { Context } from './context';
import ForwardOnlyPlugin from './forwardOnly';
import { decodeGlobalID, encodeGlobalID } from './ids';
import { MAX_PAGE, USUAL_PAGE } from './limits';
import { type DecodedId, nodeLoader } from './nodes';
import ErrorsStayInPlacePlugin from './nullability';
import { BigIntScalar, DateScalar, DateTimeScalar, JsonScalar } from './scalars';
import { unauthorized } from './unauthorized';

export const builder = new SchemaBuilder<{
  Context: Context;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  Scalars: {
    DateTime: { Input: Date; Output: Date };
    Date: { Input: string; Output: string };
    BigInt: { Input: number | bigint; Output: number | bigint };
    JSON: { Input: unknown; Output: unknown };
  };
  AuthScopes: {
    /** Anyone with a token, MONITOR ones too: for what a caller may learn about itself. */
    known: boolean;
    /** Anyone with a token that may use the API: all but MONITOR ones. */
    signedIn: boolean;
    /** One of these roles; ADMIN is always one of them, and AUDITOR where no person is named (`personal`). */
    roles: Role[];
  };
}>({
  plugins: [
    ScopeAuthPlugin,
    CommonDescriptionsPlugin,
    ForwardOnlyPlugin,
    ErrorsStayInPlacePlugin,
    RelayPlugin,
    PrismaPlugin,
  ],
  defaultFieldNullability: false,
  scopeAuth: {
    runScopesOnType: true,
    authorizeOnSubscribe: true,
    authScopes: (context) => ({
      known: context.signedIn !== null,
      signedIn: context.signedIn !== null && context.signedIn.role !== 'MONITOR',
      roles: (roles) => context.signedIn !== null && isAdmitted(context.signedIn, roles),
    }),
    unauthorizedError: (_parent, context, info) => unauthorized(context, info),
  },
  relay: {
    encodeGlobalID,
    decodeGlobalID,
    clientMutationId: 'omit',
    cursorType: 'String',
    edgesFieldOptions: { nullable: false },
    nodeFieldOptions: { nullable: false },
    nodesOnConnection: { description: 'The elements of the page, where their cursors are not needed.' },
    nodeQueryOptions: {
      authScopes: { signedIn: true },
      resolve: async (
        _root: unknown,
        { id }: { id: DecodedId },
        context: Context,
        info: GraphQLResolveInfo,
      ) => (await nodes(context, info, [id]))[0],
    } as never,
    nodesQueryOptions: {
      authScopes: { signedIn: true },
      resolve: (
        _root: unknown,
        { ids }: { ids: (DecodedId | null)[] },
        context: Context,
        info: GraphQLResolveInfo,
      ) => nodes(context, info, ids),
    } as never,
  },
  prisma: {
    client: (context) => context.db.prisma,
    dmmf: getDatamodel(),
    onUnusedQuery: null,
    filterConnectionTotalCount: true,
    maxConnectionSize: MAX_PAGE,
    defaultConnectionSize: USUAL_PAGE,
  },
});

/** The types that Pothos infers of this builder. */
export type BuilderTypes = (typeof builder)['$inferSchemaTypes'];

const nodes = nodeLoader(builder as never);

builder.addScalarType('DateTime', DateTimeScalar);
builder.addScalarType('Date', DateScalar);
builder.addScalarType('BigInt', BigIntScalar);
builder.addScalarType('JSON', JsonScalar);

builder.queryType({ description: 'Everything that can be read.' });
builder.mutationType({
  description:
    'Everything that can be changed: one mutation per command. Each is safe to repeat with its idempotencyKey.',
});
