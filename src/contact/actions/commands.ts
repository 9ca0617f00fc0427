// Commands about contacts and cases: ingesting, noting, assigning and closing.

import { type Command, type CommandFunction, defineCommand } from '../../access/actions/execute';
import { type Caller, mustWorkAt } from '../../access/rules/roles';
import type { ContactConfig } from '../../config/contact';
import type { IdentityConfig } from '../../config/identity';
import { IdentifierHashes } from '../../customer/rules/identifiers';
import type { Tx } from '../../db/pool';
import { checkState, Forbidden, notFound, type Refused, refuse } from '../../refusals';
import { dueCase } from '../queries/surveys';
import type { StatedContact } from '../rules/contact';
import { type ContactProblem, NOTED } from '../rules/contactLine';
import { deriveCases } from './cases';
import type { StoreScope } from './drafts';
import { areSurveysSent, type SurveyConfig, sendSurveysAbout } from './sendSurveys';
import { withoutValues, withValues } from './shownProblems';
import { storeContacts } from './storeContacts';

/** What the commands need beside their input. */
export interface ContactParts {
  secretKey: Buffer;
  config: IdentityConfig & ContactConfig;
}

const scopeOf = (
  { secretKey, config }: ContactParts,
  { actor, now }: Pick<StoreScope, 'actor' | 'now'>,
): StoreScope => ({ actor, now, config, hashes: new IdentifierHashes(secretKey), unknown: 'REFUSE' });

export interface IngestedContacts {
  created: number;
  updated: number;
  unchanged: number;
  problems: ContactProblem[];
}

interface IngestInput {
  source: string;
  lines: StatedContact[];
}

/** Stores deliveries of one source about contacts. Lines that are wrong are answered; the others are stored. */
export const ingestContacts = (parts: ContactParts): CommandFunction<IngestInput, IngestedContacts> => {
  const store = defineCommand('ingestContacts', async (tx, { input, actor, now }: Command<IngestInput>) => {
    const stored = await storeContacts(tx, input.source, input.lines, scopeOf(parts, { actor, now }));
    const { created, updated, unchanged, problems } = stored;
    return { created, updated, unchanged, problems: withoutValues(problems) } satisfies IngestedContacts;
  });
  return async (db, request) => {
    const stored = await store(db, request);
    return { ...stored, problems: withValues(stored.problems, request.input.lines) };
  };
};

const OWN_AGENT = `
  INSERT INTO service_agent (code, name, actor_id, updated_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (actor_id) DO UPDATE SET updated_at = service_agent.updated_at RETURNING code`;

/** The agent that an actor is; made when the actor first serves a customer. */
async function agentOf(tx: Tx, { actorId, name }: Caller, now: Date): Promise<string> {
  const [agent] = await tx.rows<{ code: string }>(OWN_AGENT, [`actor:${actorId}`, name, actorId, now]);
  return agent!.code;
}

export interface NotedContact extends Omit<StatedContact, 'externalId' | 'handler' | 'stateAt' | 'location'> {
  locationId: number;
  location: string;
}

/** Notes a conversation that staff or an agent had with a customer. @throws Refused InvalidInput @throws Forbidden */
export const noteContact = (parts: ContactParts) =>
  defineCommand(
    'noteContact',
    async (
      tx,
      { input, actor, now, commandId }: Command<NotedContact>,
    ): Promise<{ contactId: string } | Refused> => {
      const { locationId, ...stated } = input;
      mustWorkAt(actor, locationId, input.location);
      const line = {
        ...stated,
        externalId: `note:${commandId}`,
        handler: await agentOf(tx, actor, now),
        stateAt: now,
      };
      const stored = await storeContacts(tx, NOTED, [line], scopeOf(parts, { actor, now }));
      const [problem] = stored.problems;
      if (problem !== undefined) {
        // The one line of this input is no element of a list.
        const path = problem.path.replace(/^contacts\.0\.?/, '');
        refuse('InvalidInput', problem.message.replaceAll('contacts.0.', ''), { path });
      }
      return { contactId: stored.contactIds[0]! };
    },
  );

const LOCK_CASE = `
  SELECT c.id, c.number, c.status, c.location_id AS "locationId", p.code AS location
  FROM service_case c LEFT JOIN location p ON p.id = c.location_id WHERE c.id = $1 FOR UPDATE OF c`;

interface LockedCase {
  id: string;
  number: string;
  status: 'OPEN' | 'RESOLVED';
  locationId: number | null;
  location: string | null;
}

/** Locks a case that the caller may change. @throws Refused NotFound @throws Forbidden */
async function lockCase(tx: Tx, actor: Caller, id: string): Promise<LockedCase> {
  const [found] = await tx.rows<LockedCase>(LOCK_CASE, [id]);
  if (found === undefined) throw notFound('ServiceCase', [id]);
  if (actor.role === 'STAFF') {
    if (found.locationId === null || found.location === null)
      throw new Forbidden(
        `${actor.name} works at locations, and case ${found.number} belongs to none of them.`,
      );
    mustWorkAt(actor, found.locationId, found.location);
  }
  return found;
}

const AGENT_EXISTS = 'SELECT id FROM service_agent WHERE id = $1';
const ASSIGN = 'UPDATE service_case SET agent_id = $2, updated_at = $3 WHERE id = $1';

/** Assigns a case to an agent, or to nobody. @throws Refused NotFound */
export const assignCase = defineCommand(
  'assignCase',
  async (tx, { input, actor, now }: Command<{ caseId: string; agentId: number | null }>) => {
    const { id } = await lockCase(tx, actor, input.caseId);
    if (input.agentId !== null && (await tx.rows(AGENT_EXISTS, [input.agentId])).length === 0)
      throw notFound('ServiceAgent', [String(input.agentId)]);
    await tx.rows(ASSIGN, [id, input.agentId, now]);
    return { caseId: id };
  },
);

const CLOSE = 'UPDATE service_case SET closed_at = $2, closed_by_id = $3 WHERE id = $1';

/**
 * Closes a case: contacts that are open no longer keep it open. With `survey` its survey is sent now and not after some time, if the
 * customer may get one. @throws Refused NotFound, WrongState
 */
export const closeCase = (config: SurveyConfig) =>
  defineCommand(
    'closeCase',
    async (tx, { input, actor, now }: Command<{ caseId: string; survey: boolean }>) => {
      const { id, number, status } = await lockCase(tx, actor, input.caseId);
      checkState('ServiceCase', number, status, ['OPEN'], 'closed');
      await tx.rows(CLOSE, [id, now, actor.actorId]);
      await deriveCases(tx, now, config.contact, [id]);
      const isWanted = input.survey && areSurveysSent(config);
      const sent = isWanted ? await sendSurveysAbout(tx, now, config, await dueCase(tx, id)) : 0;
      return { caseId: id, isSurveySent: sent > 0 };
    },
  );
