// The catalog's GraphQL face: SKUs.

import { builder } from '../graphql/builder';
import { inOrderOf, loader } from '../graphql/loaders';

/** SKU rows by id, one query a request. */
export const skuById = loader((context, ids: readonly number[]) =>
  context.db.prisma.sku
    .findMany({ where: { id: { in: [...ids] } } })
    .then((rows) => inOrderOf(ids, rows, (r) => r.id).map((row, i) => row ?? new Error(`no sku ${ids[i]}`))),
);

export const Sku = builder.prismaNode('Sku', {
  id: { field: 'id' },
  description: 'A stock keeping unit: the thing that is counted, held and sold.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    code: t.exposeString('code', { description: 'The retailer’s own code; never changes.' }),
    gtin: t.exposeString('gtin', {
      nullable: true,
      description: 'GTIN-8/12/13/14 with a valid check digit.',
    }),
    name: t.exposeString('name'),
    category: t.exposeString('category'),
  }),
});
