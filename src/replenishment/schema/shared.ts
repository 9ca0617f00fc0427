// What the schemas of replenishment share: enums, loaders of suppliers and documents, and who may look.

import { builder } from '../../graphql/builder';
import { inOrderOf, loader } from '../../graphql/loaders';

export const AbcClassEnum = builder.enumType('AbcClass', {
  description: 'By share of the chain’s revenue: A makes the first 80 %, B the next 15, C the rest.',
  values: ['A', 'B', 'C'] as const,
});

export const ServiceMeasureEnum = builder.enumType('ServiceMeasure', {
  values: {
    CYCLE_SERVICE: { description: 'Probability that nothing is missed between two deliveries.' },
    FILL_RATE: { description: 'Share of the units wanted that are sold from the shelf.' },
  } as const,
});

export const ReplenishmentKindEnum = builder.enumType('ReplenishmentKind', {
  values: {
    ORDER_UP_TO: { description: '(R, S): on each review day up to the level.' },
    REORDER_POINT: { description: '(s, Q): order quantities, once the position is below the level.' },
    MIN_MAX: { description: '(s, S): up to a maximum, once the position is below the level.' },
  } as const,
});

export const SourceEnum = builder.enumType('ReplenishmentSource', {
  values: {
    SUPPLIER: { description: 'Bought: becomes a purchase order.' },
    TRANSFER: { description: 'Moved from another place: becomes a transfer.' },
  } as const,
});

/** Suppliers by id, one query a request. */
export const supplierById = loader(async ({ db }, ids: readonly number[]) => {
  const rows = await db.prisma.supplier.findMany({ where: { id: { in: [...ids] } } });
  return inOrderOf(ids, rows, (r) => r.id).map((row, i) => row ?? new Error(`no supplier ${ids[i]}`));
});

/** Purchase orders by id. */
export const purchaseById = loader(async ({ db }, ids: readonly string[]) => {
  const rows = await db.prisma.purchase.findMany({ where: { id: { in: [...ids] } } });
  return inOrderOf(ids, rows, (r) => r.id).map((row, i) => row ?? new Error(`no purchase order ${ids[i]}`));
});

/** Transfers by id. */
export const transferById = loader(async ({ db }, ids: readonly string[]) => {
  const rows = await db.prisma.transfer.findMany({ where: { id: { in: [...ids] } } });
  return inOrderOf(ids, rows, (r) => r.id).map((row, i) => row ?? new Error(`no transfer ${ids[i]}`));
});
