// Stores deliveries about contacts: each is merged into its contact, recorded for its customer, and given its case.

import { v7 as uuid } from 'uuid';
import { lockCustomers } from '../../customer/actions/links';
import { storefronts } from '../../customer/queries/storefronts';
import type { Tx } from '../../db/pool';
import { feedIds } from '../../sales/queries/receipts';
import { groupBy } from '../../values/lists';
import { documentNumber } from '../../values/text';
import { agentIdsByCode, findReferences, type References } from '../queries/references';
import { namesAccounts, withStorefronts } from '../rules/accounts';
import { isSameContact, type KeptContact, type StatedContact } from '../rules/contact';
import { type ContactProblem, problemOf, shownValue } from '../rules/contactLine';
import { namesTills, withFeeds } from '../rules/tills';
import { assignCases, deriveCases } from './cases';
import {
  type ContactDraft,
  draftOf,
  keptBefore,
  recordContacts,
  type StoredContactRow,
  type StoreScope,
} from './drafts';
import { checkFileLines } from './fileLines';

/** Counts of contacts, and the lines that were refused. */
export interface StoredContacts {
  created: number;
  updated: number;
  unchanged: number;
  problems: ContactProblem[];
  /** Lines of a file that are about erased customers, and were left out. */
  erased: number;
  /** Stored contacts, in the order of the lines that first named them. */
  contactIds: string[];
}

const STORED = `
  SELECT n.id, n.external_id AS "externalId", n.interaction_id AS "interactionId", n.identifier_id AS "identifierId",
         i.customer_id AS "customerId", n.case_id AS "caseId", n.channel, n.direction, n.at, n.state,
         n.state_at AS "stateAt", n.topic, n.order_id AS "orderId", n.return_id AS "returnId",
         n.location_id AS "locationId", n.agent_id AS "agentId", n.handled_seconds AS "handledSeconds",
         n.wrap_up_seconds AS "wrapUpSeconds", n.waiting_seconds AS "waitingSeconds", n.language, n.link, n.promise,
         n.promised_for AS "promisedFor"
  FROM contact n LEFT JOIN identifier i ON i.id = n.identifier_id
  WHERE n.source = $1 AND n.external_id = ANY($2::text[]) ORDER BY n.external_id FOR UPDATE OF n`;

const SAVE = `
  INSERT INTO contact (id, source, external_id, actor_id, interaction_id, identifier_id, case_id, channel, direction, at, topic,
    order_id, return_id, location_id, agent_id, state, state_at, handled_seconds, wrap_up_seconds, waiting_seconds, language,
    link, promise, promised_for, recorded_at)
  SELECT id, $2, "externalId", $3, "interactionId", "identifierId", "caseId", channel, direction, at, topic, "orderId",
    "returnId", "locationId", "agentId", state, "stateAt", "handledSeconds", "wrapUpSeconds", "waitingSeconds", language, link,
    promise, "promisedFor", $4
  FROM jsonb_to_recordset($1::jsonb) AS n(id uuid, "externalId" text, "interactionId" bigint, "identifierId" bigint,
    "caseId" uuid, channel service_channel, direction contact_direction, at timestamptz, topic text, "orderId" uuid,
    "returnId" uuid, "locationId" int, "agentId" int, state contact_state, "stateAt" timestamptz, "handledSeconds" int,
    "wrapUpSeconds" int, "waitingSeconds" int, language text, link text, promise text, "promisedFor" timestamptz)
  ON CONFLICT (source, external_id) DO UPDATE SET
    interaction_id = EXCLUDED.interaction_id, identifier_id = EXCLUDED.identifier_id, case_id = EXCLUDED.case_id,
    channel = EXCLUDED.channel, direction = EXCLUDED.direction, at = EXCLUDED.at, topic = EXCLUDED.topic,
    order_id = EXCLUDED.order_id, return_id = EXCLUDED.return_id, location_id = EXCLUDED.location_id,
    agent_id = EXCLUDED.agent_id, state = EXCLUDED.state, state_at = EXCLUDED.state_at,
    handled_seconds = EXCLUDED.handled_seconds, wrap_up_seconds = EXCLUDED.wrap_up_seconds,
    waiting_seconds = EXCLUDED.waiting_seconds, language = EXCLUDED.language, link =
      CASE WHEN EXISTS (SELECT FROM identifier e WHERE e.id = EXCLUDED.identifier_id AND e.erased_at IS NOT NULL)
      THEN NULL ELSE EXCLUDED.link END,
    promise = EXCLUDED.promise, promised_for = EXCLUDED.promised_for`;
const SAVE_CHANGES = `
  INSERT INTO contact_state_change (contact_id, at, state, agent_id)
  SELECT "contactId", at, state, "agentId"
  FROM jsonb_to_recordset($1::jsonb) AS n("contactId" uuid, at timestamptz, state contact_state, "agentId" int)
  ON CONFLICT (contact_id, at) DO NOTHING`;
const SAVE_ANSWERS = `
  INSERT INTO survey (id, kind, contact_id, sent_at, answered_at, csat, nps, ces, was_resolved)
  SELECT id, 'FROM_SOURCE', "contactId", at, at, csat, nps, ces, "wasResolved"
  FROM jsonb_to_recordset($1::jsonb) AS n(id uuid, "contactId" uuid, at timestamptz, csat smallint, nps smallint,
    ces smallint, "wasResolved" boolean)
  ON CONFLICT (contact_id) DO NOTHING`;
const ADD_AGENTS = `
  INSERT INTO service_agent (code, name, updated_at) SELECT code, code, $2 FROM unnest($1::text[]) AS n(code)
  ON CONFLICT (code) DO NOTHING`;

const texts = (values: (string | null)[]): string[] => [
  ...new Set(values.filter((value): value is string => value !== null)),
];

/** Lines that name what there is not, as problems. */
function unknownNames(
  lines: readonly [number, StatedContact][],
  { orders, returns, locations }: References,
): ContactProblem[] {
  return lines.flatMap(([index, line]) => {
    const problem = (field: keyof StatedContact, message: string): ContactProblem => {
      const path = `contacts.${index}.${field}`;
      return { index, path, value: shownValue(line, path), message: `${path}: ${message}` };
    };
    const { orderNumber, returnNumber, location } = line;
    if (orderNumber !== null && !orders.has(documentNumber(orderNumber)))
      return [
        problem('orderNumber', 'no order has this number; send a number of `orders`, or leave it out.'),
      ];
    if (returnNumber !== null && !returns.has(documentNumber(returnNumber)))
      return [
        problem('returnNumber', 'no return has this number; send a number of `returns`, or leave it out.'),
      ];
    if (location !== null && !locations.has(location))
      return [problem('location', 'there is no location with this code; create it with upsertLocations.')];
    return [];
  });
}

async function ensureAgents(tx: Tx, now: Date, codes: string[]): Promise<Map<string, number>> {
  const known = await agentIdsByCode(tx, codes);
  const missing = codes.filter((code) => !known.has(code)).sort();
  if (missing.length === 0) return known;
  await tx.rows(ADD_AGENTS, [missing, now]);
  return agentIdsByCode(tx, codes);
}

/** A delivery with ids in place of names. */
function keptOf(line: StatedContact, named: References, agents: ReadonlyMap<string, number>): KeptContact {
  const order = line.orderNumber === null ? undefined : named.orders.get(documentNumber(line.orderNumber));
  const back = line.returnNumber === null ? undefined : named.returns.get(documentNumber(line.returnNumber));
  const location = line.location === null ? undefined : named.locations.get(line.location);
  return {
    ...{
      channel: line.channel,
      direction: line.direction,
      at: line.at,
      state: line.state,
      stateAt: line.stateAt,
    },
    ...{ topic: line.topic, orderId: order?.id ?? back?.orderId ?? null, returnId: back?.id ?? null },
    locationId: location?.id ?? order?.locationId ?? back?.locationId ?? null,
    agentId: line.handler === null ? null : (agents.get(line.handler) ?? null),
    ...{ handledSeconds: line.handledSeconds, wrapUpSeconds: line.wrapUpSeconds },
    ...{ waitingSeconds: line.waitingSeconds, language: line.language, link: line.link },
    ...{ promise: line.promise, promisedFor: line.promisedFor },
  };
}

const isChanged = ({ before, kept, interactionId, caseId }: ContactDraft): boolean =>
  before === null ||
  before.interactionId !== interactionId ||
  before.caseId !== caseId ||
  !isSameContact(keptBefore(before), kept);

async function saveContacts(
  tx: Tx,
  source: string,
  drafts: readonly ContactDraft[],
  scope: StoreScope,
): Promise<void> {
  const { actor, now } = scope;
  const rows = drafts
    .filter(isChanged)
    .map(({ id, externalId, kept, interactionId, identifierId, caseId }) => ({
      ...kept,
      ...{ id, externalId, interactionId, identifierId, caseId },
    }));
  if (rows.length > 0) await tx.rows(SAVE, [JSON.stringify(rows), source, actor.actorId, now]);
  const changes = drafts.flatMap(({ id, changes: all }) => all.map((one) => ({ ...one, contactId: id })));
  await tx.rows(SAVE_CHANGES, [JSON.stringify(changes)]);
  const answers = drafts.flatMap(({ id, lines }) => {
    const line = lines.findLast(({ survey }) => survey !== null);
    return line === undefined ? [] : [{ ...line.survey, id: uuid(), contactId: id, at: line.stateAt }];
  });
  if (answers.length > 0) await tx.rows(SAVE_ANSWERS, [JSON.stringify(answers)]);
}

/** The lines with the storefronts of their accounts and the feeds of their tills; those of unknown ones are added to the problems. */
async function scopeIdentifiers(
  tx: Tx,
  source: string,
  lines: readonly [number, StatedContact][],
  scope: StoreScope,
  problems: ContactProblem[],
): Promise<[number, StatedContact][]> {
  const all = lines.map(([, line]) => line);
  const known = namesAccounts(all) ? await storefronts(tx) : [];
  const ids = new Map(known.map(({ id, name }) => [name, id]));
  const feeds = namesTills(all) ? await feedIds(tx) : new Map<string, number>();
  const bySource = scope.config.contact.storefronts;
  return lines.flatMap(([index, line]): [number, StatedContact][] => {
    const placed = withStorefronts(line, source, { ids, bySource });
    const found = 'field' in placed ? placed : withFeeds(placed, feeds);
    if (!('field' in found)) return [[index, found]];
    const path = `contacts.${index}.${found.field}`;
    problems.push({ index, path, value: shownValue(line, path), message: `${path}: ${found.message}` });
    return [];
  });
}

/** Sorts the lines into good ones and refused ones. */
async function readLines(tx: Tx, source: string, lines: readonly StatedContact[], scope: StoreScope) {
  const { now, unknown } = scope;
  const problems = lines.flatMap((line, index) => problemOf(line, index, now) ?? []);
  const bad = new Set(problems.map(({ index }) => index));
  const checked = lines.flatMap((line, i): [number, StatedContact][] => (bad.has(i) ? [] : [[i, line]]));
  const sound = await scopeIdentifiers(tx, source, checked, scope, problems);
  const named = await findReferences(tx, {
    orders: texts(sound.map(([, line]) => line.orderNumber)).map(documentNumber),
    returns: texts(sound.map(([, line]) => line.returnNumber)).map(documentNumber),
    locations: texts(sound.map(([, line]) => line.location)),
  });
  if (unknown === 'LEAVE_OUT') return { good: sound.map(([, line]) => line), problems, erased: 0, named };
  const more = unknownNames(sound, named);
  const unnamed = new Set(more.map(({ index }) => index));
  const found = sound.filter(([i]) => !unnamed.has(i));
  const read =
    scope.file === undefined
      ? { good: found, problems: [], erased: [] }
      : await checkFileLines(tx, found, scope, named);
  return {
    good: read.good.map(([, line]) => line),
    problems: [...problems, ...more, ...read.problems].sort((a, b) => a.index - b.index),
    erased: read.erased.length,
    named,
  };
}

/**
 * Stores deliveries of one source. Deliveries of one contact may come in any order and more than once: the later state by the
 * source's own clock is kept. Good lines are stored, and the others answered with their field and value.
 */
export async function storeContacts(
  tx: Tx,
  source: string,
  lines: readonly StatedContact[],
  scope: StoreScope,
): Promise<StoredContacts> {
  const { now, config } = scope;
  // Before any document is locked; also two sources then cannot open two cases of one customer at once.
  await lockCustomers(tx);
  const { good, problems, erased, named } = await readLines(tx, source, lines, scope);
  const agents = await ensureAgents(tx, now, texts(good.map((line) => line.handler)));
  const byKey = groupBy(good, (line) => line.externalId);
  const rows = await tx.rows<StoredContactRow>(STORED, [source, [...byKey.keys()].sort()]);
  const stored = new Map(rows.map((row) => [row.externalId, row]));
  const keep = (line: StatedContact): KeptContact => keptOf(line, named, agents);
  const drafts = [...byKey].map(([key, own]) => draftOf(key, own, stored.get(key) ?? null, keep));
  await recordContacts(tx, source, drafts, scope, named);
  const left = await assignCases(tx, now, config.contact, drafts);
  await saveContacts(tx, source, drafts, scope);
  const handlers = new Map(
    drafts.flatMap(({ caseId, kept, before }) =>
      kept.agentId === null || kept.agentId === before?.agentId ? [] : [[caseId!, kept.agentId] as const],
    ),
  );
  await deriveCases(tx, now, config.contact, [...drafts.map(({ caseId }) => caseId!), ...left], handlers);
  const created = drafts.filter(({ before }) => before === null).length;
  const changed = drafts.filter(isChanged).length;
  return {
    ...{ created, updated: changed - created, unchanged: drafts.length - changed, problems, erased },
    contactIds: drafts.map(({ id }) => id),
  };
}
