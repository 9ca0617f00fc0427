// The lists that contacts add to an export of a customer's data: contacts, cases, and answers to surveys.

import {
  amongIdentifiers,
  type ExportedRow,
  type ExportSection,
  sectionOf,
  sectionStatement,
} from '../../customer/queries/exportSections';

type Declared = Parameters<typeof sectionStatement>[0];
const BY_UUID = { of: 'identifiers', key: 't.id', keyType: 'uuid' } as const;

const SECTIONS: Readonly<Record<string, Declared>> = {
  contacts: {
    ...{ table: 'contact', ...BY_UUID, where: amongIdentifiers('t.identifier_id') },
    join: 'JOIN service_case c ON c.id = t.case_id',
    facts: {
      ...{ source: 't.source', externalId: 't.external_id', case: 'c.number', channel: 't.channel' },
      ...{ direction: 't.direction', at: 't.at', topic: 't.topic', state: 't.state', stateAt: 't.state_at' },
      ...{ language: 't.language', link: 't.link', promise: 't.promise', promisedFor: 't.promised_for' },
    },
  },
  cases: {
    ...{ table: 'service_case', ...BY_UUID, where: amongIdentifiers('t.identifier_id') },
    facts: {
      ...{ number: 't.number', topic: 't.topic', status: 't.status', channel: 't.channel' },
      ...{ openedAt: 't.opened_at', resolvedAt: 't.resolved_at', reopenedCount: 't.reopened_count' },
    },
  },
  surveys: {
    ...{ table: 'survey', ...BY_UUID },
    where: `(
      t.case_id IN (SELECT id FROM service_case WHERE ${amongIdentifiers('identifier_id')})
      OR t.contact_id IN (SELECT id FROM contact WHERE ${amongIdentifiers('identifier_id')})
      OR t.order_id IN (SELECT order_id FROM interaction WHERE ${amongIdentifiers('identifier_id')}))`,
    facts: {
      ...{ kind: 't.kind', sentAt: 't.sent_at', answeredAt: 't.answered_at', csat: 't.csat', nps: 't.nps' },
      ...{ ces: 't.ces', wasResolved: 't.was_resolved' },
    },
  },
};

const STATEMENTS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(SECTIONS).map(([name, section]) => [name, sectionStatement(section)]),
);

/** The lists of this module. */
export const CONTACT_SECTIONS: readonly ExportSection[] = Object.entries(SECTIONS).map(([name, section]) =>
  sectionOf(name, section, (tx, ids, after) =>
    tx.rows<ExportedRow>(STATEMENTS[name]!, [ids.map(String), after]),
  ),
);
