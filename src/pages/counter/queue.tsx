// The queue of the shop: who stands here, what is to be prepared by time to promise, and what waits for its customer.

import { now } from '../foundation/clock';
import { Icon } from '../foundation/icon';
import { durationText, minutesUntil, timeText } from '../foundation/language';
import { texts } from './messages';
import type { OrderView } from './orders';
import { groups, openNumber, orders, route } from './state';

/** Minutes before the promise from which an order is urgent. */
const SOON_MINUTES = 15;

interface OrderMark {
  text: string;
  tone: 'bad' | 'warn' | 'good' | 'plain';
}

function promiseMark({ order }: OrderView): OrderMark {
  const t = texts.value;
  if (order.promise.readyAt === null) return { text: t.noPromise, tone: 'plain' };
  const minutes = minutesUntil(order.promise.readyAt, now.value);
  if (minutes < 0) return { text: t.late(durationText(minutes)), tone: 'bad' };
  return { text: t.dueIn(durationText(minutes)), tone: minutes <= SOON_MINUTES ? 'warn' : 'plain' };
}

function readyMark({ order }: OrderView): OrderMark {
  const t = texts.value;
  if (order.arrivedAt !== null) {
    return { text: t.waitsFor(durationText(minutesUntil(order.arrivedAt, now.value))), tone: 'good' };
  }
  if (order.onTheWayAt !== null) return { text: t.onTheWay, tone: 'good' };
  if (order.collectBy === null) return { text: t.status.READY, tone: 'plain' };
  const isOverdue = minutesUntil(order.collectBy, now.value) < 0;
  return isOverdue
    ? { text: t.overdue, tone: 'bad' }
    : { text: t.keptUntil(timeText(order.collectBy, now.value)), tone: 'plain' };
}

function Facts({ view }: { view: OrderView }) {
  const t = texts.value;
  const { order, status, units, unitsToPick } = view;
  return (
    <ul class="facts">
      <li>{t.units(units)}</li>
      {status === 'AWAITING_TRANSFER' && (
        <li class="warn">
          <Icon name="truck" />
          {t.waitingTransfer}
        </li>
      )}
      {status === 'PICKING' && (
        <li>
          {order.picker === null ? t.inPicking : t.pickedBy(order.picker.name)} ·{' '}
          {t.progress(units - unitsToPick, units)}
        </li>
      )}
      {status === 'READY' && order.stagingArea !== null && <li>{t.stagedAt(order.stagingArea)}</li>}
      {order.arrivedAt !== null && order.arrivalNote !== null && <li class="good">{order.arrivalNote}</li>}
      {view.isUnconfirmed && (
        <li class="warn" title={t.unconfirmed}>
          <Icon name="sync" />
          {t.waiting}
        </li>
      )}
    </ul>
  );
}

function Card({ view }: { view: OrderView }) {
  const { order, status } = view;
  const mark = status === 'READY' ? readyMark(view) : promiseMark(view);
  return (
    <li>
      <a
        class={`order-card ${mark.tone}`}
        href={`#/order/${order.number}`}
        aria-current={openNumber.value === order.number ? 'true' : undefined}
      >
        <span class="card-line">
          <span class="customer">{order.customer?.name ?? order.number}</span>
          <span class={`mark ${mark.tone}`}>{mark.text}</span>
        </span>
        <span class="card-line muted">
          <span class="number">{order.number}</span>
        </span>
        <Facts view={view} />
      </a>
    </li>
  );
}

function Group({ title, views }: { title: string; views: readonly OrderView[] }) {
  if (views.length === 0) return null;
  return (
    <section aria-label={title}>
      <h2>
        {title} <span class="count">{views.length}</span>
      </h2>
      <ul class="cards">
        {views.map((view) => (
          <Card key={view.order.id} view={view} />
        ))}
      </ul>
    </section>
  );
}

const TOOLS = ['stock', 'goods', 'returns', 'day'] as const;
const TOOL_ICONS = { stock: 'scan', goods: 'truck', returns: 'box', day: 'clock' } as const;

/** The other screens of the counter. */
const Tools = () => (
  <ul class="tools">
    {TOOLS.map((name) => (
      <li key={name}>
        <a href={`#/${name}`} aria-current={route.value.screen === name.toUpperCase() ? 'page' : undefined}>
          <Icon name={TOOL_ICONS[name]} />
          {texts.value[name]}
        </a>
      </li>
    ))}
  </ul>
);

export function Queue() {
  const t = texts.value;
  const { here, toPrepare, ready } = groups.value;
  const isEmpty = here.length + toPrepare.length + ready.length === 0;
  return (
    <nav class="queue" aria-label={t.queue}>
      <Tools />
      {orders.value === null && <p class="muted placeholder">{t.loading}</p>}
      {orders.value !== null && isEmpty && (
        <div class="placeholder">
          <Icon name="check" />
          <p class="strong">{t.emptyQueue}</p>
          <p class="muted">{t.emptyQueueHint}</p>
        </div>
      )}
      <Group title={t.here} views={here} />
      {toPrepare.length > 1 && (
        <a
          class="button small"
          href="#/wave"
          aria-current={route.value.screen === 'WAVE' ? 'page' : undefined}
        >
          <Icon name="bag" />
          {t.wave}
        </a>
      )}
      <Group title={t.toPrepare} views={toPrepare} />
      <Group title={t.ready} views={ready} />
    </nav>
  );
}
