// The prices of the fields of contacts, cases and service figures.

import {
  type FieldPrice,
  flat,
  list,
  PRISMA_ROW,
  PRISMA_STATEMENT,
  page,
  ROW,
  STATEMENT,
  VALUE,
} from './price';

export const CONTACT_QUERIES: Record<string, FieldPrice> = {
  customerContext: flat(5 * STATEMENT),
  // Its pages are read as long as DRY_RUN_SECONDS last: as much as a dry run of a forecast.
  retentionReport: flat(20_000),
  routeContact: flat(9 * STATEMENT),
  serviceAgents: page(PRISMA_STATEMENT, PRISMA_ROW),
  serviceCase: flat(PRISMA_STATEMENT),
  serviceCases: page(PRISMA_STATEMENT, PRISMA_ROW),
  serviceFigureDefinitions: list(20),
  serviceFigures: list(60, VALUE, 20_000),
};

export const CONTACT_PRICES: Record<string, Record<string, FieldPrice>> = {
  CustomerContext: {
    contactPromises: list(2, ROW, STATEMENT),
    lastContacts: { ...list(10, 2 * PRISMA_ROW, STATEMENT + PRISMA_STATEMENT), reads: true },
    openCases: { ...list(2, 2 * PRISMA_ROW, STATEMENT + PRISMA_STATEMENT), reads: true },
    suggestions: { ...list(2, ROW, 8 * STATEMENT), reads: true },
  },
  RetentionReport: { rules: list(3) },
  RetentionRuleReport: { waiting: list(3) },
  RoutingAdvice: { candidates: list(5), dropped: list(2), excluded: list(2), waitsFor: list(2) },
  RoutingCandidate: { points: list(7) },
  ServiceSuggestion: { toComplete: list(1) },
  ServiceAgent: { channels: list(2), languages: list(2), skills: list(5) },
  ServiceCase: { contacts: { ...list(3, 2 * PRISMA_ROW, 20), once: PRISMA_STATEMENT } },
};
