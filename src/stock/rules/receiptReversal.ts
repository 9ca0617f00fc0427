// What is recorded of a receipt that was taken back, of a transfer as of a purchase order.

/** Columns of such a record beside its id and that of its document. */
export const RECEIPT_REVERSAL = {
  actorId: { sql: 'int', inserted: true },
  commandId: { sql: 'bigint', inserted: true },
  reason: {
    sql: 'text',
    maxLength: 500,
    inserted: true,
    personal: 'goodsNote',
    field: { description: 'Why the receipt was a mistake.' },
  },
  units: { sql: 'int', inserted: true, field: { description: 'Units taken back.' } },
  receivedAt: {
    sql: 'timestamptz',
    nullable: true,
    inserted: true,
    field: { description: 'When the units had last been received.' },
  },
  reversedAt: {
    sql: 'timestamptz',
    inserted: '$2::timestamptz',
    field: { description: 'When the receipt was taken back.' },
  },
} as const;
