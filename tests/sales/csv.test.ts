// The CSV reader: quotes, line ends, line numbers, and that a bad line costs itself and nothing more.

import fc from 'fast-check';
import { CsvReader, csvLine, MAX_LINE_LENGTH, separatorOf, splitFields } from '../../src/sales/rules/csv';

/** Reads a text in pieces of this length. */
function read(text: string, { columns = null as number | null, piece = 7 } = {}) {
  const reader = new CsvReader(',', columns);
  const records = [];
  for (let at = 0; at < text.length; at += piece) records.push(...reader.push(text.slice(at, at + piece)));
  return [...records, ...reader.end()];
}
const fieldsOf = (text: string, columns: number | null = null) =>
  read(text, { columns }).map((r) => r.fields);

test.each([
  ['a,b', ['a', 'b']],
  ['a,,b,', ['a', '', 'b', '']],
  ['"a,1",b', ['a,1', 'b']],
  ['"say ""hi""",b', ['say "hi"', 'b']],
  ['12" RULER,3', ['12" RULER', '3']],
  ['"12" RULER",3', ['12" RULER', '3']],
  ['"",""', ['', '']],
  ['"a"', ['a']],
  ['"ends with a quote""",b', ['ends with a quote"', 'b']],
])('%s', (text, fields) => {
  expect(splitFields(text, ',')).toEqual(fields);
});

test('line ends, blank lines and a last line without an end', () => {
  expect(read('a,b\r\n\r\n1,2\n\n3,4')).toMatchObject([
    { line: 1, fields: ['a', 'b'] },
    { line: 3, fields: ['1', '2'] },
    { line: 5, fields: ['3', '4'] },
  ]);
});

test('a quoted field goes over lines', () => {
  expect(read('a,"x\ny\n\nz"\n1,2\n', { columns: 2 })).toMatchObject([
    { line: 1, lastLine: 4, fields: ['a', 'x\ny\n\nz'] },
    { line: 5, lastLine: 5, fields: ['1', '2'] },
  ]);
});

test('a quote that never closes costs its own line', () => {
  const records = read('a,b\n1,"open\n2,x\n3,"y"\n4,z\n', { columns: 2 });
  expect(records.map(({ line, fields, problem }) => [line, fields ?? problem])).toEqual([
    [1, ['a', 'b']],
    [2, 'OPEN_QUOTE'],
    [3, ['2', 'x']],
    [4, ['3', 'y']],
    [5, ['4', 'z']],
  ]);
  const many = read(`${'1,"x\n'.repeat(3)}${'2,y\n'.repeat(200)}`, { columns: 2 });
  expect(many.filter((r) => r.problem === 'OPEN_QUOTE').map((r) => r.line)).toEqual([1, 2, 3]);
  expect(many.filter((r) => r.fields !== null)).toHaveLength(200);
});

test('a line too long costs itself, whatever its length, and memory stays small', () => {
  const long = 'x'.repeat(MAX_LINE_LENGTH + 1);
  const records = read(`a,b\n${long}\n1,2\n3,"${long}\n4,5\n`, { columns: 2, piece: 10_000 });
  expect(records.map(({ line, fields, problem }) => [line, fields ?? problem])).toEqual([
    [1, ['a', 'b']],
    [2, 'TOO_LONG'],
    [3, ['1', '2']],
    [4, 'TOO_LONG'],
    [5, ['4', '5']],
  ]);
  expect(records[1]!.raw.length).toBeLessThan(3_000);
});

test('what is written is read again, cut into pieces anywhere', () => {
  const field = fc.string({ maxLength: 6, unit: fc.constantFrom('a', '"', ',', '\n', ' ', 'é') });
  const row = fc.array(field, { minLength: 3, maxLength: 3 }).filter((r) => r.join('') !== '');
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), fc.integer({ min: 1, max: 9 }), (rows, piece) => {
      // An unquoted field never begins with a quote: csvLine quotes all that has one.
      const text = rows.map((r) => `${csvLine(r)}\n`).join('');
      expect(read(text, { columns: 3, piece }).map((r) => r.fields)).toEqual(rows);
    }),
  );
});

test('the separator is the one the header has most of', () => {
  expect(separatorOf('a;b;c,d')).toBe(';');
  expect(separatorOf('a\tb')).toBe('\t');
  expect(separatorOf('alone')).toBe(',');
  expect(fieldsOf('a')).toEqual([['a']]);
});
