// How alike two short texts are: the number of typing errors between them, and Jaro–Winkler.

const rows = [new Uint8Array(66), new Uint8Array(66), new Uint8Array(66)] as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

/**
 * Insertions, deletions, substitutions and exchanges of neighbours from one text to the other (optimal string
 * alignment; Damerau 1964). Counts up to `most`; more is `most + 1`. Texts are compared up to 64 characters.
 */
export function editDistance(a: string, b: string, most: number): number {
  const n = Math.min(a.length, 64);
  const m = Math.min(b.length, 64);
  if (Math.abs(n - m) > most) return most + 1;
  let [before, last, row] = rows;
  for (let j = 0; j <= m; j++) last[j] = j;
  for (let i = 1; i <= n; i++) {
    row[0] = i;
    let least = i;
    const x = a.charCodeAt(i - 1);
    for (let j = 1; j <= m; j++) {
      const y = b.charCodeAt(j - 1);
      let value = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (x === y ? 0 : 1));
      if (i > 1 && j > 1 && x === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === y)
        value = Math.min(value, before[j - 2]! + 1);
      row[j] = value;
      if (value < least) least = value;
    }
    if (least > most) return most + 1;
    [before, last, row] = [last, row, before];
  }
  return Math.min(last[m]!, most + 1);
}

/** Jaro's similarity with Winkler's bonus for a common beginning of up to four letters (Winkler 1990): 0 … 1. */
export function jaroWinkler(a: string, b: string): number {
  if (a === b) return 1;
  const [n, m] = [a.length, b.length];
  if (n === 0 || m === 0) return 0;
  const reach = Math.max(0, (Math.max(n, m) >> 1) - 1);
  const used = new Uint8Array(m);
  const matched: string[] = [];
  for (let i = 0; i < n; i++) {
    const end = Math.min(m, i + reach + 1);
    for (let j = Math.max(0, i - reach); j < end; j++) {
      if (used[j] || a[i] !== b[j]) continue;
      used[j] = 1;
      matched.push(a[i]!);
      break;
    }
  }
  const common = matched.length;
  if (common === 0) return 0;
  let exchanged = 0;
  for (let j = 0, k = 0; j < m; j++) if (used[j] && matched[k++] !== b[j]) exchanged++;
  const jaro = (common / n + common / m + (common - exchanged / 2) / common) / 3;
  let prefix = 0;
  while (prefix < 4 && prefix < n && prefix < m && a[prefix] === b[prefix]) prefix++;
  return jaro + prefix * 0.1 * (1 - jaro);
}
