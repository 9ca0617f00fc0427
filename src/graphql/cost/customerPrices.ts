// The prices of the fields of customers and their interactions.

import {
  type FieldPrice,
  flat,
  list,
  OBJECT,
  PRISMA_ROW,
  PRISMA_STATEMENT,
  page,
  perEntry,
  ROW,
  STATEMENT,
} from './price';

/** Rows of a statement that is sent once for all customers of the answer. */
const rows = (usual: number, statements = 1): FieldPrice => ({
  ...list(usual, 2 * ROW, 20),
  once: statements * STATEMENT,
});
/** A value out of such rows. */
const value: FieldPrice = { own: 10, once: STATEMENT };
/** A document that is read together with those of all objects of the answer. */
const document: FieldPrice = { own: 2 * PRISMA_ROW, once: PRISMA_STATEMENT };

export const CUSTOMER_QUERIES: Record<string, FieldPrice> = {
  customer: flat(5 * STATEMENT),
  customerData: page(PRISMA_STATEMENT, PRISMA_ROW),
  customerExports: page(3 * STATEMENT),
  customerTimeline: page(6 * STATEMENT, 10),
  customersByName: list(20, 4 * ROW, 6 * STATEMENT),
  erasureReport: page(STATEMENT),
  identityLinks: page(4 * STATEMENT),
  linkProposals: page(STATEMENT),
  mayContact: perEntry('contacts', 500, 2 * ROW, 4 * STATEMENT),
};

export const CUSTOMER_PRICES: Record<string, Record<string, FieldPrice>> = {
  Customer: {
    attributes: rows(8),
    claimedIdentifiers: rows(3),
    consents: rows(3),
    figures: { own: 100, once: STATEMENT },
    identifiers: list(4),
    name: value,
    openOrders: rows(2),
    preferences: { own: 100, once: 2 * STATEMENT },
    purchases: rows(3),
    returnables: rows(5, 2),
  },
  IdentityLink: { decidedBy: { own: OBJECT + ROW, once: STATEMENT }, evidence: list(8), sides: list(2) },
  LinkProposal: {
    customers: list(2, 2 * ROW, 2 * STATEMENT),
    decidedBy: { own: OBJECT + ROW, once: STATEMENT },
    evidence: list(8),
  },
  CustomerExport: { files: rows(10), requestedBy: { own: OBJECT + ROW, once: STATEMENT } },
  CustomerExportFile: { url: flat(20) },
  CustomerIdentifier: {
    joinedBy: value,
    scope: value,
    standing: value,
    verifiedAt: value,
    verifiedBy: { own: OBJECT + ROW, once: STATEMENT },
  },
  Erasure: {
    receivers: rows(3),
    requestedBy: { own: OBJECT + ROW, once: STATEMENT },
    state: value,
    isOverdue: value,
  },
  ErasureReceiver: { acknowledgedBy: { own: OBJECT + ROW, once: STATEMENT } },
  CustomerPromise: { order: document },
  CustomerReturnable: { order: document },
  Interaction: { facts: flat(20), identifier: flat(10), order: document, return: document },
};
