// Reads the records of a file of people.

import { stripVTControlCharacters } from 'node:util';
import { widthProblem } from '../../csv/open';
import type { PeopleInput, PersonRecord } from '../../matcher/people';
import { OperatorError } from '../../refusals';
import { checkNames, csvRows } from '../forecastFile/csv';
import { type ColumnRole, findColumns, type NamedColumns, type PeopleColumns } from './columns';

/** All records are in memory at once: about 3 kB each while they are grouped. */
const MOST_RECORDS = 1_000_000;
const MAX_ID = 200;
/** A longer cell is no name and no address. */
const MAX_CELL = 300;

export interface PeopleFile {
  input: PeopleInput;
  ignored: string[];
}

/** @throws OperatorError for what is wrong with the file */
export async function readPeople(file: string, named: NamedColumns): Promise<PeopleFile> {
  const records: PersonRecord[] = [];
  const lines = new Map<string, number>();
  let header: string[] = [];
  let columns: PeopleColumns | null = null;
  for await (const { cells, line } of csvRows(file)) {
    if (columns === null) {
      checkNames(cells, file);
      header = cells;
      columns = findColumns(cells, file, named);
      continue;
    }
    if (cells.length === 1 && cells[0]!.trim() === '') continue;
    const where = `${file}, line ${line}`;
    const problem = widthProblem(cells, header);
    if (problem !== null)
      throw new OperatorError(`${where}: ${problem}. A comma inside of a value needs quotes.`);
    const record = recordOf(cells, columns, where);
    const before = lines.get(record.id);
    if (before !== undefined)
      throw new OperatorError(
        `${where}: the record ${record.id} is also in line ${before}; each needs its own.`,
      );
    lines.set(record.id, line);
    if (records.length === MOST_RECORDS)
      throw new OperatorError(
        `${file} has more than ${MOST_RECORDS} records; split it, for example by year of birth.`,
      );
    records.push(record);
  }
  if (records.length === 0 || columns === null)
    throw new OperatorError(`${file} has a header and no records.`);
  const { others, at, ignored } = columns;
  const attributes = [
    ...others.map(({ name }) => name),
    ...(at.has('locality') ? [header[at.get('locality')!]!] : []),
  ];
  return {
    input: { attributes, locality: at.has('locality') ? attributes.length - 1 : -1, records },
    ignored,
  };
}

function recordOf(cells: string[], { at, others }: PeopleColumns, where: string): PersonRecord {
  const cell = (index: number | undefined): string => {
    const text = index === undefined ? '' : (cells[index]?.trim() ?? '');
    if (text.length > MAX_CELL)
      throw new OperatorError(`${where}: a cell has ${text.length} characters; it may have ${MAX_CELL}.`);
    return text;
  };
  const of = (role: ColumnRole): string => cell(at.get(role));
  const id = of('record');
  if (id === '') throw new OperatorError(`${where}: the record is empty; every line needs one.`);
  if (id.length > MAX_ID)
    throw new OperatorError(`${where}: the record has ${id.length} characters; it may have ${MAX_ID}.`);
  return {
    id: stripVTControlCharacters(id),
    forename: of('forename'),
    surname: of('surname'),
    fullName: of('full_name'),
    birthDate: of('birth_date'),
    postcode: of('postcode'),
    others: [...others.map((each) => cell(each.at)), ...(at.has('locality') ? [of('locality')] : [])],
  };
}
