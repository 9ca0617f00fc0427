// The decision that a dialog asks about, and the quantity that is being edited. Both survive a session that ends.

import { signal } from '@preact/signals';
import { newKey } from '../foundation/key';
import { conflicts, focused, selection, shown } from './proposals';

export interface OpenDecision {
  kind: 'APPROVE' | 'REJECT';
  ids: string[];
  /** The idempotency key, the same for each attempt. */
  key: string;
}

export const decision = signal<OpenDecision | null>(null);

/** Asks about the selected proposals in the order of the table, or about the focused one. */
export function ask(kind: OpenDecision['kind']): void {
  const rows =
    selection.value.size > 0 ? shown.value.filter(({ id }) => selection.value.has(id)) : [focused.value];
  const ids = rows.flatMap((row) => (row === null || conflicts.value.has(row.id) ? [] : [row.id]));
  if (ids.length > 0) decision.value = { kind, ids, key: newKey() };
}

/** What is typed into the row of a proposal. */
export interface QuantityDraft {
  id: string;
  quantity: string;
  reason: string;
  key: string;
}

export const draft = signal<QuantityDraft | null>(null);

/** Begins to edit the quantity of the focused proposal. */
export function beginEdit(): void {
  const row = focused.value;
  if (row === null || conflicts.value.has(row.id)) return;
  draft.value = { id: row.id, quantity: String(row.quantity), reason: '', key: newKey() };
}
