// What needs a decision today: open proposals by order deadline and supplier, and budgets beside what is proposed.

import { type Amount, type CodeNames, type ProposalEntry, sumByCurrency } from './entries';
import { sourceOf } from './table';

/** The proposals of one supplier, or of one source of transfers, that have one deadline. */
export interface DecisionGroup {
  source: string;
  name: string;
  isTransfer: boolean;
  /** Local time until which an order counts as of today; null: none. */
  cutOff: string | null;
  /** Minutes until the cut-off, negative after it; null without one. */
  minutesLeft: number | null;
  /** First and last day of arrival, if it is ordered now. */
  arrives: [string, string];
  lines: number;
  units: number;
  costs: Amount[];
  lostMargins: Amount[];
}

const DAY_MS = 86_400_000;
const MINUTES_PER_HOUR = 60;

/** The local day and the minute of it in a time zone. */
export function localTime(now: number, timeZone: string): { day: string; minute: number } {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
  });
  const [day, time] = format.format(now).split(' ') as [string, string];
  return { day, minute: minuteOf(time) };
}

function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number) as [number, number];
  return hours * MINUTES_PER_HOUR + minutes;
}

const daysAfter = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
const daysBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / DAY_MS;

/**
 * When it arrives, if it is ordered now: a proposal was calculated for an order on the morning after its cut day, and each day
 * since moves it, as does a cut-off that has passed.
 */
function arrivalOf({ expectedOn, cutDay }: ProposalEntry, today: string, isPast: boolean): string {
  return daysAfter(expectedOn, Math.max(0, daysBetween(cutDay, today) - 1) + (isPast ? 1 : 0));
}

/** Groups of open proposals: the next deadline first, then those without one, then those whose cut-off has passed. */
export function decisionGroups(
  entries: readonly ProposalEntry[],
  { locations, suppliers }: CodeNames,
  now: number,
): DecisionGroup[] {
  const times = new Map<string, { day: string; minute: number }>();
  const groups = new Map<
    string,
    { entries: ProposalEntry[]; cutOff: string | null; minutesLeft: number | null; today: string }
  >();
  for (const entry of entries) {
    const timeZone = locations.get(entry.location)?.timeZone ?? 'UTC';
    if (!times.has(timeZone)) times.set(timeZone, localTime(now, timeZone));
    const { day: today, minute } = times.get(timeZone)!;
    const cutOff = entry.supplier === null ? null : (suppliers.get(entry.supplier)?.orderCutOff ?? null);
    const key = `${sourceOf(entry)} ${timeZone}`;
    const minutesLeft = cutOff === null ? null : minuteOf(cutOff) - minute;
    const group = groups.get(key) ?? { entries: [], cutOff, minutesLeft, today };
    group.entries.push(entry);
    groups.set(key, group);
  }
  const found = [...groups.values()].map(({ entries: rows, cutOff, minutesLeft, today }) => {
    const days = rows.map((row) => arrivalOf(row, today, minutesLeft !== null && minutesLeft < 0)).sort();
    return {
      source: sourceOf(rows[0]!),
      name: rows[0]!.sourceName,
      isTransfer: rows[0]!.supplier === null,
      cutOff,
      minutesLeft,
      arrives: [days[0]!, days.at(-1)!] as [string, string],
      lines: rows.length,
      units: rows.reduce((sum, { quantity }) => sum + quantity, 0),
      costs: sumByCurrency(rows.map(({ cost }) => cost)),
      lostMargins: sumByCurrency(rows.map(({ lostMargin }) => lostMargin)),
    };
  });
  const urgency = ({ minutesLeft }: DecisionGroup): number =>
    minutesLeft === null ? DAY_MS : minutesLeft < 0 ? DAY_MS + 1 : minutesLeft;
  return found.sort((a, b) => urgency(a) - urgency(b) || (a.name < b.name ? -1 : 1));
}

export interface BudgetEntry {
  supplier: { code: string } | null;
  location: { code: string } | null;
  left: { amountMinor: number | string; currency: string };
}

/** Cost of the open proposals that a budget pays for, in minor units of its currency. */
export function proposedFrom(budget: BudgetEntry, entries: readonly ProposalEntry[]): number {
  return entries.reduce(
    (sum, { supplier, location, cost }) =>
      cost !== null &&
      cost.currency === budget.left.currency &&
      (budget.supplier === null || budget.supplier.code === supplier) &&
      (budget.location === null || budget.location.code === location)
        ? sum + cost.amountMinor
        : sum,
    0,
  );
}
