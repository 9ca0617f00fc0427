// A panel of the customer's screen: its first entries, and the others on request, so that the screen stays one screen.

import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { texts } from './messages';

interface PanelProps<Entry> {
  /** Id of its heading. */
  id: string;
  title: string;
  entries: readonly Entry[];
  /** How many are shown at first. */
  first: number;
  keyOf(entry: Entry): string;
  /** What stands there when there is no entry. */
  none: string;
  /** What stands beside the title. */
  head?: ComponentChildren;
  /** Dialogs that its buttons open. */
  dialog?: ComponentChildren;
  children(entry: Entry): ComponentChildren;
}

export function Panel<Entry>(props: PanelProps<Entry>) {
  const { id, title, entries, first, keyOf, none, head, dialog, children } = props;
  const isWhole = useSignal(false);
  const shown = isWhole.value ? entries : entries.slice(0, first);
  return (
    <section class={`card panel ${id}`} aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id}>{title}</h2>
        {head}
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
      </div>
      {entries.length === 0 ? (
        <p class="muted">{none}</p>
      ) : (
        <ul class="entries">
          {shown.map((entry) => (
            <li key={keyOf(entry)}>{children(entry)}</li>
          ))}
        </ul>
      )}
      {dialog}
    </section>
  );
}
