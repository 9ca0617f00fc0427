// Cells of CSV text: taken apart, put together, and written so that no spreadsheet takes a text for a formula.

const OPEN = -1;
const STRAY = -2;

/** Where the quote is that ends a field: before a separator or the end, and not half of a doubled one. */
function closingQuote(text: string, from: number, separator: string, strict: boolean): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at)) {
    if (text[at + 1] === '"') at += 2;
    else if (at + 1 === text.length || text[at + 1] === separator) return at;
    else if (strict) return STRAY;
    else at += 1;
  }
  return OPEN;
}

/** Where the quotes of the field at `at` begin: `"…"`, or `="…"` as spreadsheets write codes. −1: it has none. */
function quoteAt(text: string, at: number): number {
  if (text[at] === '"') return at;
  return text[at] === '=' && text[at + 1] === '"' ? at + 1 : -1;
}

/**
 * Splits a record into fields (RFC 4180: quoted fields may hold the separator, line ends and doubled quotes). A quote
 * within a field that does not close it stands for itself, unless `strict`: then there are no fields. Null: a quote is
 * still open at the end. The field `="0012"` is the text 0012.
 */
export function splitFields(text: string, separator: string, strict = false): string[] | null {
  if (!text.includes('"')) return text.split(separator);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const quote = quoteAt(text, at);
    const end = quote < 0 ? STRAY : closingQuote(text, quote + 1, separator, strict);
    if (quote >= 0 && end >= 0) {
      fields.push(text.slice(quote + 1, end).replaceAll('""', '"'));
      if (end + 1 === text.length) return fields;
      at = end + 2;
      continue;
    }
    if (quote === at) return end === OPEN ? null : [];
    const next = text.indexOf(separator, at);
    fields.push(next < 0 ? text.slice(at) : text.slice(at, next));
    if (next < 0) return fields;
    at = next + 1;
  }
}

// What a spreadsheet takes for a formula: these signs, also full-width and behind blanks, quotes and invisible signs,
// and a tab or line end in front, behind which some programs look for them.
const FORMULA = /^(?:['"\s\p{Cf}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|['"]*[\t\r\n])/u;
const MAY_BE_FORMULA = /[=+\-@\uFF1D\uFF0B\uFF0D\uFF20\t\r\n]/;
// A spreadsheet set to another separator cuts a cell at it, and the rest is then a cell of its own. Numbers may stay.
const INNER = /(?<=[;,\t|\r\n])(?=['" \u00A0\p{Cf}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/gu;
const INNER_NUMBER = /^[+-]?\d+(?:\.\d+)?(?:[;,\t|\r\n]|$)/;
const INNER_MARK = /(?<=[;,\t|\r\n])'(?=['" \u00A0\p{Cf}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/gu;

/** A text that no spreadsheet takes for a formula: an apostrophe stands before what it would take for one. */
function guarded(text: string): string {
  if (!MAY_BE_FORMULA.test(text)) return text;
  const inner = text.replace(INNER, (_, at: number) => (INNER_NUMBER.test(text.slice(at)) ? '' : "'"));
  return FORMULA.test(text) ? `'${inner}` : inner;
}

/** Removes the apostrophes that `guarded` has added. */
function unguarded(text: string): string {
  if (!text.includes("'")) return text;
  const inner = text.replace(INNER_MARK, '');
  return inner[0] === "'" && FORMULA.test(inner.slice(1)) ? inner.slice(1) : inner;
}

const FORMULA_TEXT = /^="((?:[^"]|"")*)"$/;

/** The text that a cell stands for: without a guard against formulas, and without `="…"` around a code. */
function textOfCell(cell: string): string {
  const text = unguarded(cell);
  const code = text === cell && cell[0] === '=' ? FORMULA_TEXT.exec(cell) : null;
  return code === null ? text : code[1]!.replaceAll('""', '"');
}

/** The texts of a record's fields; most records have no character that needs the slower path. */
export function textsOfCells(raw: string, fields: string[]): string[] {
  return raw.includes("'") || raw.includes('="') ? fields.map(textOfCell) : fields;
}

/** Puts fields together as `splitFields` takes them apart, as they are. */
export function joinFields(fields: readonly string[], separator: string): string {
  return fields
    .map((f) =>
      f.includes(separator) || /["\n\r]/.test(f) || f.startsWith('="') ? `"${f.replaceAll('"', '""')}"` : f,
    )
    .join(separator);
}

/**
 * Writes a record with commas, without its line end. Numbers stay numbers; a text that a spreadsheet would take for a
 * formula has an apostrophe before it, which our own reader removes again.
 */
export function csvLine(fields: readonly (string | number)[]): string {
  return fields.map(csvCell).join(',');
}

/** One cell of such a record; line ends within a text become LF. */
export function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = guarded(value).replace(/\r\n?/g, '\n');
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
