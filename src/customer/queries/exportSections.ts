// The lists of an export of a customer's data: what the registry of personal data marks as exported, beside the facts that it belongs to.

import type { Tx } from '../../db/pool';
import { REGISTRY } from '../rules/personalData';

/** A row of an export; the next page begins after its key. */
export interface ExportedRow {
  key: string;
  row: Record<string, unknown>;
}

/** A list of an export. */
export interface ExportSection {
  name: string;
  /** Tables whose exported columns of the registry it has. */
  tables: readonly string[];
  /** Of what its rows are. */
  of: 'identifiers' | 'orders' | 'returns';
  /** Comes before the key of every row. */
  firstKey: string;
  /** The rows of these ids after a key, at most EXPORT_PAGE; an empty page is the end. */
  page(tx: Tx, ids: readonly (string | number)[], after: string): Promise<ExportedRow[]>;
}

/** Rows that are read at once. */
export const EXPORT_PAGE = 1_000;

const FIRST_KEYS = { bigint: '0', uuid: '00000000-0000-0000-0000-000000000000', text: '' } as const;

/** How a list is read. Of its table `t` the exported columns of the registry come after `facts`. */
interface DeclaredSection {
  table: string;
  /** What is joined to it. */
  join?: string;
  of: ExportSection['of'];
  where: string;
  key: string;
  keyType?: keyof typeof FIRST_KEYS;
  /** Fields and their SQL expressions. */
  facts: Readonly<Record<string, string>>;
}

const camel = (column: string): string =>
  column.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());

/** Whether the registry marks a column as exported. */
export const isExported = (content: (typeof REGISTRY)[number]['content']): boolean =>
  typeof content !== 'string' && (typeof content.exported === 'string' || 'onlyBy' in content.exported);

/** The statement of a list: its ids are $1, the key before it $2. */
export function sectionStatement({ table, join = '', where, key, keyType, facts }: DeclaredSection): string {
  const personal = REGISTRY.filter((one) => one.table === table && isExported(one.content));
  const fields = [
    ...Object.entries(facts),
    ...personal.map(({ column }) => [camel(column), `t.${column}`] as const),
  ].map(([name, expression]) => `'${name}', ${expression}`);
  return `
  SELECT (${key})::text AS key, json_build_object(${fields.join(', ')}) AS row
  FROM ${table} t ${join}
  WHERE ${where} AND ${key} > $2::text::${keyType ?? 'bigint'} ORDER BY ${key} LIMIT ${EXPORT_PAGE}`;
}

/** A list of a declaration, with the call that sends its statement. */
export const sectionOf = (
  name: string,
  { table, of, keyType }: DeclaredSection,
  page: ExportSection['page'],
): ExportSection => ({ name, tables: [table], of, firstKey: FIRST_KEYS[keyType ?? 'bigint'], page });

/** Identifiers $1, as a condition on a column. */
export const amongIdentifiers = (column: string): string => `${column} = ANY($1::text[]::bigint[])`;
/** Documents $1, as a condition on a column. */
const amongDocuments = (column: string): string => `${column} = ANY($1::text[]::uuid[])`;
const SKU = 'JOIN sku s ON s.id = t.sku_id';
const LOCATION = 'JOIN location p ON p.id = t.location_id';

/** Lines `t` of imported sales of a till's customer number `i`; the hash of an erased one is none. */
const OF_TILL = `t.feed_id = CASE WHEN i.kind = 'TILL_CUSTOMER' AND i.erased_at IS NULL AND i.scope ~ '^[0-9]{1,9}$' THEN i.scope::int END
    AND t.customer = CASE WHEN i.kind = 'TILL_CUSTOMER' AND i.erased_at IS NULL THEN i.hash::uuid END`;

const SECTIONS: Readonly<Record<string, DeclaredSection>> = {
  identifiers: {
    ...{ table: 'identifier', of: 'identifiers', where: amongIdentifiers('t.id'), key: 't.id' },
    facts: {
      ...{ kind: 't.kind', scope: 't.scope', firstSeenAt: 't.first_seen_at', lastSeenAt: 't.last_seen_at' },
      verified:
        'EXISTS (SELECT FROM interaction_identifier o WHERE o.identifier_id = t.id AND o.verified_by IS NOT NULL)',
      restrictedAt: 't.restricted_at',
    },
  },
  statements: {
    ...{ table: 'person_record', of: 'identifiers', key: 't.interaction_id' },
    where: amongIdentifiers('t.identifier_id'),
    facts: {
      source: 't.source',
      at: 't.at',
      verified: 't.is_verified',
      contactChannel: 't.contact_channel',
    },
  },
  interactions: {
    ...{ table: 'interaction', of: 'identifiers', where: amongIdentifiers('t.identifier_id'), key: 't.id' },
    facts: {
      ...{ kind: 't.kind', at: 't.at', recordedAt: 't.recorded_at', channel: 't.channel' },
      ...{ source: 't.source', sourceKey: 't.source_key', facts: 't.facts' },
    },
  },
  tillLines: {
    ...{ table: 'sales_line', of: 'identifiers', where: amongIdentifiers('i.id'), keyType: 'text' },
    join: `JOIN identifier i ON ${OF_TILL} ${SKU} ${LOCATION}`,
    key: `(t.feed_id || ' ' || t.document || ' ' || t.item || ' ' || t.location_id || ' ' || t.day || ' ' || t.n)`,
    facts: {
      ...{ receipt: 't.document', day: 't.day', location: 'p.code', channel: 't.channel' },
      ...{ sku: 's.code', name: 's.name', units: 't.units', revenueMinor: 't.revenue_minor' },
      currency: 's.currency',
    },
  },
  consents: {
    ...{ table: 'consent', of: 'identifiers', where: amongIdentifiers('t.identifier_id'), key: 't.id' },
    facts: {
      ...{ purpose: 't.purpose', channel: 't.channel', decision: 't.decision', at: 't.at' },
      ...{ recordedAt: 't.recorded_at', textVersion: 't.text_version' },
    },
  },
  // Of a decision that splits two customers the other one is another person, so it is not exported.
  links: {
    ...{ table: 'identity_link', of: 'identifiers', key: 't.id' },
    where: `${amongIdentifiers('t.low_id')} AND ${amongIdentifiers('t.high_id')} AND t.kind = 'JOIN'`,
    facts: { origin: 't.origin', at: 't.at' },
  },
  lookups: {
    ...{ table: 'customer_lookup', of: 'identifiers', key: 't.id' },
    where: `t.customer_id IN (SELECT own_id FROM identifier WHERE ${amongIdentifiers('id')})`,
    facts: { at: 't.at', through: 't.field', role: '(SELECT a.role FROM actor a WHERE a.id = t.actor_id)' },
  },
  orders: {
    ...{ table: 'customer_order', join: LOCATION, of: 'orders', where: amongDocuments('t.id') },
    ...{ key: 't.id', keyType: 'uuid' },
    facts: {
      ...{ number: 't.number', channel: 't.channel', location: 'p.code', status: 't.status' },
      ...{
        payment: 't.payment',
        placedAt: 't.placed_at',
        promisedAt: 't.promised_at',
        readyAt: 't.ready_at',
      },
      ...{ closedAt: 't.closed_at', cancelReason: 't.cancel_reason', contactChannel: 't.contact_channel' },
      ...{ paidAt: 't.paid_at', onTheWayAt: 't.on_the_way_at', arrivedAt: 't.arrived_at' },
    },
  },
  orderLines: {
    ...{ table: 'order_line', join: `${SKU} JOIN customer_order o ON o.id = t.order_id`, of: 'orders' },
    ...{ where: amongDocuments('t.order_id'), key: `(t.order_id || ' ' || t.sku_id)`, keyType: 'text' },
    facts: {
      ...{
        order: 'o.number',
        sku: 's.code',
        name: 's.name',
        quantity: 't.quantity',
        collected: 't.collected',
      },
      ...{ cancelled: 't.cancelled', returned: 't.returned', currency: 't.currency' },
      unitPriceMinor: 'coalesce(t.unit_price_minor, t.large_unit_price_minor)',
    },
  },
  codeUnlocks: {
    ...{ table: 'pickup_code_unlock', join: 'JOIN customer_order o ON o.id = t.order_id', of: 'orders' },
    ...{ where: amongDocuments('t.order_id'), key: 't.id', keyType: 'uuid' },
    facts: { order: 'o.number', at: 't.at' },
  },
  lineCancellations: {
    ...{
      table: 'order_line_cancellation',
      join: `${SKU} JOIN customer_order o ON o.id = t.order_id`,
      of: 'orders',
    },
    ...{ where: amongDocuments('t.order_id'), key: 't.id', keyType: 'uuid' },
    facts: { order: 'o.number', sku: 's.code', quantity: 't.quantity', reason: 't.reason', at: 't.at' },
  },
  reservations: {
    ...{ table: 'reservation', join: 'JOIN customer_order o ON o.reservation_id = t.id', of: 'orders' },
    ...{ where: amongDocuments('o.id'), key: 't.id', keyType: 'uuid' },
    facts: {
      ...{ order: 'o.number', channel: 't.channel', status: 't.status', createdAt: 't.created_at' },
      expiresAt: 't.expires_at',
    },
  },
  returns: {
    ...{ table: 'customer_return', join: LOCATION, of: 'returns', where: amongDocuments('t.id') },
    ...{ key: 't.id', keyType: 'uuid' },
    facts: {
      ...{ number: 't.number', receipt: 't.receipt', location: 'p.code', status: 't.status' },
      ...{ soldAt: 't.sold_at', createdAt: 't.created_at', closedAt: 't.closed_at' },
    },
  },
  returnLines: {
    ...{ table: 'return_line', join: `${SKU} JOIN customer_return r ON r.id = t.return_id`, of: 'returns' },
    ...{ where: amongDocuments('t.return_id'), key: `(t.return_id || ' ' || t.line)`, keyType: 'text' },
    facts: { return: 'r.number', sku: 's.code', name: 's.name', quantity: 't.quantity' },
  },
};

const STATEMENTS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(SECTIONS).map(([name, section]) => [name, sectionStatement(section)]),
);

/** The lists of this module. */
export const CUSTOMER_SECTIONS: readonly ExportSection[] = Object.entries(SECTIONS).map(([name, section]) =>
  sectionOf(name, section, (tx, ids, after) =>
    tx.rows<ExportedRow>(STATEMENTS[name]!, [ids.map(String), after]),
  ),
);
