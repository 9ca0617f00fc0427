// Loaders for pages of forecasts: one statement for each kind of data, whatever the length of the page.

import type { Context } from '../../graphql/context';
import { inOrderOf, loader, loaderById } from '../../graphql/loaders';
import type { CalendarEvent } from '../../sales/rules/calendar';
import { shelfKey } from '../../values/keys';
import { forecastRuns, onOrder, type PastDay, pastDays } from '../queries/context';
import { eventsBetween } from '../queries/events';
import { currentForecasts, type ShelfKey, type StoredForecast } from '../queries/forecasts';

/** Key of a forecast: its shelf and the newest run at or before a cut day (null: the newest). */
export interface ForecastLookup extends ShelfKey {
  atCutDay: string | null;
}

/** Runs one read for each group of keys with the same scalar arguments, and returns the results in the order of the keys. */
async function byGroup<K, V>(
  keys: readonly K[],
  groupOf: (key: K) => string,
  read: (group: readonly K[]) => Promise<readonly V[]>,
): Promise<V[]> {
  const groups = new Map<string, K[]>();
  for (const key of keys) groups.set(groupOf(key), [...(groups.get(groupOf(key)) ?? []), key]);
  const found = new Map<K, V>();
  for (const group of groups.values()) {
    const values = await read(group);
    group.forEach((key, i) => {
      found.set(key, values[i]!);
    });
  }
  return keys.map((key) => found.get(key)!);
}

export const forecastOf = loader(
  ({ reads }: Context, keys: readonly ForecastLookup[]) =>
    byGroup<ForecastLookup, StoredForecast | null>(
      keys,
      (key) => String(key.atCutDay),
      async (group) =>
        inOrderOf(group.map(shelfKey), await currentForecasts(reads, group, group[0]!.atCutDay), shelfKey),
    ),
  (key) => `${shelfKey(key)}:${key.atCutDay}`,
);

export const onOrderOf = loader(
  ({ reads }, shelves: readonly ShelfKey[]) => onOrder(reads, shelves),
  shelfKey,
);

export const runOf = loaderById('forecast run', ({ reads }, ids: number[]) => forecastRuns(reads, ids));

/** A shelf's past over a window of days. */
export interface HistoryLookup extends ShelfKey {
  fromDay: string;
  throughDay: string;
}

export const pastOf = loader(
  ({ reads }: Context, keys: readonly HistoryLookup[]) =>
    byGroup<HistoryLookup, PastDay[]>(
      keys,
      (key) => `${key.fromDay} ${key.throughDay}`,
      (group) => pastDays(reads, group, group[0]!.fromDay, group[0]!.throughDay),
    ),
  (key) => `${shelfKey(key)}:${key.fromDay}:${key.throughDay}`,
);

/** All events that touch a window, by its two days; which of them concern a shelf is decided there. */
export const eventsIn = loader(
  ({ reads }: Context, windows: readonly { fromDay: string; throughDay: string }[]) =>
    Promise.all(
      windows.map(
        ({ fromDay, throughDay }): Promise<CalendarEvent[]> =>
          eventsBetween(reads, fromDay, throughDay, null),
      ),
    ),
  (key) => `${key.fromDay} ${key.throughDay}`,
);
