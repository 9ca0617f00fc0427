// The open proposals: read page by page, decided on, edited, and read again while they are in sight.

import { computed, signal } from '@preact/signals';
import { ApiProblem } from '../foundation/api';
import type { PlannerOperations } from '../operations.generated';
import { type CodeNames, entryOf, type ProposalEntry } from './entries';
import { api, namesByCode, view } from './state';
import { arrange } from './table';

/** What somebody else did with a proposal before us. */
export interface ForeignDecision {
  status: 'APPROVED' | 'ORDERED' | 'PROPOSED' | 'REJECTED' | 'SUPERSEDED';
  by: string | null;
  at: string | null;
}

export const entries = signal<ProposalEntry[]>([]);
/** Whether all open proposals are read; null: not begun. */
export const isComplete = signal<boolean | null>(null);
/** Proposals that a colleague, or a run, decided on while they were on this page. */
export const conflicts = signal<ReadonlyMap<string, ForeignDecision>>(new Map());
export const selection = signal<ReadonlySet<string>>(new Set());
export const focusedId = signal<string | null>(null);

export const shown = computed(() => arrange(entries.value, view.value));
export const focusedRow = computed(() => shown.value.findIndex(({ id }) => id === focusedId.value));
export const focused = computed(() => shown.value[focusedRow.value] ?? null);

/** The most proposals that the API takes at once. */
export const MOST_AT_ONCE = 1_000;
/** The table is drawn anew after the first page, and then after so many. */
const PAGES_PER_DRAWING = 10;
const PAUSE_MS = 1_000;
const MOST_PAUSES = 30;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends again what a busy server refused: a table of 20,000 rows is a hundred pages. @throws ApiProblem */
async function persist<Answer>(send: () => Promise<Answer>): Promise<Answer> {
  for (let i = 0; ; i++) {
    try {
      return await send();
    } catch (error) {
      const isPassing = error instanceof ApiProblem && error.kind === 'UNREACHABLE';
      if (!isPassing || i >= MOST_PAUSES || !navigator.onLine) throw error;
      await wait(PAUSE_MS);
    }
  }
}

async function allPages<Node>(
  read: (after: string | null) => Promise<{
    nodes: Node[];
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
  } | null>,
): Promise<Node[]> {
  const nodes: Node[] = [];
  for (let after: string | null = null; ; ) {
    const page = await read(after);
    nodes.push(...(page?.nodes ?? []));
    if (!page?.pageInfo.hasNextPage) return nodes;
    after = page.pageInfo.endCursor;
  }
}

async function readNames(): Promise<CodeNames> {
  const [locations, suppliers] = await Promise.all([
    allPages(async (after) => (await api.send('locations', { after })).locations),
    allPages(async (after) => (await api.send('suppliers', { after })).suppliers),
  ]);
  return {
    locations: new Map(locations.map((one) => [one.code, one])),
    suppliers: new Map(suppliers.map((one) => [one.code, one])),
  };
}

/** The reading that counts; an older one that is still under way stops. */
let reading = 0;

/** Reads all open proposals, and shows them as they come. @throws ApiProblem */
export async function readProposals(): Promise<void> {
  reading += 1;
  const mine = reading;
  isComplete.value = false;
  namesByCode.value = await readNames();
  const read: ProposalEntry[] = [];
  for (let after: string | null = null, page = 0; mine === reading; page += 1) {
    const { replenishmentProposals } = await persist(() => api.send('proposals', { after }));
    if (mine !== reading) return;
    const { nodes, pageInfo } = replenishmentProposals!;
    for (const node of nodes) read.push(entryOf(node, namesByCode.value));
    if (!pageInfo.hasNextPage) break;
    if (page % PAGES_PER_DRAWING === 0 && read.length > entries.value.length) entries.value = [...read];
    after = pageInfo.endCursor;
  }
  if (mine !== reading) return;
  entries.value = read;
  conflicts.value = new Map();
  const ids = new Set(read.map(({ id }) => id));
  selection.value = new Set([...selection.value].filter((id) => ids.has(id)));
  isComplete.value = true;
}

/** Takes decided proposals out of the table; the row that follows the focused one is focused. */
export function removeDecided(ids: ReadonlySet<string>): void {
  const row = focusedRow.value;
  const isLost = focusedId.value !== null && ids.has(focusedId.value);
  const next = isLost
    ? (shown.value.slice(row).find(({ id }) => !ids.has(id)) ??
      shown.value.slice(0, row).findLast(({ id }) => !ids.has(id)))
    : null;
  entries.value = entries.value.filter(({ id }) => !ids.has(id));
  selection.value = new Set([...selection.value].filter((id) => !ids.has(id)));
  conflicts.value = new Map([...conflicts.value].filter(([id]) => !ids.has(id)));
  if (isLost) focusedId.value = next?.id ?? null;
}

interface ReadState {
  id: string;
  status: ForeignDecision['status'];
  decidedAt: string | null;
  decidedBy: { name: string } | null;
}

/** Marks what is no longer open as decided by somebody else. */
export function noteDecided(states: readonly (ReadState | null)[]): void {
  const decided = states.filter((one) => one !== null).filter(({ status }) => status !== 'PROPOSED');
  if (decided.length === 0) return;
  const found = new Map(conflicts.value);
  for (const { id, status, decidedBy, decidedAt } of decided)
    found.set(id, { status, by: decidedBy?.name ?? null, at: decidedAt });
  conflicts.value = found;
  selection.value = new Set([...selection.value].filter((id) => !found.has(id)));
}

export function changeEntry(id: string, change: Partial<ProposalEntry>): void {
  entries.value = entries.value.map((entry) => (entry.id === id ? { ...entry, ...change } : entry));
}

interface Edited {
  id: string;
  quantity: number;
  editedAt: string | null;
  cost: { amountMinor: number | string; currency: string } | null;
}

function noteEdited({ id, quantity, editedAt, cost }: Edited): void {
  changeEntry(id, {
    quantity,
    isEdited: editedAt !== null,
    cost: cost === null ? null : { ...cost, amountMinor: Number(cost.amountMinor) },
  });
}

/** Reads rows again: what colleagues decided and edited meanwhile is shown. @throws ApiProblem */
export async function readAgain(ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const { nodes } = await api.send('seen', { ids: [...ids] }, { isBackground: true, retries: 0 });
  const states = (nodes ?? []).flatMap((node) => (node !== null && 'id' in node ? [node] : []));
  noteDecided(states);
  const byId = new Map(entries.value.map((entry) => [entry.id, entry]));
  for (const state of states) {
    const entry = byId.get(state.id);
    if (state.status === 'PROPOSED' && entry !== undefined && entry.quantity !== state.quantity)
      noteEdited(state);
  }
}

/** Changes a quantity; the reason of a refusal, or null. The same key until it has succeeded. @throws ApiProblem */
export async function editQuantity(
  proposal: string,
  quantity: number,
  reason: string,
  idempotencyKey: string,
): Promise<string | null> {
  const input = { idempotencyKey, proposal, quantity, reason };
  const { editReplenishmentProposal: answer } = await api.send('edit', { input });
  if (answer?.__typename === 'EditReplenishmentProposalSuccess') {
    noteEdited(answer.proposal);
    return null;
  }
  await readAgain([proposal]);
  return answer?.message ?? '';
}

export type RefusedProposal = NonNullable<
  PlannerOperations['preview']['answer']['replenishmentApprovalPreview']
>['refused'][number];

/** What came of a decision: the numbers of new documents, and what was refused. */
export interface DecisionOutcome {
  done: string[];
  purchaseOrders: string[];
  transfers: string[];
  refused: RefusedProposal[];
}

/** Takes what was decided out of the table, and marks what a colleague had decided before. */
function note(decided: DecisionOutcome): DecisionOutcome {
  removeDecided(new Set(decided.done));
  noteDecided(decided.refused.map(({ proposal }) => proposal));
  return decided;
}

/** Approves proposals; the message of a refusal of all. The key makes a second tap the same approval. @throws ApiProblem */
export async function approve(
  proposals: string[],
  placeOrders: boolean,
  idempotencyKey: string,
): Promise<DecisionOutcome | string> {
  const { approveReplenishmentProposals: answer } = await api.send('approve', {
    input: { idempotencyKey, proposals, placeOrders },
  });
  if (answer?.__typename !== 'ApproveReplenishmentProposalsSuccess') return answer?.message ?? '';
  return note({
    done: answer.proposals.map(({ id }) => id),
    purchaseOrders: answer.purchaseOrders.map(({ number }) => number),
    transfers: answer.transfers.map(({ number }) => number),
    refused: answer.refused,
  });
}

/** Rejects proposals; the message of a refusal of all. @throws ApiProblem */
export async function reject(
  proposals: string[],
  reason: string,
  restDays: number,
  idempotencyKey: string,
): Promise<DecisionOutcome | string> {
  const { rejectReplenishmentProposals: answer } = await api.send('reject', {
    input: { idempotencyKey, proposals, reason, restDays },
  });
  if (answer?.__typename !== 'RejectReplenishmentProposalsSuccess') return answer?.message ?? '';
  const done = answer.proposals.map(({ id }) => id);
  return note({ done, purchaseOrders: [], transfers: [], refused: answer.refused });
}
