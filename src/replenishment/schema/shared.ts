// Shared parts of the replenishment schemas: enums, loaders of suppliers and documents, and access rules.

import { builder } from '../../graphql/builder';
import { loaderById } from '../../graphql/loaders';

export const AbcClassEnum = builder.enumType('AbcClass', {
  description: 'Class of a SKU by its share of the chain’s revenue.',
  values: {
    A: { description: 'SKUs of the first 80 % of revenue.' },
    B: { description: 'SKUs of the next 15 %.' },
    C: { description: 'All others.' },
  } as const,
});

export const ServiceMeasureEnum = builder.enumType('ServiceMeasure', {
  description: 'How service is measured.',
  values: {
    CYCLE_SERVICE: { description: 'Probability that stock lasts between two deliveries.' },
    FILL_RATE: { description: 'Share of demanded units that are sold from stock.' },
  } as const,
});

export const ReplenishmentKindEnum = builder.enumType('ReplenishmentKind', {
  description: 'The rule by which order quantities are decided.',
  values: {
    ORDER_UP_TO: { description: '(R, S): on each review day, order up to the level.' },
    REORDER_POINT: { description: '(s, Q): order a fixed quantity when the position is below the level.' },
    MIN_MAX: { description: '(s, S): order up to a maximum when the position is below the level.' },
  } as const,
});

export const SourceEnum = builder.enumType('ReplenishmentSource', {
  description: 'Where proposed units come from.',
  values: {
    SUPPLIER: { description: 'Bought; becomes a purchase order.' },
    TRANSFER: { description: 'Moved from another location; becomes a transfer.' },
  } as const,
});

/** Suppliers by id, one query a request. */
export const supplierById = loaderById('supplier', ({ db }, ids: number[]) =>
  db.prisma.supplier.findMany({ where: { id: { in: ids } } }),
);

/** Purchase orders by id. */
export const purchaseById = loaderById('purchase order', ({ db }, ids: string[]) =>
  db.prisma.purchase.findMany({ where: { id: { in: ids } } }),
);

/** Transfers by id. */
export const transferById = loaderById('transfer', ({ db }, ids: string[]) =>
  db.prisma.transfer.findMany({ where: { id: { in: ids } } }),
);
