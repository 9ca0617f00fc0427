// Detects the type of a file from its first bytes, regardless of its name.

/** Some kinds of file that are no text, by how they begin. */
const KINDS: readonly [bytes: readonly number[], name: string][] = [
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old Excel workbook (.xls)'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF document'],
  [[0x42, 0x5a, 0x68], 'a bzip2 archive'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'an xz archive'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'a Zstandard archive'],
  [[0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], 'a 7-Zip archive'],
  [[0x52, 0x61, 0x72, 0x21], 'a RAR archive'],
  [[0x04, 0x22, 0x4d, 0x18], 'an LZ4 archive'],
  [[0x50, 0x41, 0x52, 0x31], 'a Parquet file'],
  [[0x89, 0x50, 0x4e, 0x47], 'a PNG image'],
  [[0xff, 0xd8, 0xff], 'a JPEG image'],
  [[0x53, 0x51, 0x4c, 0x69, 0x74, 0x65], 'an SQLite database'],
];

const ZIP = [0x50, 0x4b];
const TAR_AT = 257;

const begins = (head: Buffer, bytes: readonly number[]): boolean => bytes.every((b, i) => head[i] === b);

/** True for gzip data. */
export function isGzip(head: Buffer): boolean {
  return begins(head, [0x1f, 0x8b]);
}

function zipName(head: Buffer): string {
  const text = head.toString('latin1');
  if (/xl\/|\[Content_Types\]\.xml|docProps\//.test(text)) return 'an Excel workbook (.xlsx)';
  if (text.includes('opendocument.spreadsheet')) return 'an OpenDocument spreadsheet (.ods)';
  return 'a zip archive';
}

/** The name of what begins so and is no text of separated values; null: it may be one. */
export function foreignKind(head: Buffer): string | null {
  if (begins(head, ZIP) && [0x03, 0x05, 0x07].includes(head[2]!)) return zipName(head);
  const found = KINDS.find(([bytes]) => begins(head, bytes));
  if (found !== undefined) return found[1];
  if (head.toString('latin1', TAR_AT, TAR_AT + 5) === 'ustar') return 'a tar archive';
  const text = head
    .toString('latin1', 0, 512)
    .replace(/^\u00EF\u00BB\u00BF/, '')
    .trimStart();
  if (/^<(?:!doctype|html|table|\?xml|[a-z]+[\s>:])/i.test(text)) return 'HTML or XML';
  if (/^(?:\{\s*["}]|\[\s*(?:\{|\[|\]))/.test(text)) return 'JSON';
  return null;
}
