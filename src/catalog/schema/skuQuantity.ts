// SkuQuantityInput: units of one SKU, as every mutation with plain lines takes them.

import { builder } from '../../graphql/builder';

export const SkuQuantityInput = builder.inputType('SkuQuantityInput', {
  description: 'Units of one SKU.',
  fields: (t) => ({
    sku: t.string({ required: true, description: 'SKU code, alias or scanned GTIN.' }),
    quantity: t.int({ required: true, description: 'Sellable units; with the GTIN of a case, cases.' }),
  }),
});
