// Loaders of the documents that a customer's answers link to: null for those that the caller may not read.

import type { Order, Return } from '../../db/generated/client/client';
import { inOrderOf, loader } from '../../graphql/loaders';
import { visibleOrders } from '../../order/queries/orders';
import { visibleReturns } from '../../return/queries';

export const orderById = loader<string, Order | null>(async ({ db, caller }, ids) =>
  inOrderOf(
    ids,
    await db.prisma.order.findMany({ where: { id: { in: [...ids] }, AND: visibleOrders(caller) } }),
    ({ id }) => id,
  ),
);

export const returnById = loader<string, Return | null>(async ({ db, caller }, ids) =>
  inOrderOf(
    ids,
    await db.prisma.return.findMany({ where: { id: { in: [...ids] }, AND: visibleReturns(caller) } }),
    ({ id }) => id,
  ),
);
