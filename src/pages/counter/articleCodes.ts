// What a scanner reads off an article or a case: its GTIN, and the units that it stands for. The server checks it; a page only
// needs to find the line offline.

const AROUND = /^[\s\p{Cc}]+|[\s\p{Cc}]+$/gu;
const SYMBOLOGY = /^\][A-Za-z][0-9A-Za-z]/;
const PLAIN = /^\d{8,14}$/;
/** What may precede the GTIN without a separator: dates and variants. */
const FIXED = String.raw`(?:1[1-7]\d{6}|20\d\d)*`;
const CONTENTS = [/\(02\)(\d{14})(?!\d)/, /^(?:00\d{18})?02(\d{14})37/];
const COUNT = /^(?:.*\(37\)|(?:00\d{18})?02\d{14}37)(\d{1,8})(?!\d)/;
/**
 * A GS1 code: (01) in brackets; raw at its beginning, behind dates, or behind the separator; /01/ in a GS1 Digital Link. Or
 * a logistic label with the GTIN of its contents (02) and their count (37).
 */
const ELEMENTS = [
  /\(01\)(\d{14})(?!\d)/,
  new RegExp(`^(?:[^(].*\u001d)?${FIXED}01(\\d{14})`),
  /^https?:\/\/.*\/01\/(\d{8,14})(?:[/?#]|$)/i,
  ...CONTENTS,
];

const dataOf = (code: string): string => code.replace(AROUND, '').replace(SYMBOLOGY, '').replace(AROUND, '');

/** The digits of the GTIN in a scan, or null for another code. A scanner that sends no separators is understood too. */
export function gtinOfScan(code: string): string | null {
  const data = dataOf(code);
  if (PLAIN.test(data)) return data;
  for (const form of ELEMENTS) {
    const gtin = form.exec(data)?.[1];
    if (gtin !== undefined) return gtin;
  }
  return null;
}

/** How many articles or cases a scan stands for: the count of the contents on a logistic label, else one. */
export function itemsOfScan(code: string): number {
  const data = dataOf(code);
  if (!CONTENTS.some((form) => form.test(data)) || ELEMENTS[0]!.test(data)) return 1;
  return Math.max(1, Number(COUNT.exec(data)?.[1] ?? 1));
}

/** An article as far as its codes are known here. Stored snapshots of before have no further GTINs. */
export interface CodedArticle {
  code: string;
  gtin: string | null;
  furtherGtins?: readonly { gtin: string; units: number }[] | null;
}

/** The same number in each length of GTIN: leading zeros do not count. */
const bareGtin = (code: string): string => code.replace(/^0+/, '');

/** How the shop reads its price and weight labels, as far as the article in them goes. */
export interface ShopLabelRule {
  prefix: string;
  articleDigits: number;
}

/** Those of the shop that the counter is open for. */
let rulesOfShop: readonly ShopLabelRule[] = [];
export function setLabelRules(rules: readonly ShopLabelRule[]): void {
  rulesOfShop = rules;
}
export const labelRules = (): readonly ShopLabelRule[] => rulesOfShop;

/** The GTIN of the article on a label: the label's with zeros for the value, and their check digit. */
function gtinOnLabel(bare: string): string | null {
  const rule = bare.length === 13 ? rulesOfShop.find(({ prefix }) => bare.startsWith(prefix)) : undefined;
  if (rule === undefined) return null;
  const body = bare.slice(0, 2 + rule.articleDigits).padEnd(12, '0');
  const sum = [...body].reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 1 : 3), 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

function unitsOfGtin({ gtin, furtherGtins }: CodedArticle, bare: string): number | null {
  if (gtin !== null && bareGtin(gtin) === bare) return 1;
  return furtherGtins?.find((further) => bareGtin(further.gtin) === bare)?.units ?? null;
}

/** The units that a scanned or typed code of an article stands for, more than one for a case; null: another article's. */
export function unitsOfCode(sku: CodedArticle, code: string): number | null {
  if (sku.code.toUpperCase() === code.toUpperCase()) return 1;
  const bare = bareGtin(code);
  const onLabel = gtinOnLabel(bare);
  return unitsOfGtin(sku, bare) ?? (onLabel === null ? null : unitsOfGtin(sku, onLabel));
}
