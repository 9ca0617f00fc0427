// The CSV reader: quotes, line ends, line numbers, and that a bad line costs itself and nothing more.

import fc from 'fast-check';
import { csvCell, csvLine, splitFields } from '../../src/csv/rules/cells';
import { CsvReader, MAX_LINE_LENGTH } from '../../src/csv/rules/records';

/** Reads a text in pieces of this length. */
function read(text: string, { columns = null as number | null, piece = 7 } = {}) {
  const reader = new CsvReader({ separator: ',', fits: (n) => n === (columns ?? n) });
  const records = [];
  for (let at = 0; at < text.length; at += piece) records.push(...reader.push(text.slice(at, at + piece)));
  return [...records, ...reader.end()];
}

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
  const signs = [
    'a',
    '1',
    '"',
    ',',
    ';',
    '\n',
    ' ',
    'é',
    '=',
    '+',
    '-',
    '@',
    "'",
    '\t',
    '＝',
    '\u200B',
    '|',
    '.',
  ];
  const field = fc.string({ maxLength: 6, unit: fc.constantFrom(...signs) });
  const row = fc.array(field, { minLength: 3, maxLength: 3 }).filter((r) => r.join('').trim() !== '');
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), fc.integer({ min: 1, max: 9 }), (rows, piece) => {
      // An unquoted field never begins with a quote: csvLine quotes all that has one.
      const text = rows.map((r) => `${csvLine(r)}\n`).join('');
      expect(read(text, { columns: 3, piece }).map((r) => r.fields)).toEqual(rows);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['=1+1', "'=1+1"],
  ['-5', "'-5"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t'=1"],
  ['\rx', '"\'\nx"'],
  ['  =1', "'  =1"],
  ['"=1', '"\'""=1"'],
  ['＝1', "'＝1"],
  ['\u200B+1', "'\u200B+1"],
  ["'=1", "''=1"],
  // A spreadsheet that is set to semicolons cuts here, and the rest must be no formula either.
  ['1;=cmd|A1;-3;2024-01-01', "1;'=cmd|A1;-3;2024-01-01"],
  ['plain - text', 'plain - text'],
  ["l'eau", "l'eau"],
])('no spreadsheet takes %j for a formula', (text, cell) => {
  expect(csvCell(text)).toBe(cell);
});

test('numbers stay numbers, and ="0012" is the text 0012', () => {
  expect(csvLine(['a', -5, 1.5, 0])).toBe('a,-5,1.5,0');
  expect(read('="0012345",3\n"=""0012""",4\n="a,b",5\n')).toMatchObject([
    { fields: ['0012345', '3'] },
    { fields: ['0012', '4'] },
    { fields: ['a,b', '5'] },
  ]);
});

test('lines end with LF, CR LF, CR, or a doubled CR before LF, wherever the pieces are cut', () => {
  for (const end of ['\n', '\r\n', '\r', '\r\r\n']) {
    for (const piece of [1, 2, 3, 100]) {
      const records = read(`a,b${end}1,"x${end}y"${end}${end}3,4`, { columns: 2, piece });
      expect(records).toMatchObject([
        { line: 1, fields: ['a', 'b'] },
        { line: 2, lastLine: 3, fields: ['1', 'x\ny'] },
        { line: 5, fields: ['3', '4'] },
      ]);
    }
  }
});

test('a NUL byte costs its line, and rows of nothing but separators are no lines', () => {
  const records = read('a,b\n1,x\u0000\n,,\n , \n2,y\n');
  expect(records.map(({ line, fields, problem }) => [line, fields ?? problem])).toEqual([
    [1, ['a', 'b']],
    [2, 'NUL_BYTE'],
    [5, ['2', 'y']],
  ]);
});
