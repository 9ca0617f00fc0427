// The locations' GraphQL face: shops and warehouses.

import { builder } from '../graphql/builder';
import { inOrderOf, loader } from '../graphql/loaders';

/** Location rows by id, one query a request. */
export const locationById = loader((context, ids: readonly number[]) =>
  context.db.prisma.location
    .findMany({ where: { id: { in: [...ids] } } })
    .then((rows) =>
      inOrderOf(ids, rows, (r) => r.id).map((row, i) => row ?? new Error(`no location ${ids[i]}`)),
    ),
);

export const LocationKind = builder.enumType('LocationKind', { values: ['SHOP', 'WAREHOUSE'] as const });

export const Location = builder.prismaNode('Location', {
  id: { field: 'id' },
  description: 'A shop or a warehouse.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    code: t.exposeString('code', { description: 'The retailer’s own code; never changes.' }),
    name: t.exposeString('name'),
    kind: t.expose('kind', { type: LocationKind }),
  }),
});
