// The label of a staged order: to be printed, or shown while it is written down. It has no pickup code.

import { now } from '../../foundation/clock';
import { timeText } from '../../foundation/language';
import { QrCode } from '../../foundation/qrCode';
import { orders } from '../state';
import { texts } from './messages';
import { PanelTitle } from './panelTitle';

const MAX_INITIALS = 3;

/** The first letters of a name: enough to find a parcel, and no name for others to read. */
const initialsOf = (name: string): string =>
  name
    .split(/[\s-]+/)
    .filter((word) => word !== '')
    .slice(0, MAX_INITIALS)
    .map((word) => `${[...word][0]!.toUpperCase()}.`)
    .join(' ');

export function LabelPanel({ number }: { number: string | null }) {
  const t = texts.value;
  const order = orders.value?.find((one) => one.number === number);
  const title = order === undefined ? t.noSuchOrder(number ?? '') : t.label;
  const units = (order?.lines ?? []).reduce((sum, { staged }) => sum + (staged ?? 0), 0);
  return (
    <section class="order-panel" aria-label={t.label}>
      <PanelTitle key={title} title={title} back={`order/${number}`} backLabel={t.labelBack} />
      {order !== undefined && (
        <>
          <div class="label">
            <div>
              <p class="label-area">{order.stagingArea ?? '—'}</p>
              <p class="label-name">{order.customer === null ? '' : initialsOf(order.customer.name)}</p>
              <p class="label-number">{order.number}</p>
              <p>
                {t.units(units)}
                {order.collectBy !== null && ` · ${t.keptUntil(timeText(order.collectBy, now.value))}`}
              </p>
            </div>
            <QrCode text={order.number} label={t.labelQr(order.number)} />
          </div>
          <button type="button" class="button primary wide" onClick={() => window.print()}>
            {t.labelPrint}
          </button>
          <p class="muted">{t.labelHint}</p>
        </>
      )}
    </section>
  );
}
