// Refusals of orders as GraphQL types.

import { Money } from '../../graphql/money';
import { refusalType } from '../../graphql/refusal';

export const WrongScan = refusalType('WrongScan', 'What was scanned is not what the line asks for.', (t) => ({
  scanned: t.exposeString('scanned', { description: 'The GTIN as scanned.' }),
  scannedSku: t.exposeString('scannedSku', {
    nullable: true,
    description: 'The SKU it stands for, if known.',
  }),
  expectedSkus: t.exposeStringList('expectedSkus', { description: 'The SKUs that would be right.' }),
}));

export const LinesOpen = refusalType('LinesOpen', 'Units are still to be picked or on their way.', (t) => ({
  number: t.exposeString('number'),
  skus: t.exposeStringList('skus', { description: 'The lines that are not settled.' }),
  unitsToPick: t.exposeInt('unitsToPick'),
  unitsAwaited: t.exposeInt('unitsAwaited'),
}));

export const WrongPickupCode = refusalType('WrongPickupCode', 'The code is not this order’s.', (t) => ({
  number: t.exposeString('number'),
  attemptsLeft: t.exposeInt('attemptsLeft', { description: 'Wrong codes the order still takes.' }),
}));

export const PickupCodeLocked = refusalType(
  'PickupCodeLocked',
  'Too many wrong codes: reissuePickupCode or, by a manager, unlockPickupCode opens the order again.',
  (t) => ({ number: t.exposeString('number'), attempts: t.exposeInt('attempts') }),
);

export const TooManyCodeAttempts = refusalType(
  'TooManyCodeAttempts',
  'This token has sent too many wrong codes lately, over all orders.',
  (t) => ({ retryAfterSeconds: t.exposeInt('retryAfterSeconds') }),
);

export const TooManyNewCodes = refusalType(
  'TooManyNewCodes',
  'The order got too many new pickup codes lately: each is a message to its customer.',
  (t) => ({ retryAfterSeconds: t.exposeInt('retryAfterSeconds') }),
);

export const PaymentDue = refusalType(
  'PaymentDue',
  'The order is paid in store: take the money, then say paid: true.',
  (t) => ({
    number: t.exposeString('number'),
    amount: t.field({
      type: Money,
      nullable: true,
      description: 'For what is taken now; null when prices are unknown or in several currencies.',
      resolve: ({ amountMinor, currency }) =>
        amountMinor === null || currency === null ? null : { amountMinor, currency },
    }),
  }),
);
