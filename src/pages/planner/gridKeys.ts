// The keys of the table: moving, selecting, deciding. What a key does to the selection is here; the table scrolls.

import { ask, beginEdit } from './decide';
import { focusedId, focusedRow, selection, shown } from './proposals';
import { withRange } from './table';

/** Where a range of rows that is extended with Shift began. */
let anchorId: string | null = null;

/** Focuses a row, and extends the selection to it with Shift. */
export function focusRow(row: number, isExtended = false): void {
  const rows = shown.value;
  const to = Math.max(0, Math.min(rows.length - 1, row));
  const target = rows[to];
  if (target === undefined) return;
  if (isExtended) {
    const from = rows.findIndex(({ id }) => id === (anchorId ?? focusedId.value));
    selection.value = withRange(selection.value, rows, from < 0 ? to : from, to);
  } else anchorId = target.id;
  focusedId.value = target.id;
}

/** Selects a row, or removes it from the selection. */
export function toggle(id: string): void {
  const next = new Set(selection.value);
  if (!next.delete(id)) next.add(id);
  selection.value = next;
}

function selectAll(): void {
  selection.value = new Set(shown.value.map(({ id }) => id));
}

/** Rows that a key moves by, from the focused one. */
function movesOf(key: string, pageRows: number): number | null {
  const last = shown.value.length;
  const moves: Record<string, number> = {
    ...{ ArrowDown: 1, ArrowUp: -1, PageDown: pageRows, PageUp: -pageRows },
    ...{ Home: -last, End: last },
  };
  return moves[key] ?? null;
}

const COMMANDS: Record<string, () => void> = {
  ' ': () => {
    if (focusedId.value !== null) toggle(focusedId.value);
  },
  escape: () => {
    selection.value = new Set();
  },
  e: beginEdit,
  enter: beginEdit,
  a: () => ask('APPROVE'),
  r: () => ask('REJECT'),
};

/** Does what a key stands for; whether it stands for anything. */
export function pressKey(
  { key, shiftKey, ctrlKey, metaKey, altKey }: KeyboardEvent,
  pageRows: number,
): boolean {
  const moves = movesOf(key, pageRows);
  const name = key.toLowerCase();
  if (moves !== null) focusRow(Math.max(0, focusedRow.value) + (focusedRow.value < 0 ? 0 : moves), shiftKey);
  else if ((ctrlKey || metaKey) && name === 'a') selectAll();
  else if (ctrlKey || metaKey || altKey || COMMANDS[name] === undefined) return false;
  else COMMANDS[name]();
  return true;
}
