// The GraphQL types of money, in answers and in inputs.

import { refuse } from '../refusals';
import { checkMinor } from '../values/money';
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
        'Whole minor units, such as cents. A JSON number up to 2^53 - 1; a larger amount is a string, so that it stays exact.',
    }),
    currency: t.exposeString('currency', { description: 'ISO 4217 code, such as EUR.' }),
  }),
});

export const MoneyInput = builder.inputType('MoneyInput', {
  description: 'An amount of money.',
  fields: (t) => ({
    amountMinor: t.field({
      type: 'BigInt',
      required: true,
      description: 'Whole minor units, such as cents; at most 2^53 - 1.',
    }),
    currency: t.string({ required: true, description: 'ISO 4217 code, such as EUR.' }),
  }),
});

/** An amount that a client sent, with the form of its currency checked. @throws Refused InvalidInput */
export function checkMoney(
  { amountMinor, currency }: typeof MoneyInput.$inferInput,
  path: string,
): { amountMinor: number; currency: string } {
  const amount = checkMinor(amountMinor, `${path}.amountMinor`);
  if (!/^[A-Z]{3}$/.test(currency)) {
    const message = `${path}.currency is '${currency.slice(0, 20)}'; it must be an ISO 4217 code like EUR.`;
    refuse('InvalidInput', message, { path: `${path}.currency` });
  }
  return { amountMinor: amount, currency };
}
