// Postcodes in one form, with the larger areas that they lie in.

/** A postcode without blanks; the district and the area that it lies in. */
export interface Postcode {
  full: string;
  /** UK: the outward code (SW1P); numbers: all but the last two digits. */
  district: string;
  /** UK: the letters in front (SW); numbers: the first two digits, which is a French department. */
  area: string;
}

const UK = /^([a-z]{1,2}\d[a-z\d]?) ?(\d[a-z]{2})$/;

/** Null where nothing is left of it. */
export function postcodeOf(text: string): Postcode | null {
  const spaced = text.toLowerCase().trim().replace(/\s+/g, ' ');
  const full = spaced.replace(/[^a-z\d]/g, '');
  if (full === '') return null;
  const uk = UK.exec(spaced);
  // A typing error may have spoilt the pattern; the blank still shows where the district ends.
  const blank = spaced.indexOf(' ');
  const district =
    uk?.[1] ??
    (blank > 1
      ? spaced.slice(0, blank)
      : full.slice(0, Math.max(2, full.length - (/^\d+$/.test(full) ? 2 : 3))));
  const area = /^[a-z]+/.exec(district)?.[0] ?? district.slice(0, 2);
  return { full, district, area };
}
