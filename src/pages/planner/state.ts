// What the page of planners knows beside the proposals: the screen in the address, and what a decision has done.

import { computed, signal } from '@preact/signals';
import { createApi } from '../foundation/api';
import type { PlannerOperations } from '../operations.generated';
import type { CodeNames } from './entries';
import { PLANNER_OPERATIONS } from './operations';
import { type TableView, viewOf, viewText } from './table';

export const api = createApi<PlannerOperations>(PLANNER_OPERATIONS);

/** What a decision has done, for the eye and for screen readers. */
export const outcome = signal<string | null>(null);
export const namesByCode = signal<CodeNames>({ locations: new Map(), suppliers: new Map() });

const hash = signal(location.hash);
window.addEventListener('hashchange', () => {
  hash.value = location.hash;
});

const PROPOSALS = '#proposals';
export const screen = computed<'TODAY' | 'PROPOSALS'>(() =>
  hash.value.startsWith(PROPOSALS) ? 'PROPOSALS' : 'TODAY',
);
export const view = computed<TableView>(() => viewOf(hash.value.slice(PROPOSALS.length).replace(/^\?/, '')));

/** The address of a view of the proposals. */
export function addressOf(shown: TableView): string {
  const text = viewText(shown);
  return text === '' ? PROPOSALS : `${PROPOSALS}?${text}`;
}

/** Changes the view and the address, which can be kept as a bookmark and sent to a colleague. */
export function changeView(change: Partial<TableView>): void {
  history.replaceState(null, '', addressOf({ ...view.value, ...change }));
  hash.value = location.hash;
}
