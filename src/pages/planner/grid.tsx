// The table of proposals. Only the rows in sight are in the document, so that 20,000 scroll and sort at once.

import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { beginEdit, decision, draft } from './decide';
import { focusRow, pressKey, toggle } from './gridKeys';
import { Row, rowId } from './gridRow';
import { texts } from './messages';
import { focused, focusedId, focusedRow, isComplete, readAgain, shown } from './proposals';
import { changeView, view } from './state';
import { COLUMNS, type Column, rowsInSight, scrollTo } from './table';

const ROW_PX = 52;
const HEAD_PX = 44;
/** Rows in sight are read again so often: a colleague's decision is shown before it is in the way. */
const READ_AGAIN_MS = 10_000;

/** Columns that begin with the largest. */
const LARGEST_FIRST: readonly Column[] = ['position', 'quantity', 'cost', 'margin'];

function sortBy(column: Column): void {
  const { sort, isDescending } = view.value;
  changeView({
    sort: column,
    isDescending: sort === column ? !isDescending : LARGEST_FIRST.includes(column),
  });
}

function Head() {
  const t = texts.value;
  const { sort, isDescending } = view.value;
  return (
    <thead>
      <tr class="grid-row" aria-rowindex={1}>
        <th class="cell-tick" scope="col">
          <span class="hidden">{t.select}</span>
        </th>
        {COLUMNS.map((column) => (
          <th
            key={column}
            class={`cell-${column}`}
            scope="col"
            aria-sort={sort !== column ? 'none' : isDescending ? 'descending' : 'ascending'}
          >
            <button type="button" onClick={() => sortBy(column)}>
              {t.columns[column]}
              <span aria-hidden="true">{sort !== column ? '' : isDescending ? ' ↓' : ' ↑'}</span>
            </button>
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** A click focuses its row, with Ctrl or on the first cell it selects it, with Shift all rows up to it. */
function clickRow(event: MouseEvent): void {
  const target = event.target as HTMLElement;
  const row = Number(target.closest<HTMLElement>('[data-row]')?.dataset.row ?? Number.NaN);
  const entry = shown.value[row];
  if (entry === undefined || target.closest('form') !== null) return;
  if (event.ctrlKey || event.metaKey || target.closest('.cell-tick') !== null) toggle(entry.id);
  focusRow(row, event.shiftKey);
}

/** `/` goes to the search field from everywhere but a field. */
function useSearchKey(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      document.querySelector<HTMLInputElement>('[data-search]')?.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

/** Reads the rows in sight again from time to time, and when the person comes back to the page. */
function useReadingAgain(scroller: { current: HTMLDivElement | null }): void {
  useEffect(() => {
    const read = (): void => {
      const node = scroller.current;
      if (document.hidden || node === null) return;
      const { first, end } = rowsInSight(shown.value.length, ROW_PX, node.scrollTop, node.clientHeight);
      readAgain(shown.value.slice(first, end).map(({ id }) => id)).catch(() => {});
    };
    const timer = setInterval(read, READ_AGAIN_MS);
    window.addEventListener('focus', read);
    return () => {
      clearInterval(timer);
      window.removeEventListener('focus', read);
    };
  }, []);
}

export function Grid() {
  const t = texts.value;
  const scroller = useRef<HTMLDivElement>(null);
  const table = useRef<HTMLTableElement>(null);
  const top = useSignal(0);
  const height = useSignal(0);
  const rows = shown.value;
  const { first, end } = rowsInSight(rows.length, ROW_PX, top.value, height.value);
  useSearchKey();
  useReadingAgain(scroller);
  useEffect(() => {
    const node = scroller.current!;
    const observer = new ResizeObserver(() => {
      height.value = node.clientHeight - HEAD_PX;
    });
    observer.observe(node);
    return () => observer.disconnect();
  }, []);
  // The focused row comes into sight when it changes, and when another order moves it.
  useSignalEffect(() => {
    const row = focusedRow.value;
    const node = scroller.current!;
    const target = row < 0 ? null : scrollTo(row, ROW_PX, node.scrollTop, node.clientHeight - HEAD_PX);
    if (target !== null) node.scrollTop = target;
  });
  // The keyboard comes back to the table from a row that was edited, and from a dialog.
  const isAway = draft.value !== null || decision.value !== null;
  const wasAway = useRef(false);
  useEffect(() => {
    if (wasAway.current && !isAway) table.current!.focus();
    wasAway.current = isAway;
  }, [isAway]);
  const active = focusedRow.value >= first && focusedRow.value < end ? rowId(focusedId.value!) : undefined;
  return (
    <div
      ref={scroller}
      class="grid"
      onScroll={({ currentTarget }) => {
        top.value = currentTarget.scrollTop;
      }}
    >
      <table
        ref={table}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table that is moved in by keys is a grid
        role="grid"
        tabIndex={0}
        aria-label={t.proposals}
        aria-rowcount={rows.length + 1}
        aria-multiselectable="true"
        aria-activedescendant={active}
        aria-busy={!isComplete.value}
        onFocus={({ target, currentTarget }) => {
          if (target === currentTarget && focused.value === null) focusRow(0);
        }}
        onClick={clickRow}
        onDblClick={({ target }) => {
          if ((target as HTMLElement).closest('.cell-quantity[data-cell]') !== null) beginEdit();
        }}
        onKeyDown={(event) => {
          if (event.target !== event.currentTarget || isAway) return;
          const pageRows = Math.max(1, Math.floor(height.value / ROW_PX) - 1);
          if (pressKey(event, pageRows)) event.preventDefault();
        }}
      >
        <Head />
        <tbody style={{ height: `${rows.length * ROW_PX}px` }}>
          {rows.slice(first, end).map((entry, i) => (
            <Row key={entry.id} entry={entry} row={first + i} top={(first + i) * ROW_PX} />
          ))}
        </tbody>
      </table>
      {rows.length === 0 && isComplete.value && <p class="no-rows muted">{t.noRows}</p>}
    </div>
  );
}
