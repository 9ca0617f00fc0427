// The GraphQL type of money.

import { builder } from './builder';

/** Minor units; as bigint where a product may be larger than JavaScript's numbers are exact. */
interface MoneyAmount {
  amountMinor: number | bigint;
  currency: string;
}

export const Money = builder.objectRef<MoneyAmount>('Money').implement({
  description: 'An amount of money.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    amountMinor: t.expose('amountMinor', {
      type: 'BigInt',
      description:
        'Whole minor units, e.g. cents: a number up to 2^53 - 1; a larger sum is a text, so that it stays exact.',
    }),
    currency: t.exposeString('currency', { description: 'ISO 4217 code, e.g. EUR.' }),
  }),
});
