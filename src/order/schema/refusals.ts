// Refusals of orders as GraphQL types.

import { Money } from '../../graphql/money';
import { refusalType } from '../../graphql/refusal';

export const WrongScan = refusalType('WrongScan', 'The scanned article is not the one to pick.', (t) => ({
  scanned: t.exposeString('scanned', { description: 'The GTIN or GS1 code as scanned.' }),
  scannedSku: t.exposeString('scannedSku', {
    nullable: true,
    description: 'Code of the SKU with this GTIN; null if unknown.',
  }),
  expectedSkus: t.exposeStringList('expectedSkus', { description: 'Codes of the SKUs that would be right.' }),
}));

export const LinesOpen = refusalType(
  'LinesOpen',
  'Some units of the order are still to be picked or in transit.',
  (t) => ({
    number: t.exposeString('number', { description: 'Order number (C-…).' }),
    skus: t.exposeStringList('skus', { description: 'SKU codes of the open lines.' }),
    unitsToPick: t.exposeInt('unitsToPick', { description: 'Units still to be picked.' }),
    unitsAwaited: t.exposeInt('unitsAwaited', {
      description: 'Units still in transit from other locations.',
    }),
  }),
);

export const WrongPickupCode = refusalType(
  'WrongPickupCode',
  'The code does not belong to this order.',
  (t) => ({
    number: t.exposeString('number', { description: 'Order number (C-…).' }),
    attemptsLeft: t.exposeInt('attemptsLeft', {
      description: 'Further wrong codes until the order is locked.',
    }),
  }),
);

export const PickupCodeLocked = refusalType(
  'PickupCodeLocked',
  'Too many wrong codes. Use reissuePickupCode, or unlockPickupCode as a manager.',
  (t) => ({
    number: t.exposeString('number', { description: 'Order number (C-…).' }),
    attempts: t.exposeInt('attempts', { description: 'Wrong codes so far.' }),
  }),
);

export const TooManyCodeAttempts = refusalType(
  'TooManyCodeAttempts',
  'This token has sent too many wrong codes lately, over all orders.',
  (t) => ({
    retryAfterSeconds: t.exposeInt('retryAfterSeconds', { description: 'Seconds after which to try again.' }),
  }),
);

export const TooManyNewCodes = refusalType(
  'TooManyNewCodes',
  'The order got too many new pickup codes lately; each one is a message to the customer.',
  (t) => ({
    retryAfterSeconds: t.exposeInt('retryAfterSeconds', { description: 'Seconds after which to try again.' }),
  }),
);

export const PaymentDue = refusalType(
  'PaymentDue',
  'The order is paid in store: take the money, then retry with `paid: true`.',
  (t) => ({
    number: t.exposeString('number', { description: 'Order number (C-…).' }),
    amount: t.field({
      type: Money,
      nullable: true,
      description: 'Amount for what is taken now; null if prices are unknown or in several currencies.',
      resolve: ({ amountMinor, currency }) =>
        amountMinor === null || currency === null ? null : { amountMinor, currency },
    }),
  }),
);
