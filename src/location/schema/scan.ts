// The query `scan`: what a scanned code states about an article, and which SKU it is.

import { unitsOfScan } from '../../catalog/queries/gtins';
import { CATALOG_LIMITS, gtinProblem, printedGtin } from '../../catalog/rules/codes';
import type { Label } from '../../catalog/rules/labels';
import { type ArticleScan, readScan } from '../../catalog/rules/scan';
import { Sku, skuById } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { Money } from '../../graphql/money';
import { checkText, refuse } from '../../refusals';
import { labelRulesAt } from '../queries/labels';

/** What a scan states, with the SKU that has its GTIN. */
interface ScannedSku extends ArticleScan {
  skuId: number | null;
  units: number | null;
  label: Label | null;
}

const ScannedArticle = builder.objectRef<ScannedSku>('ScannedArticle').implement({
  description: 'A scanned code: a GTIN, and what a GS1 code (GS1-128, DataMatrix, QR) states with it.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    gtin: t.string({
      description: 'GTIN-8, -12, -13 or -14 in its shortest printed form.',
      resolve: ({ gtin }) => printedGtin(gtin),
    }),
    isCase: t.exposeBoolean('isCase', {
      description: 'True for a case of several units: a GTIN-14 with indicator 1 to 8.',
    }),
    sku: t.field({
      type: Sku,
      nullable: true,
      description: 'The SKU with this GTIN; null if there is none.',
      resolve: ({ skuId }, _args, context) => (skuId === null ? null : skuById(context).load(skuId)),
    }),
    units: t.exposeInt('units', {
      nullable: true,
      description:
        'Units of the SKU that one scan stands for: 1 for an article, more for a case; null if no SKU has this GTIN.',
    }),
    labelPrice: t.field({
      type: Money,
      nullable: true,
      description: 'Price on a price label of the shop, in the currency of the SKU; null for another scan.',
      resolve: async ({ skuId, label }, _args, context) => {
        if (skuId === null || label?.value !== 'PRICE') return null;
        const { currency } = await skuById(context).load(skuId);
        return currency === null ? null : { amountMinor: label.amount, currency };
      },
    }),
    labelGrams: t.int({
      nullable: true,
      description: 'Weight on a weight label of the shop, in grams; null for another scan.',
      resolve: ({ label }) => (label?.value === 'WEIGHT' ? label.amount : null),
    }),
    batch: t.exposeString('batch', { nullable: true, description: 'Batch or lot number (10).' }),
    serial: t.exposeString('serial', { nullable: true, description: 'Serial number of the unit (21).' }),
    producedOn: t.field({
      type: 'Date',
      nullable: true,
      description: 'Production date (11). A month without a day is its last day.',
      resolve: ({ producedOn }) => producedOn,
    }),
    bestBefore: t.field({
      type: 'Date',
      nullable: true,
      description: 'Best-before date (15). A month without a day is its last day.',
      resolve: ({ bestBefore }) => bestBefore,
    }),
    expiresOn: t.field({
      type: 'Date',
      nullable: true,
      description: 'Expiry date (17). A month without a day is its last day.',
      resolve: ({ expiresOn }) => expiresOn,
    }),
    itemCount: t.exposeInt('itemCount', {
      nullable: true,
      description: 'Items in a trade item of variable count (30).',
    }),
    contentCount: t.exposeInt('contentCount', {
      nullable: true,
      description: 'Trade items contained in a logistic unit (37).',
    }),
  }),
});

builder.queryField('scan', (t) =>
  t.field({
    type: ScannedArticle,
    description:
      'Reads a scanned code and looks up its SKU. A malformed code is refused with what is wrong in it.',
    authScopes: { signedIn: true },
    args: {
      code: t.arg.string({
        required: true,
        description:
          'As the scanner sends it: a GTIN, a GS1 element string in brackets or raw with FNC1 as ASCII 29, or a GS1 Digital Link.',
      }),
      location: t.arg.string({
        description:
          'Code of the location whose rules for price and weight labels apply; without it such labels are not read.',
      }),
    },
    resolve: async (_root, { code, location }, context) => {
      if (location != null) checkText(location, 'location', CATALOG_LIMITS.codeLength);

      const problem = gtinProblem(code);
      if (problem !== null) refuse('InvalidInput', `code: ${problem}.`, { path: 'code' });
      const sku = await unitsOfScan(
        context.db,
        code,
        'code',
        await labelRulesAt(context.db, location, [code]),
      );
      const read = readScan(code, context.now.getUTCFullYear());
      const { id: skuId = null, units = null, label = null } = sku ?? {};
      return { ...read, skuId, units, label };
    },
  }),
);
