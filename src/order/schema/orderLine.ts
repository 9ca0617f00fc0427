// GraphQL types of order lines: units by bucket, price, and visibility by caller.

import { ORDER_READERS } from '../../access/rules/roleSets';
import { seesNumbers } from '../../access/rules/roles';
import { SKU_FIELD } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import type { Context } from '../../graphql/context';
import { partsLoader } from '../../graphql/lineLoaders';
import { Money } from '../../graphql/money';
import { ShortReasonEnum } from './enums';

interface StoredPrice {
  unitPriceMinor: number | null;
  largeUnitPriceMinor: bigint | null;
}

/** The line with its price, from either column. */
export function withPrice<L extends StoredPrice>(line: L): L & { unitPriceMinor: number | null } {
  const { unitPriceMinor, largeUnitPriceMinor: large } = line;
  return { ...line, unitPriceMinor: unitPriceMinor ?? (large === null ? null : Number(large)) };
}

const SPLIT_HIDDEN =
  'Null for STOREFRONT tokens while units of the line are awaited and the shop had more than PUBLIC_STOCK_CAP (4) of it, so that exact stock is not disclosed.';

/** Whether this caller may see how a line was split between the shop's own shelf and other locations. */
function isSplitSeen(line: { reserved: number; awaiting: number }, { caller, config }: Context): boolean {
  return seesNumbers(caller) || line.awaiting === 0 || line.reserved <= config.publicStockCap;
}

export const OrderLine = builder.prismaObject('OrderLine', {
  description:
    'One SKU of an order; quantity = reserved + awaiting + staged + collected + cancelled + short.',
  authScopes: ORDER_READERS,
  fields: (t) => ({
    id: t.id({
      select: { orderId: true, skuId: true },
      description: cacheIdOf('a SKU of an order'),
      resolve: (line) => cacheId('OrderLine', line.orderId, line.skuId),
    }),
    sku: t.field(SKU_FIELD),
    quantity: t.exposeInt('quantity', { description: 'Units ordered.' }),
    reserved: t.int({
      nullable: true,
      description: `Units promised and still to be picked. ${SPLIT_HIDDEN}`,
      resolve: (line, _args, context) => (isSplitSeen(line, context) ? line.reserved : null),
    }),
    awaiting: t.int({
      nullable: true,
      description: `Units that come from another location. ${SPLIT_HIDDEN}`,
      resolve: (line, _args, context) => (isSplitSeen(line, context) ? line.awaiting : null),
    }),
    staged: t.exposeInt('staged', { description: 'Units picked and waiting at the counter.' }),
    collected: t.exposeInt('collected', { description: 'Units with the customer.' }),
    cancelled: t.exposeInt('cancelled', { description: 'Units cancelled or not taken.' }),
    short: t.exposeInt('short', { description: 'Units that could not be found or sourced anywhere.' }),
    shortReason: t.expose('shortReason', {
      type: ShortReasonEnum,
      nullable: true,
      description: 'Why units are short; null if none are.',
    }),
    returned: t.exposeInt('returned', { description: 'Units of those collected that were returned since.' }),
    price: t.field({
      type: Money,
      nullable: true,
      description: 'Price of one unit when the order was placed; null if unknown.',
      resolve: (line) => {
        const { unitPriceMinor: amountMinor, currency } = withPrice(line);
        return amountMinor === null || currency === null ? null : { amountMinor, currency };
      },
    }),
  }),
});

export const linesOf = partsLoader(
  ({ db }, orderIds) =>
    db.prisma.orderLine.findMany({ where: { orderId: { in: orderIds } }, orderBy: { skuId: 'asc' } }),
  (line) => line.orderId,
);
