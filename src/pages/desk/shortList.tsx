// A list that shows its first entries, and the others on request: the screen stays one screen.

import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { texts } from './messages';

interface ShortListProps<Entry> {
  entries: readonly Entry[];
  /** How many are shown at first. */
  first: number;
  keyOf(entry: Entry): string;
  /** What stands there when there is none. */
  none: string;
  class?: string;
  children(entry: Entry): ComponentChildren;
}

export function ShortList<Entry>({ entries, first, keyOf, none, children, ...more }: ShortListProps<Entry>) {
  const isWhole = useSignal(false);
  if (entries.length === 0) return <p class="muted">{none}</p>;
  const shown = isWhole.value ? entries : entries.slice(0, first);
  return (
    <>
      <ul class={`entries ${more.class ?? ''}`}>
        {shown.map((entry) => (
          <li key={keyOf(entry)}>{children(entry)}</li>
        ))}
      </ul>
      {entries.length > first && (
        <button
          type="button"
          class="button small quiet"
          aria-expanded={isWhole.value}
          onClick={() => {
            isWhole.value = !isWhole.value;
          }}
        >
          {isWhole.value ? texts.value.less : texts.value.more(entries.length - first)}
        </button>
      )}
    </>
  );
}
