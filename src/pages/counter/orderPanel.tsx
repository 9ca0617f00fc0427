// The open order: its facts, and what can be done with it in its state.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { now } from '../foundation/clock';
import { Icon } from '../foundation/icon';
import { moneyText, timeText } from '../foundation/language';
import { WithScreens } from './beside';
import { CancelDialog } from './cancelDialog';
import { give } from './commands';
import { Lines } from './lines';
import { texts } from './messages';
import { isOpen, type OrderView } from './orders';
import { PickPanel } from './pickPanel';
import { openOrder } from './state';

function Payment({ view: { order } }: { view: OrderView }) {
  const t = texts.value;
  if (order.paidAt !== null) return <dd>{t.paid}</dd>;
  return <dd class="warn">{order.total === null ? t.toPayUnknown : t.toPay(moneyText(order.total))}</dd>;
}

/** What people need to know about an order, whatever its state. */
function OrderFacts({ view }: { view: OrderView }) {
  const t = texts.value;
  const { order, status } = view;
  return (
    <dl class="order-facts">
      {status === 'READY' && order.stagingArea !== null && (
        <div class="big">
          <dt>{t.stagingArea}</dt>
          <dd>{order.stagingArea}</dd>
        </div>
      )}
      {order.arrivedAt !== null && order.arrivalNote !== null && (
        <div>
          <dt>{t.arrivalNote}</dt>
          <dd>{order.arrivalNote}</dd>
        </div>
      )}
      <div>
        <dt>{t.payment}</dt>
        <Payment view={view} />
      </div>
      {order.customer?.phone != null && (
        <div>
          <dt>{t.phone}</dt>
          <dd>{order.customer.phone}</dd>
        </div>
      )}
      {order.note !== null && (
        <div>
          <dt>{t.customerNote}</dt>
          <dd>{order.note}</dd>
        </div>
      )}
      {(order.transfers ?? []).map((transfer) => (
        <div key={transfer.id}>
          <dt>{t.transferFrom(transfer.from.name)}</dt>
          <dd>
            {t.transferStatus[transfer.status]}
            {transfer.expectedAt !== null && `, ${t.expected(timeText(transfer.expectedAt, now.value))}`}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function PanelHead({ view }: { view: OrderView }) {
  const t = texts.value;
  const { order, status } = view;
  const heading = useRef<HTMLHeadingElement>(null);
  // Keyboards and screen readers go on with the order that was opened.
  useEffect(() => heading.current?.focus(), [view.order.id]);
  return (
    <header class="panel-head">
      <button type="button" class="icon-button back" aria-label={t.back} onClick={() => openOrder(null)}>
        <Icon name="back" />
      </button>
      <div>
        <h2 ref={heading} tabIndex={-1}>
          {order.customer?.name ?? order.number}
        </h2>
        <p class="muted">
          {order.number}
          {order.promise.readyAt !== null && ` · ${t.promisedAt(timeText(order.promise.readyAt, now.value))}`}
        </p>
      </div>
      <span class={`status ${status.toLowerCase()}`}>{t.status[status]}</span>
    </header>
  );
}

function StartPicking({ view: { order } }: { view: OrderView }) {
  return (
    <div class="action-bar">
      <button
        type="button"
        class="button primary wide"
        onClick={() => void give('startPicking', order, { orders: [order.id] })}
      >
        <Icon name="bag" />
        {texts.value.startPicking}
      </button>
    </div>
  );
}

/** What can be done with the order now. A handover needs that everything before it is confirmed. */
function Actions({ view }: { view: OrderView }) {
  switch (view.status) {
    case 'PLACED':
      return (
        <>
          <Lines view={view} />
          <StartPicking view={view} />
        </>
      );
    case 'PICKING':
      return <PickPanel view={view} />;
    case 'READY':
      return (
        <>
          {view.order.status === 'READY' && (
            <WithScreens draw={({ Handover }) => <Handover order={view.order} />} />
          )}
          <a class="button" href={`#/label/${view.order.number}`}>
            {texts.value.label}
          </a>
          <Lines view={view} />
        </>
      );
    default:
      return <Lines view={view} />;
  }
}

export function OrderPanel({ view }: { view: OrderView }) {
  const t = texts.value;
  const isCancelling = useSignal(false);
  return (
    <section class="order-panel" aria-label={view.order.number}>
      <PanelHead view={view} />
      {view.isUnconfirmed && (
        <p class="unconfirmed" role="status">
          <Icon name="sync" />
          {t.unconfirmed}
        </p>
      )}
      <OrderFacts view={view} />
      <Actions view={view} />
      {isOpen(view) && (
        <button
          type="button"
          class="button quiet danger"
          onClick={() => {
            isCancelling.value = true;
          }}
        >
          {t.cancelOrder}
        </button>
      )}
      {isCancelling.value && (
        <CancelDialog
          order={view.order}
          onClose={() => {
            isCancelling.value = false;
          }}
        />
      )}
    </section>
  );
}
