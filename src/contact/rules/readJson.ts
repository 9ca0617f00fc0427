// Reads fields of JSON from others, of which nothing is certain: a value of another type is as good as absent.

export type JsonObject = Readonly<Record<string, unknown>>;

export function objectAt(value: unknown, ...path: string[]): JsonObject | null {
  const found = path.reduce<unknown>(
    (inner, name) => (inner as Record<string, unknown> | null | undefined)?.[name],
    value,
  );
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as JsonObject) : null;
}

/** A text that is not empty; ids may be numbers. */
export function textAt(value: unknown, name: string): string | null {
  const found = (value as Record<string, unknown> | null)?.[name];
  if (typeof found === 'number' && Number.isSafeInteger(found)) return String(found);
  return typeof found === 'string' && found.trim() !== '' ? found.trim() : null;
}

/** The objects of a list; anything else in it is left out. */
export function objectsAt(value: unknown, name: string): JsonObject[] {
  const found = (value as Record<string, unknown> | null)?.[name];
  const objects = (Array.isArray(found) ? found : []).map((one) => objectAt(one));
  return objects.filter((one) => one !== null);
}

export function textsAt(value: unknown, name: string): string[] {
  const found = (value as Record<string, unknown> | null)?.[name];
  return Array.isArray(found) ? found.filter((one): one is string => typeof one === 'string') : [];
}

/** An instant: Unix seconds, or a text with a date. */
export function instantAt(value: unknown, name: string): Date | null {
  const found = (value as Record<string, unknown> | null)?.[name];
  const instant =
    typeof found === 'number' && found > 0
      ? new Date(found * 1_000)
      : typeof found === 'string'
        ? new Date(found.replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)? UTC$/, '$1T$2Z'))
        : null;
  return instant === null || Number.isNaN(instant.getTime()) ? null : instant;
}

/** Whole seconds from one instant to another; null when one is unknown or they are in the wrong order. */
export function secondsBetween(from: Date | null, to: Date | null): number | null {
  if (from === null || to === null || to < from) return null;
  return Math.round((to.getTime() - from.getTime()) / 1_000);
}

/** The number of an order or a return in a list of labels: `order:C-1234567890` or the number alone. */
export function documentIn(labels: readonly string[], prefix: 'C' | 'R'): string | null {
  for (const label of labels) {
    const number = /^(?:(?:order|return)[:_])?([cr]-\d{6,})$/i.exec(label.trim())?.[1]?.toUpperCase();
    if (number?.startsWith(prefix)) return number;
  }
  return null;
}

/** The first label that names no document: the topic. */
export function topicIn(labels: readonly string[]): string | null {
  const topic = labels.find(
    (label) => documentIn([label], 'C') === null && documentIn([label], 'R') === null,
  );
  return topic === undefined ? null : topic.trim().slice(0, 100) || null;
}

/** The later of two instants. */
export const laterOf = (one: Date, other: Date): Date => new Date(Math.max(one.getTime(), other.getTime()));
