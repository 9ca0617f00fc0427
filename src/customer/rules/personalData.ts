// The registry of personal data: every column that can contain text, with its purpose, retention, export and erasure.

import { LINE_CANCELLATION, ORDER, PICKUP_CODE_UNLOCK } from '../../order/rules/columns';
import { PURCHASE, PURCHASE_RECEIPT_REVERSAL } from '../../purchase/rules';
import { RESERVATION } from '../../reservation/rules/reservation';
import { RETURN, RETURN_LINE } from '../../return/rules';
import { TRANSFER, TRANSFER_RECEIPT_REVERSAL } from '../../transfer/rules';
import { type Document, type NotPersonal, type PersonalData, personalColumns } from '../../values/document';
import { OTHER_COLUMNS, PERSONAL_COLUMNS } from './columns';

/** Documents whose columns are declared in one table each. */
export const DOCUMENTS: readonly Document[] = [
  ORDER,
  PICKUP_CODE_UNLOCK,
  LINE_CANCELLATION,
  RESERVATION,
  RETURN,
  RETURN_LINE,
  TRANSFER,
  TRANSFER_RECEIPT_REVERSAL,
  PURCHASE,
  PURCHASE_RECEIPT_REVERSAL,
];

/** An entry of the registry. */
export interface RegisteredColumn {
  table: string;
  column: string;
  content: PersonalData | NotPersonal;
}

const ofDocuments = DOCUMENTS.flatMap((document) =>
  personalColumns(document).map(([column, content]) => ({ table: document.table, column, content })),
);
const ofPeople = Object.entries(PERSONAL_COLUMNS).map(([path, content]) => {
  const [table, column] = path.split('.');
  return { table: table!, column: column!, content };
});
const ofNobody = Object.entries(OTHER_COLUMNS).flatMap(([kind, tables]) =>
  tables.flatMap((text) => {
    const [table, ...columns] = text.split(' ');
    return columns.map((column) => ({ table: table!, column, content: kind as NotPersonal }));
  }),
);

export const REGISTRY: readonly RegisteredColumn[] = [...ofDocuments, ...ofPeople, ...ofNobody];

/** The columns that an erasure empties, by table. */
export function erasedColumns(): Map<string, [column: string, erased: null | 'erased'][]> {
  const tables = new Map<string, [string, null | 'erased'][]>();
  for (const { table, column, content } of REGISTRY) {
    if (typeof content === 'string') continue;
    const { erased } = content;
    if (erased === null || erased === 'erased')
      tables.set(table, [...(tables.get(table) ?? []), [column, erased]]);
  }
  return tables;
}
