// GraphQL of the suppliers of SKUs with their prices, and of the observed lead times.

import { PLANNERS, PLANNERS_OR_FEEDS } from '../../access/rules/roleSets';
import { skuIdsByCode } from '../../catalog/queries/skus';
import { SKU_FIELD } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { commandPrice, WRITTEN_ROW } from '../../graphql/cost/price';
import { loader } from '../../graphql/loaders';
import { checkMoney, Money, MoneyInput } from '../../graphql/money';
import { mutation, type Success } from '../../graphql/mutation';
import { locationIdsByCode } from '../../location/queries/locations';
import { Supplier } from '../../purchase/schema/types';
import { checkCount, checkDistinct, checkQuantity, MAX_BULK, refuse } from '../../refusals';
import { setSkuSupplier } from '../actions/settings';
import { supplierLeadTimes } from '../queries/leadTimes';
import { supplierIdsByCode } from '../queries/proposals';
import { type SkuSupplierRow, skuSuppliers, suppliersOfSkus } from '../queries/suppliers';
import { MAX_LEAD_DAYS } from '../rules/leadTime';
import { LeadTimeType } from './explanation';
import { supplierById } from './shared';

const SkuSupplier = builder.objectRef<SkuSupplierRow>('SkuSupplier').implement({
  description: 'The offer of a supplier for a SKU.',
  authScopes: PLANNERS_OR_FEEDS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a SKU and supplier'),
      resolve: (o) => cacheId('SkuSupplier', o.skuId, o.supplierId),
    }),
    sku: t.field(SKU_FIELD),
    supplier: t.field({
      type: Supplier,
      description: 'The supplier.',
      resolve: (o, _args, context) => supplierById(context).load(o.supplierId),
    }),
    unitCost: t.field({
      type: Money,
      description: 'Cost of one sellable unit.',
      resolve: ({ unitCostMinor, currency }) => ({ amountMinor: unitCostMinor, currency }),
    }),
    packSize: t.exposeInt('packSize', { description: 'Purchases are multiples of this number of units.' }),
    minimumOrder: t.exposeInt('minimumOrder', { description: 'Minimum units of one purchase.' }),
    preferred: t.exposeBoolean('preferred', {
      description:
        'Whether it is bought from this supplier; if none is preferred, it is bought from the cheapest.',
    }),
    leadTimeDays: t.exposeInt('leadTimeDays', {
      nullable: true,
      description: 'Days from order to delivery of this SKU; null if those of the supplier apply.',
    }),
  }),
});

const suppliersOf = loader(async ({ reads }, ids: readonly number[]) => {
  const rows = await suppliersOfSkus(reads, ids);
  return ids.map((id) => rows.filter((r) => r.skuId === id));
});

builder.prismaObjectField('Sku', 'suppliers', (t) =>
  t.field({
    type: [SkuSupplier],
    description: 'Suppliers that sell it, the one it is bought from first.',
    authScopes: PLANNERS_OR_FEEDS,
    select: { id: true },
    resolve: (sku, _args, context) => suppliersOf(context).load(sku.id),
  }),
);

builder.prismaObjectField('Supplier', 'leadTime', (t) =>
  t.field({
    type: LeadTimeType,
    description: 'Lead time to a location, estimated from receipts there and elsewhere.',
    authScopes: PLANNERS,
    args: { location: t.arg.string({ required: true, description: 'Location code.' }) },
    select: { id: true, leadTimeDays: true },
    resolve: async (supplier, { location }, context) => {
      const locationIds = await locationIdsByCode(context.db, [location]);
      const leadTimes = await supplierLeadTimes(context.reads, context.now, supplier.id);
      return leadTimes.at(supplier.id, locationIds.get(location)!, supplier.leadTimeDays);
    },
  }),
);

const OfferInput = builder.inputType('SkuSupplierInput', {
  description: 'An offer to set, or to remove.',
  fields: (t) => ({
    sku: t.string({ required: true, description: 'SKU code.' }),
    supplier: t.string({ required: true, description: 'Supplier code.' }),
    remove: t.boolean({ description: 'Removes the offer; all other fields are ignored.' }),
    unitCost: t.field({
      type: MoneyInput,
      description: 'Cost of one sellable unit; required unless removed.',
    }),
    packSize: t.int({ description: 'Purchases are multiples of this number of units; 1 if omitted.' }),
    minimumOrder: t.int({ description: 'Minimum units of one purchase; 1 if omitted.' }),
    preferred: t.boolean({ description: 'Whether to buy from this supplier; false if omitted.' }),
    leadTimeDays: t.int({
      description: 'Days from order to delivery of this SKU; those of the supplier if omitted.',
    }),
  }),
});
type SupplierOfferInput = (typeof OfferInput)['$inferInput'];

/** @throws Refused InvalidInput */
function checkOffers(offers: readonly SupplierOfferInput[]): void {
  checkCount(offers, 'offers', MAX_BULK);
  const seen = new Set<string>();
  const preferred = new Set<string>();
  for (const [i, o] of offers.entries()) {
    const path = `offers.${i}`;
    const key = JSON.stringify([o.sku, o.supplier]);
    if (seen.has(key)) refuse('InvalidInput', `${path} occurs twice; name each once.`, { path });
    seen.add(key);
    if (o.remove) continue;
    if (o.unitCost == null) {
      const message = `${path}.unitCost is missing; give what a unit costs, or set remove.`;
      refuse('InvalidInput', message, { path: `${path}.unitCost` });
    }
    checkMoney(o.unitCost, `${path}.unitCost`);
    if (o.packSize != null) checkQuantity(o.packSize, `${path}.packSize`);
    if (o.minimumOrder != null) checkQuantity(o.minimumOrder, `${path}.minimumOrder`);
    if (o.leadTimeDays != null) checkQuantity(o.leadTimeDays, `${path}.leadTimeDays`, 0, MAX_LEAD_DAYS);
    if (o.preferred && preferred.has(o.sku)) {
      const message = `${path}.preferred: another supplier of ${o.sku} is preferred too; choose one.`;
      refuse('InvalidInput', message, { path: `${path}.preferred` });
    }
    if (o.preferred) preferred.add(o.sku);
  }
}

const setSkuSupplierSuccess: Success<{ saved: { skuId: number; supplierId: number }[]; removed: number }> = {
  authScopes: PLANNERS_OR_FEEDS,
  fields: (t) => ({
    skuSuppliers: t.field({
      type: [SkuSupplier],
      description: 'The offers that were set, in the order of the request.',
      resolve: (done, _args, context) => skuSuppliers(context.db, done.saved),
    }),
    removed: t.exposeInt('removed', { description: 'Number of offers removed.' }),
  }),
};

mutation('setSkuSupplier', {
  description: 'Sets, changes and removes the offers of suppliers: which SKUs, at what cost, in which packs.',
  authScopes: PLANNERS_OR_FEEDS,
  price: commandPrice('offers', WRITTEN_ROW),
  input: (t) => ({
    offers: t.field({ type: [OfferInput], required: true, description: 'The offers.' }),
  }),
  success: setSkuSupplierSuccess,
  execute: async (input, context, request) => {
    checkOffers(input.offers);
    const skuIds = await skuIdsByCode(
      context.db,
      input.offers.map((o) => o.sku),
    );
    const supplierIds = await supplierIdsByCode(
      context.db,
      input.offers.map((o) => o.supplier),
    );
    const offers = input.offers.map((o) => ({
      skuId: skuIds.get(o.sku)!,
      supplierId: supplierIds.get(o.supplier)!,
      remove: o.remove ?? false,
      unitCostMinor: Number(o.unitCost?.amountMinor ?? 0),
      currency: o.unitCost?.currency ?? '',
      packSize: o.packSize ?? 1,
      minimumOrder: o.minimumOrder ?? 1,
      preferred: o.preferred ?? false,
      leadTimeDays: o.leadTimeDays ?? null,
    }));
    checkDistinct(
      offers.map((o) => [o.skuId, o.supplierId]),
      'offers',
    );
    return setSkuSupplier(context.db, request({ offers }));
  },
});
