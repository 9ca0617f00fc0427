/** Loads the demonstration's customers: what they bought, what other systems state about them, and their contacts; identities follow. */
import type { ContactConfig } from '../../src/config/contact';
import type { IdentityConfig } from '../../src/config/identity';
import { storeContacts } from '../../src/contact/actions/storeContacts';
import { recordInteractions } from '../../src/customer/actions/recordInteractions';
import { storeProfiles } from '../../src/customer/actions/storeProfiles';
import {
  changedOrders,
  changedReturns,
  type SourcePosition,
} from '../../src/customer/queries/changedDocuments';
import { interactionsOfOrder, interactionsOfReturn } from '../../src/customer/rules/documentInteractions';
import { IdentifierHashes } from '../../src/customer/rules/identifiers';
import type { NewInteraction } from '../../src/customer/rules/interactions';
import { type ProfileReading, readProfile } from '../../src/customer/rules/profileLine';
import type { Tx } from '../../src/db/pool';
import { isRejection } from '../../src/sales/actions/imports/listRecords';
import { lockShelves, type Move, post } from '../../src/stock/ledger';
import type { Dealings, SeedReceipt } from './dealings';
import { type DealingsScope, type LoadedOrder, loadDealings, openMoves } from './loadDealings';
import { idOf } from './loadReplenishment';
import type { SeedPerson } from './people';
import { buildContacts, buildProfiles, type SeedContact } from './statements';
import type { DayText } from './types';

export interface PeopleScope extends DealingsScope {
  config: IdentityConfig & ContactConfig;
  /** The feed of tills and files. */
  feedId: number;
  today: DayText;
}

/** The demonstration's customers and what they bought. */
export interface SeedCustomers {
  people: SeedPerson[];
  orders: LoadedOrder[];
  dealings: Dealings;
}

/** Rows of one statement. */
const BATCH = 2_000;

function* batchesOf<T>(rows: readonly T[]): Generator<T[]> {
  for (let from = 0; from < rows.length; from += BATCH) yield rows.slice(from, from + BATCH);
}

async function recordAll(
  tx: Tx,
  { config, now }: PeopleScope,
  all: readonly NewInteraction[],
): Promise<void> {
  for (const batch of batchesOf(all)) await recordInteractions(tx, { identity: config.identity, now }, batch);
}

/** Orders and returns as the job `recordInteractions` reads them. */
async function documentInteractions(tx: Tx, hashes: IdentifierHashes): Promise<NewInteraction[]> {
  const start: SourcePosition = { at: null, key: '' };
  const limit = 1_000_000;
  const orders = await changedOrders(tx, start, limit);
  const returns = await changedReturns(tx, start, limit);
  return [
    ...orders.flatMap((row) => interactionsOfOrder(row, hashes)),
    ...returns.flatMap((row) => interactionsOfReturn(row, hashes)),
  ];
}

/** Purchases at tills, with the loyalty card that was shown. */
function purchaseOf(
  { person, number, shop, at, line }: SeedReceipt,
  { ids, feedId }: PeopleScope,
  hashes: IdentifierHashes,
): NewInteraction {
  const verified = [hashes.typed('LOYALTY_CARD', person.loyaltyCard), hashes.typed('RECEIPT', number)];
  return {
    ...{ kind: 'PURCHASE', source: 'till', sourceKey: number, at, channel: 'STORE' },
    locationId: idOf(ids.location, shop),
    identifiers: verified.flatMap((found) => (found === null ? [] : [{ ...found, verifiedBy: feedId }])),
    facts: { units: line.quantity, amountMinor: line.quantity * line.priceMinor, currency: 'EUR' },
  };
}

const LOCATIONS = 'SELECT id, code, country FROM location';

async function loadProfiles(
  tx: Tx,
  people: readonly SeedPerson[],
  scope: PeopleScope,
  hashes: IdentifierHashes,
): Promise<number> {
  const { config, now, feedId, today } = scope;
  const rows = await tx.rows<{ id: number; code: string; country: string }>(LOCATIONS);
  const locations = new Map(rows.map(({ code, ...location }) => [code, location]));
  const profiles = buildProfiles(people, today);
  for (const feed of ['crm', 'loyalty'] as const) {
    const reading: ProfileReading = {
      ...{ feed, hashes, locations, now, verifier: feedId, dateOrder: 'ymd' },
      ...{ storefronts: new Map(), feeds: new Map() },
      defaults: { storefront: null, country: 'FR', verified: [] },
    };
    const lines = profiles
      .filter((profile) => profile.feed === feed)
      .map(({ cells }) => {
        const line = readProfile((column) => cells[column], reading);
        if (isRejection(line))
          throw new Error(`the demonstration's customers cannot be read: ${line.reason}`);
        return line;
      });
    const stated = { identity: config.identity, feed, now, statedAt: now, actorId: feedId };
    await storeProfiles(tx, stated, lines);
  }
  return profiles.length;
}

async function loadContacts(
  tx: Tx,
  contacts: readonly SeedContact[],
  numbers: ReadonlyMap<string, string>,
  scope: PeopleScope,
  hashes: IdentifierHashes,
): Promise<void> {
  const { config, now, feedId } = scope;
  const numberOf = (order: SeedContact['order']): string | null =>
    order === null ? null : numbers.get((order as LoadedOrder).id)!;
  for (const source of new Set(contacts.map((one) => one.source))) {
    const lines = contacts
      .filter((one) => one.source === source)
      .map(({ stated, order }) => ({ ...stated, orderNumber: numberOf(order) }));
    const { problems } = await storeContacts(tx, source, lines, {
      ...{ actor: { actorId: feedId }, now, hashes, config, unknown: 'REFUSE' },
    });
    if (problems.length > 0) throw new Error(`the demonstration's contacts: ${problems[0]!.message}`);
  }
}

// The job `recordInteractions` goes on from here.
const RECORDED = `
  INSERT INTO interaction_source (name, position_at, position_key, read, updated_at)
  (SELECT 'order', updated_at, id, 0, $1::timestamptz FROM customer_order ORDER BY updated_at DESC, id DESC LIMIT 1)
  UNION ALL
  (SELECT 'return', closed_at, id, 0, $1::timestamptz FROM customer_return ORDER BY closed_at DESC, id DESC LIMIT 1)`;

const ANALYZE =
  'ANALYZE customer_order, order_line, identifier, interaction, interaction_identifier, person_record, identity_link';

/** Loads all of it. Its closed orders' units were posted before; those of open orders are taken from today's shelves. */
export async function loadPeople(
  tx: Tx,
  { people, orders, dealings }: SeedCustomers,
  scope: PeopleScope,
): Promise<string> {
  const { numbers, transfers } = await loadDealings(tx, orders, dealings, scope);
  const moves: Move[] = openMoves(orders, transfers, scope);
  const toShops = moves.flatMap(({ toLocationId, skuId }) =>
    toLocationId === undefined ? [] : [{ locationId: toLocationId, skuId }],
  );
  await post(tx, await lockShelves(tx, [...moves, ...toShops], moves.length), scope.now, moves);
  const hashes = new IdentifierHashes(scope.secretKey);
  const profiles = await loadProfiles(tx, people, scope, hashes);
  await recordAll(tx, scope, await documentInteractions(tx, hashes));
  await recordAll(
    tx,
    scope,
    dealings.receipts.map((receipt) => purchaseOf(receipt, scope, hashes)),
  );
  const contacts = buildContacts(people, orders, scope.today);
  await loadContacts(tx, contacts, numbers, scope, hashes);
  await tx.rows(RECORDED, [scope.now]);
  await tx.rows(ANALYZE);
  const counts = [orders.length, dealings.receipts.length, profiles, contacts.length];
  const [ordered, bought, stated, contacted] = counts.map((count) => count.toLocaleString('en'));
  return `${people.length.toLocaleString('en')} customers, ${ordered} orders, ${bought} receipts, ${stated} statements, ${contacted} messages of help desks`;
}
