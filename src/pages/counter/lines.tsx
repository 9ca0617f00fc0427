// The lines of an order outside of picking.

import { texts } from './messages';
import type { LineView, OrderView } from './orders';

/** What is special about the units of a line. */
export function LineMarks({ view: { line, unconfirmed } }: { view: LineView }) {
  const t = texts.value;
  return (
    <>
      {unconfirmed > 0 && <span class="mark warn">{t.lineUnconfirmed(unconfirmed)}</span>}
      {(line.awaiting ?? 0) > 0 && <span class="mark plain">{t.lineAwaited(line.awaiting!)}</span>}
      {line.short > 0 && <span class="mark bad">{t.lineShort(line.short)}</span>}
    </>
  );
}

export const Lines = ({ view }: { view: OrderView }) => (
  <ul class="lines">
    {view.lines.map((one) => (
      <li key={one.line.id} class="line">
        <span class="position">{one.line.sku.pickPosition || '—'}</span>
        <span class="article">
          <span class="strong">{one.line.sku.name}</span>
          <span class="muted">{one.line.sku.code}</span>
          <LineMarks view={one} />
        </span>
        <span class="quantity">× {one.wanted}</span>
      </li>
    ))}
  </ul>
);
