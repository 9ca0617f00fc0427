// The GTIN in what a scanner reads off an article. The server checks it; a page only needs to find the line offline.

const AROUND = /^[\s\p{Cc}]+|[\s\p{Cc}]+$/gu;
const SYMBOLOGY = /^\][A-Za-z][0-9A-Za-z]/;
const PLAIN = /^\d{8,14}$/;
/** What may precede the GTIN without a separator: dates and variants. */
const FIXED = String.raw`(?:1[1-7]\d{6}|20\d\d)*`;
/** A GS1 code: (01) in brackets; raw at its beginning, behind dates, or behind the separator; /01/ in a GS1 Digital Link. */
const ELEMENTS = [
  /\(01\)(\d{14})(?!\d)/,
  new RegExp(`^(?:[^(].*\u001d)?${FIXED}01(\\d{14})`),
  /^https?:\/\/.*\/01\/(\d{8,14})(?:[/?#]|$)/i,
];

/** The digits of the GTIN in a scan, or null for another code. A scanner that sends no separators is understood too. */
export function gtinOfScan(code: string): string | null {
  const data = code.replace(AROUND, '').replace(SYMBOLOGY, '').replace(AROUND, '');
  if (PLAIN.test(data)) return data;
  for (const form of ELEMENTS) {
    const gtin = form.exec(data)?.[1];
    if (gtin !== undefined) return gtin;
  }
  return null;
}
