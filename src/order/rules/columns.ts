// Columns of orders and of the unlocks of their pickup codes: type, limit, visibility, setting commands, and personal data.

import { STAFF, STOREFRONTS_OR_STAFF } from '../../access/rules/roleSets';
import { document, type PersonalData } from '../../values/document';
import type { CancelReason, ContactChannel, OrderStatus, Payment } from './status';

declare module '../../values/document' {
  interface SqlTypes {
    order_status: OrderStatus;
    payment: Payment;
    contact_channel: ContactChannel;
    cancel_reason: CancelReason;
  }
}

/** Personal data of the person who collects an order. */
function customerData(purpose: string, exported: string, erased: null | 'erased' = null): PersonalData {
  return { purpose, exported, erased, legalBasis: 'CONTRACT', retention: 'ORDER' };
}

export const ORDER = document('customer_order', {
  id: { sql: 'uuid', inserted: true, locked: true },
  number: {
    sql: 'text',
    inserted: `'C-' || opaque_number('order', nextval('order_number'))`,
    locked: true,
    personal: 'code',
    field: { description: 'Number for people (C-…). Numbers are not sequential.' },
  },
  ownerId: { sql: 'int', inserted: true, locked: true },
  locationId: { sql: 'int', inserted: true, locked: true },
  channel: {
    sql: 'text',
    inserted: true,
    locked: true,
    personal: 'code',
    field: { description: 'Sales channel.' },
  },
  status: {
    sql: 'order_status',
    inserted: true,
    locked: true,
    saved: true,
    field: { description: 'State of the order.' },
  },
  reservationId: { sql: 'uuid', nullable: true, inserted: true },
  payment: { sql: 'payment', inserted: true, locked: true, field: { description: 'How the order is paid.' } },
  paidAt: {
    sql: 'timestamptz',
    nullable: true,
    inserted: true,
    locked: true,
    saved: true,
    field: { description: 'When it was paid; null if not paid yet.' },
  },
  customerName: {
    sql: 'text',
    maxLength: 200,
    inserted: true,
    personal: customerData('to hand the goods to the right person', 'customer.name', 'erased'),
  },
  customerEmail: {
    sql: 'text',
    nullable: true,
    maxLength: 254,
    inserted: true,
    personal: customerData('to send notices about the order, and to find its customer', 'customer.email'),
  },
  customerPhone: {
    sql: 'text',
    nullable: true,
    inserted: true,
    personal: customerData('to send notices about the order', 'customer.phone'),
  },
  contactChannel: { sql: 'contact_channel', inserted: true },
  customerAccount: {
    sql: 'text',
    nullable: true,
    maxLength: 254,
    inserted: true,
    personal: customerData('to recognise the customer in every channel', 'customer.account'),
  },
  loyaltyCard: {
    sql: 'text',
    nullable: true,
    maxLength: 64,
    inserted: true,
    personal: customerData('to recognise the customer in every channel', 'customer.loyaltyCard'),
  },
  /** Whether the owner of the order has verified that these belong to the customer. */
  emailVerified: { sql: 'boolean', inserted: true },
  phoneVerified: { sql: 'boolean', inserted: true },
  loyaltyCardVerified: { sql: 'boolean', inserted: true },
  note: {
    sql: 'text',
    nullable: true,
    maxLength: 500,
    inserted: true,
    personal: customerData('a wish of the customer about the order', 'note'),
    field: { description: 'Free text of the customer.', seenBy: STOREFRONTS_OR_STAFF },
    setBy: { placeOrder: { description: 'Free text of the customer.' } },
  },
  placedAt: {
    sql: 'timestamptz',
    inserted: '$2::timestamptz',
    field: { description: 'When it was placed.' },
  },
  promisedAt: { sql: 'timestamptz', nullable: true, inserted: true },
  promise: { sql: 'jsonb', inserted: true, personal: 'facts' },
  pickingAt: {
    sql: 'timestamptz',
    nullable: true,
    locked: true,
    saved: true,
    field: { description: 'When picking started.' },
  },
  pickerId: { sql: 'int', nullable: true, locked: true, saved: true },
  stagingPlace: {
    sql: 'text',
    nullable: true,
    maxLength: 40,
    locked: true,
    saved: true,
    personal: 'goodsNote',
    field: {
      name: 'stagingArea',
      description: 'Where its goods are, such as a shelf or locker at the counter.',
      seenBy: STAFF,
    },
  },
  readyAt: {
    sql: 'timestamptz',
    nullable: true,
    locked: true,
    saved: true,
    field: { description: 'When it became READY.' },
  },
  collectBy: { sql: 'timestamptz', nullable: true, locked: true, saved: true },
  /** The version of its location that `collectBy` was computed with. */
  hoursSeenAt: { sql: 'timestamptz', nullable: true },
  remindAt: { sql: 'timestamptz', nullable: true, locked: true, saved: true },
  remindedAt: {
    sql: 'timestamptz',
    nullable: true,
    locked: true,
    saved: true,
    field: { description: 'When the customer was reminded to collect it.' },
  },
  onTheWayAt: {
    sql: 'timestamptz',
    nullable: true,
    locked: true,
    saved: true,
    field: { description: 'When the customer set out.' },
  },
  arrivedAt: {
    sql: 'timestamptz',
    nullable: true,
    locked: true,
    saved: true,
    field: { description: 'When the customer arrived.' },
  },
  arrivalNote: {
    sql: 'text',
    nullable: true,
    maxLength: 200,
    locked: true,
    saved: true,
    personal: customerData('to find the customer outside the shop', 'arrivalNote'),
    field: {
      description: 'Where the customer waits, such as a parking bay or a car.',
      seenBy: STOREFRONTS_OR_STAFF,
    },
    setBy: { imHere: { description: 'Where the customer waits, such as a parking bay or a car.' } },
  },
  closedAt: {
    sql: 'timestamptz',
    nullable: true,
    locked: true,
    saved: true,
    field: { description: 'When it was collected, cancelled or became a NO_SHOW.' },
  },
  collectedBy: {
    sql: 'text',
    nullable: true,
    maxLength: 200,
    locked: true,
    saved: true,
    personal: customerData('to prove who took the goods', 'collectedBy', 'erased'),
    field: {
      description: 'Name of the person who took the goods, if it was another one.',
      seenBy: STOREFRONTS_OR_STAFF,
    },
  },
  handedOverById: { sql: 'int', nullable: true, locked: true, saved: true },
  cancelReason: {
    sql: 'cancel_reason',
    nullable: true,
    locked: true,
    saved: true,
    field: { description: 'Why it was cancelled.' },
  },
  cancelNote: {
    sql: 'text',
    nullable: true,
    maxLength: 500,
    locked: true,
    saved: true,
    personal: customerData('why the order was cancelled', 'cancelNote'),
    field: { description: 'Free text on the cancellation.', seenBy: STOREFRONTS_OR_STAFF },
  },
  /** Keyed with SECRET_KEY. */
  codeHash: { sql: 'text', nullable: true, locked: true, saved: true, personal: 'hash' },
  codeGeneration: { sql: 'int', locked: true, saved: true },
  /** The links of its page are signed with it; raising it revokes those sent before. */
  linkGeneration: { sql: 'int', locked: true, saved: true },
  codeAttempts: {
    sql: 'int',
    locked: true,
    saved: true,
    field: { description: 'Wrong codes since the last code was issued.', seenBy: STAFF },
  },
  erasedAt: {
    sql: 'timestamptz',
    nullable: true,
    field: { description: 'When its personal data was erased.' },
  },
  updatedAt: { sql: 'timestamptz', inserted: '$2::timestamptz', saved: '$2::timestamptz', field: {} },
});

/** Units of one line that were cancelled while the rest of the order went on. */
export const LINE_CANCELLATION = document('order_line_cancellation', {
  id: { sql: 'uuid', inserted: true },
  orderId: { sql: 'uuid', inserted: true },
  skuId: { sql: 'int', inserted: true },
  actorId: { sql: 'int', inserted: true },
  commandId: { sql: 'bigint', inserted: true },
  quantity: { sql: 'int', inserted: true, field: { description: 'Units cancelled.' } },
  reason: {
    sql: 'cancel_reason',
    inserted: true,
    field: { description: 'Why they were cancelled.' },
  },
  note: {
    sql: 'text',
    nullable: true,
    maxLength: 500,
    inserted: true,
    personal: customerData('why units of the order were cancelled', 'lineCancellations.note'),
    field: { description: 'Free text on the cancellation.' },
  },
  at: {
    sql: 'timestamptz',
    inserted: '$2::timestamptz',
    field: { description: 'When they were cancelled.' },
  },
});

export const PICKUP_CODE_UNLOCK = document('pickup_code_unlock', {
  id: { sql: 'uuid', inserted: true },
  orderId: { sql: 'uuid', inserted: true },
  actorId: { sql: 'int', inserted: true },
  commandId: { sql: 'bigint', inserted: true },
  attempts: {
    sql: 'int',
    inserted: true,
    field: { description: 'Wrong codes the order had taken.' },
  },
  reason: {
    sql: 'text',
    maxLength: 200,
    inserted: true,
    personal: customerData('how a manager recognised the customer', 'codeUnlocks.reason', 'erased'),
    field: { description: 'Why it was unlocked.' },
  },
  at: { sql: 'timestamptz', inserted: '$2::timestamptz', field: { description: 'When it was unlocked.' } },
});
