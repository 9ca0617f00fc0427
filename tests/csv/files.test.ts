// Files as tills, ERPs and spreadsheets write them: encodings, separators, headers, and what is no CSV at all.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { openRecords } from '../../src/csv/open';
import { surveyFile } from '../../src/csv/survey';

const folder = mkdtempSync(join(tmpdir(), 'comptoir-csv-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function write(content: string | Buffer): string {
  const path = join(folder, `file-${++files}.csv`);
  writeFileSync(path, content);
  return path;
}

const isHeader = (fields: readonly string[]) =>
  ['sku', 'units'].every((name) => fields.some((f) => f.trim() === name));

/** Header, separator and the fields of all records of a file. */
async function read(
  content: string | Buffer,
  { encoding = null as string | null, separator = null as string | null, header = true } = {},
) {
  const file = await surveyFile(write(content), encoding);
  const opened = await openRecords(file, { separator, ...(header && { isHeader }) });
  const rows: (readonly string[] | string)[] = [];
  for await (const group of opened.records)
    for (const { line, fields, problem } of group) rows.push(fields ?? `${line} ${problem}`);
  return { header: opened.header, separator: opened.separator, rows };
}

const TEXT = 'sku;units\nCafé;1\nThé;2\n';
const ROWS = [
  ['Café', '1'],
  ['Thé', '2'],
];

const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();

test.each<[string, string | Buffer, string | null]>([
  ['UTF-8', TEXT, null],
  ['UTF-8 with a mark', `\uFEFF${TEXT}`, null],
  ['CR only', TEXT.replaceAll('\n', '\r'), null],
  ['gzip', gzipSync(TEXT), null],
  ['gzip in two members', Buffer.concat([gzipSync(TEXT.slice(0, 12)), gzipSync(TEXT.slice(12))]), null],
  ['UTF-16 LE with a mark', Buffer.from(`\uFEFF${TEXT}`, 'utf16le'), null],
  ['UTF-16 BE with a mark', utf16be(`\uFEFF${TEXT}`), null],
  ['UTF-16 LE without', Buffer.from(TEXT, 'utf16le'), null],
  ['UTF-16 BE without', utf16be(TEXT), null],
  ['UTF-16 in gzip', gzipSync(Buffer.from(`\uFEFF${TEXT}`, 'utf16le')), null],
  ['windows-1252', Buffer.from(TEXT, 'latin1'), 'windows-1252'],
  ['its other name', Buffer.from(TEXT, 'latin1'), 'Latin1'],
  ['no last line end', TEXT.trimEnd(), null],
])('%s is read', async (_what, content, encoding) => {
  expect(await read(content, { encoding })).toEqual({ header: ['sku', 'units'], separator: ';', rows: ROWS });
});

/** A zip archive's beginning, with one file of this name. */
function zip(name: string): Buffer {
  const head = Buffer.alloc(30);
  head.write('PK\x03\x04', 'latin1');
  head.writeUInt16LE(name.length, 26);
  return Buffer.concat([head, Buffer.from(name), deflateRawSync('x'.repeat(100))]);
}

test.each<[string, string | Buffer, string | null, RegExp]>([
  ['empty', '', null, /is empty/],
  ['blank lines', '\n\n  \n', null, /is empty: it has not even a header/],
  ['a mark alone', '\uFEFF', null, /is empty: it has not even a header/],
  [
    'windows-1252 unsaid',
    Buffer.from(TEXT, 'latin1'),
    null,
    /not UTF-8: line 2 has the byte E9 \(in windows-1252 it is é\)\. Name .*--encoding windows-1252/,
  ],
  [
    'windows-1252 late',
    Buffer.from(`sku;units\n${'A;1\n'.repeat(200_000)}é;1\n`, 'latin1'),
    null,
    /line 200002 has the byte E9/,
  ],
  ['a cut character', Buffer.from('sku;units\nThé').subarray(0, 13), null, /not UTF-8: line 2/],
  ['UTF-8 said to be windows-1252', TEXT, 'windows-1252', /written in UTF-8, not in windows-1252/],
  [
    'UTF-16 said to be windows-1252',
    Buffer.from(`\uFEFF${TEXT}`, 'utf16le'),
    'windows-1252',
    /byte order mark of utf-16le/,
  ],
  ['an unknown encoding', TEXT, 'klingon', /encoding 'klingon' is not known; known are utf-8/],
  ['odd UTF-16', Buffer.from(`\uFEFF${TEXT}`, 'utf16le').subarray(0, -1), null, /not written in utf-16le/],
  ['zip', zip('till.csv'), null, /is a zip archive, not a CSV file/],
  ['xlsx', zip('[Content_Types].xml'), null, /is an Excel workbook/],
  ['ods', zip('mimetypeapplication/vnd.oasis.opendocument.spreadsheet'), null, /OpenDocument spreadsheet/],
  ['pdf', '%PDF-1.7\n', null, /a PDF document/],
  ['xls', Buffer.from('d0cf11e0a1b11ae1', 'hex'), null, /old Excel workbook/],
  ['html', '\uFEFF<!DOCTYPE html>\n<html>', null, /HTML or XML/],
  ['json', '[{"sku":"A"}]', null, /is JSON/],
  ['xlsx in gzip', gzipSync(zip('xl/workbook.xml')), null, /is an Excel workbook/],
  ['gzip in gzip', gzipSync(gzipSync(TEXT)), null, /gzip data within gzip data/],
  ['bytes', Buffer.from([1, 0, 2, 0, 3]), null, /is not a text file/],
  ['gzip cut off', gzipSync(TEXT).subarray(0, 20), null, /broken gzip file/],
  [
    'gzip damaged',
    Buffer.concat([gzipSync(TEXT).subarray(0, 12), Buffer.alloc(40, 7)]),
    null,
    /broken gzip file/,
  ],
  ['a quote in the header', '"sku;units\nA;1\n', null, /a quote in the header is never closed/],
  ['a header too long', `${'x'.repeat(70_000)}\n1`, null, /first line is longer than 65536/],
])('%s is refused in a sentence', async (_what, content, encoding, message) => {
  await expect(read(content, { encoding, header: false })).rejects.toThrow(message);
});

test.each<[string, string, string]>([
  ['semicolons with commas in numbers', 'sku;units;price\nA;1;2,50\nB;2;3,50\n', ';'],
  ['commas in a name of the header', 'sku;"name, long, of it";units\nA;x;1\n', ';'],
  ['tabs', 'sku\tunits\nA, b\t1\n', '\t'],
  ['bars', 'sku|units\nA;b|1\n', '|'],
  ['more commas in the header than semicolons', 'a,b,c,d;sku;units\nx;A;1\ny;B;2\n', ';'],
])('the separator is detected: %s', async (_what, text, separator) => {
  expect((await read(text)).separator).toBe(separator);
});

test('without a header to look for, the separator is the one that lines agree on', async () => {
  const text = 'key;d_1,d_2;d_3\nA;1;2\nB;3;4\n';
  expect((await read(text, { header: false })).separator).toBe(';');
  expect(await read('alone\n1\n', { header: false })).toMatchObject({ separator: ',', header: ['alone'] });
});

test('sep=; in the first line is followed and is no line of the file', async () => {
  expect(await read('sep=;\r\nsku;units\r\nA,b;1\r\n')).toEqual({
    header: ['sku', 'units'],
    separator: ';',
    rows: [['A,b', '1']],
  });
  expect((await read('"sep=|"\nsku|units\nA|1\n')).rows).toEqual([['A', '1']]);
  expect((await read('sep=\t\nsku\tunits\nA\t1\n')).rows).toEqual([['A', '1']]);
  expect((await read('\uFEFFsep=:\nsku:units\nA:1\n')).rows).toEqual([['A', '1']]);
});

test('lines before the header are rejected, each by its number', async () => {
  const text = '\nSales report;;\nof the week, all shops;;\n\nsku;units;\nA;1;\nB;2\n';
  expect(await read(text)).toMatchObject({
    header: ['sku', 'units', ''],
    rows: ['2 PREAMBLE', '3 PREAMBLE', ['A', '1', ''], ['B', '2']],
  });
});

test('a header over two lines, and rows with cells too many or too few', async () => {
  const text = 'sku,units,"name\n(long)"\nA,1,"x\ny"\nB,2\nC,3,z,\nD,4,z,more\n';
  expect(await read(text)).toMatchObject({
    header: ['sku', 'units', 'name\n(long)'],
    rows: [
      ['A', '1', 'x\ny'],
      ['B', '2'],
      ['C', '3', 'z', ''],
      ['D', '4', 'z', 'more'],
    ],
  });
});
