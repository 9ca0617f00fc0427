// The people and programs of the demonstration chain, with their tokens, which everybody knows.

import type { Role } from './roles';

export interface DemonstrationActor {
  token: string;
  name: string;
  role: Role;
  locations: string[];
  manager?: true;
}

/** The publishable token of the web shop, for its pages at /shop and for trying the element on a page of one's own. */
export const DEMONSTRATION_PAGE_TOKEN = {
  token: 'demo-shop-page',
  actor: 'web shop',
  pageOrigins: ['http://localhost:8080', 'http://127.0.0.1:8080'],
} as const;

/** Their tokens are good in a demonstration only; the database that has them contains nothing else. */
export const DEMONSTRATION_ACTORS: readonly DemonstrationActor[] = [
  { token: 'demo-storefront', name: 'web shop', role: 'STOREFRONT', locations: [] },
  { token: 'demo-staff-rivoli', name: 'Camille (Paris Rivoli)', role: 'STAFF', locations: ['paris-rivoli'] },
  {
    ...{ token: 'demo-manager-rivoli', name: 'Léa (manager, Paris Rivoli)', role: 'STAFF' },
    ...{ locations: ['paris-rivoli'], manager: true },
  },
  { token: 'demo-staff-lyon', name: 'Hugo (Lyon Part-Dieu)', role: 'STAFF', locations: ['lyon-part-dieu'] },
  { token: 'demo-staff-orleans', name: 'Inès (Orléans warehouse)', role: 'STAFF', locations: ['dc-orleans'] },
  { token: 'demo-planner', name: 'Sofia (planner)', role: 'PLANNER', locations: [] },
  { token: 'demo-feed', name: 'till feed', role: 'FEED', locations: [] },
  { token: 'demo-agent', name: 'Nadia (customer service)', role: 'AGENT', locations: [] },
  { token: 'demo-steward', name: 'Paul (data protection)', role: 'DATA_STEWARD', locations: [] },
  { token: 'demo-admin', name: 'administrator', role: 'ADMIN', locations: [] },
];
