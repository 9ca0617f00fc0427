// Enums of orders: status, payment, contact channel, and the reasons for cancelling and for short picks.

import { builder } from '../../graphql/builder';

export const OrderStatusEnum = builder.enumType('OrderStatus', {
  description: 'State of an order.',
  values: {
    PLACED: { description: 'Waiting to be picked.' },
    AWAITING_TRANSFER: { description: 'Waiting for units from another location.' },
    PICKING: { description: 'Being picked.' },
    READY: { description: 'Waiting at the counter; the customer has been notified.' },
    COLLECTED: { description: 'Handed over, whole or in part.' },
    CANCELLED: { description: 'Cancelled; see cancelReason.' },
    NO_SHOW: { description: 'Not collected in time; the units are available again.' },
  } as const,
});
export const PaymentEnum = builder.enumType('Payment', {
  description: 'How an order is paid.',
  values: {
    PAID: { description: 'Paid when it was placed.' },
    PAY_IN_STORE: { description: 'Paid when it is collected.' },
  } as const,
});
export const ContactChannelEnum = builder.enumType('ContactChannel', {
  description: 'How the customer is notified.',
  values: {
    EMAIL: { description: 'By e-mail.' },
    SMS: { description: 'By text message.' },
    PHONE: { description: 'By telephone call.' },
  } as const,
});
export const CancelReasonEnum = builder.enumType('CancelReason', {
  description: 'Why an order was cancelled.',
  values: {
    CUSTOMER_CHANGED_MIND: { description: 'The customer no longer wants it.' },
    PAYMENT_FAILED: { description: 'The payment failed.' },
    OUT_OF_STOCK: { description: 'The goods are not available.' },
    DAMAGED: { description: 'The goods are damaged.' },
    SHOP_CLOSED: { description: 'The shop is closed.' },
    FRAUD_SUSPECTED: { description: 'The order is suspected of fraud.' },
    OTHER: { description: 'Another reason; see the note.' },
  } as const,
});
export const ShortReasonEnum = builder.enumType('ShortReason', {
  description: 'Why units could not be picked.',
  values: {
    NOT_FOUND: { description: 'They are not at their location.' },
    DAMAGED: { description: 'They are damaged.' },
    WRONG_ITEM: { description: 'Another article is in their place.' },
    OTHER: { description: 'Another reason.' },
  } as const,
});
