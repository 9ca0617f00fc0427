// The table without its drawing: filters, order, the rows in sight, and ranges of a selection. Pure, so that 20,000 rows can be tested.

import { fold, type ProposalEntry } from './entries';

export const COLUMNS = [
  'article',
  'location',
  'source',
  'abc',
  'position',
  'quantity',
  'cost',
  'margin',
  'arrives',
] as const;
export type Column = (typeof COLUMNS)[number];

/** What of the proposals is shown, and in which order. It stands in the address. */
export interface TableView {
  sort: Column;
  isDescending: boolean;
  search: string;
  location: string;
  /** A supplier, as `alps`, or the source of transfers, as `from:lyon`. */
  source: string;
  abc: string;
  editedOnly: boolean;
}

export const USUAL_VIEW: TableView = {
  sort: 'margin',
  isDescending: true,
  search: '',
  location: '',
  source: '',
  abc: '',
  editedOnly: false,
};

const MOST_CHARACTERS = 100;

/** A view as the parameters of the address. What is as usual is left out. */
export function viewText(view: TableView): string {
  const parameters = new URLSearchParams();
  const sort = `${view.isDescending ? '-' : ''}${view.sort}`;
  if (sort !== '-margin') parameters.set('sort', sort);
  for (const name of ['search', 'location', 'source', 'abc'] as const) {
    if (view[name] !== '') parameters.set(name, view[name]);
  }
  if (view.editedOnly) parameters.set('edited', '1');
  return parameters.toString();
}

/** The view of an address that anybody may have typed: what is wrong in it is as usual. */
export function viewOf(text: string): TableView {
  const parameters = new URLSearchParams(text);
  const read = (name: string): string => (parameters.get(name) ?? '').slice(0, MOST_CHARACTERS);
  const [, minus, name] = /^(-?)(\w+)$/.exec(read('sort')) ?? [];
  const sort = COLUMNS.find((column) => column === name);
  return {
    sort: sort ?? USUAL_VIEW.sort,
    isDescending: sort === undefined ? USUAL_VIEW.isDescending : minus === '-',
    search: read('search'),
    location: read('location'),
    source: read('source'),
    abc: /^[ABC]$/.test(read('abc')) ? read('abc') : '',
    editedOnly: read('edited') === '1',
  };
}

/** The source of a proposal in the form of a view. */
export const sourceOf = ({ supplier, from }: ProposalEntry): string => supplier ?? `from:${from}`;

function isShown(view: TableView): (entry: ProposalEntry) => boolean {
  const words = fold(view.search).split(/\s+/).filter(Boolean);
  const { location, source, abc, editedOnly } = view;
  return (entry) =>
    (location === '' || entry.location === location) &&
    (source === '' || sourceOf(entry) === source) &&
    (abc === '' || entry.abc === abc) &&
    (!editedOnly || entry.isEdited) &&
    words.every((word) => entry.keys.search.includes(word));
}

const KEYS: Record<Column, (entry: ProposalEntry) => string | number> = {
  article: ({ keys }) => keys.article,
  location: ({ keys }) => keys.location,
  source: ({ keys }) => keys.source,
  abc: ({ abc }) => abc,
  position: ({ position }) => position,
  quantity: ({ quantity }) => quantity,
  cost: ({ cost }) => cost?.amountMinor ?? -1,
  margin: ({ lostMargin }) => lostMargin?.amountMinor ?? -1,
  arrives: ({ expectedOn }) => expectedOn,
};

/** The entries of a view in its order; the same ones always in the same order. */
export function arrange(entries: readonly ProposalEntry[], view: TableView): ProposalEntry[] {
  const key = KEYS[view.sort];
  const direction = view.isDescending ? -1 : 1;
  const keyed = entries.filter(isShown(view)).map((entry) => ({ entry, key: key(entry) }));
  keyed.sort((a, b) => {
    if (a.key !== b.key) return a.key < b.key ? -direction : direction;
    return a.entry.id < b.entry.id ? -1 : 1;
  });
  return keyed.map(({ entry }) => entry);
}

/** Rows drawn above and below those in sight, so that a quick scroll finds them there. */
const SPARE_ROWS = 6;

/** The rows to draw: from the first up to, not with, the last. */
export function rowsInSight(
  count: number,
  rowHeight: number,
  scrollTop: number,
  height: number,
): { first: number; end: number } {
  const first = Math.max(0, Math.min(count, Math.floor(scrollTop / rowHeight)) - SPARE_ROWS);
  const end = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + SPARE_ROWS);
  return { first, end: Math.max(first, end) };
}

/** Where to scroll so that a row is whole in sight; null: it is. */
export function scrollTo(row: number, rowHeight: number, scrollTop: number, height: number): number | null {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  return top + rowHeight > scrollTop + height ? top + rowHeight - height : null;
}

/** The selection with all rows between two of them. */
export function withRange(
  selection: ReadonlySet<string>,
  rows: readonly ProposalEntry[],
  from: number,
  to: number,
): Set<string> {
  const [first, last] = from < to ? [from, to] : [to, from];
  return new Set([...selection, ...rows.slice(first, last + 1).map(({ id }) => id)]);
}
