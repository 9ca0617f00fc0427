// What the person was promised and what they may still return, by the present state of orders and of the ledger.

import { durationText, moneyText } from '../foundation/language';
import { codeText, dayText, whenText } from './format';
import { texts } from './messages';
import { Panel } from './panel';
import type { CustomerContext, OpenedCustomer } from './state';

type OpenOrder = OpenedCustomer['openOrders'][number];
type ContactPromise = CustomerContext['contactPromises'][number];
type Promised = { order: OpenOrder } | { contact: ContactPromise };

/** The state of an order's units, and until when. */
function stateOf(open: OpenOrder): string {
  const t = texts.value;
  const { unitsAwaited, unitsToPick, unitsReady, transferExpectedAt, collectBy, promisedAt, isLate } = open;
  return [
    ...(unitsAwaited > 0 ? [t.awaited(unitsAwaited)] : []),
    ...(transferExpectedAt === null ? [] : [t.expected(whenText(transferExpectedAt))]),
    ...(unitsToPick > 0 ? [t.toPick(unitsToPick)] : []),
    ...(unitsReady > 0 ? [t.staged(unitsReady)] : []),
    ...(collectBy === null ? [] : [t.keptUntil(whenText(collectBy))]),
    ...(promisedAt === null || isLate || collectBy !== null ? [] : [t.promisedFor(whenText(promisedAt))]),
  ].join(' · ');
}

function OrderPromise({ open }: { open: OpenOrder }) {
  const t = texts.value;
  const { order, isLate, isAtRisk, lateMinutes, waitsFor } = open;
  return (
    <>
      <p class="entry-head">
        <strong>{order?.number}</strong>
        <span>{order?.location.name}</span>
        {order?.total != null && <span class="muted">{moneyText(order.total)}</span>}
        {isLate && <span class="mark bad">{t.late(durationText(lateMinutes))}</span>}
        {isAtRisk && <span class="mark warn">{t.atRisk}</span>}
        {waitsFor === 'COLLECTION' && !isLate && <span class="mark good">{t.waits.COLLECTION}</span>}
      </p>
      <p class="muted">
        {waitsFor === 'COLLECTION' ? '' : `${t.waits[waitsFor] ?? waitsFor} · `}
        {stateOf(open)}
      </p>
    </>
  );
}

function PromiseOfContact({ one }: { one: ContactPromise }) {
  const t = texts.value;
  const { promise, promisedFor, overdueMinutes, channel, orderNumber, topic } = one;
  return (
    <>
      <p class="entry-head">
        <strong>{t.promised(codeText(promise))}</strong>
        {overdueMinutes > 0 ? (
          <span class="mark bad">{t.overdue(durationText(overdueMinutes))}</span>
        ) : (
          promisedFor !== null && <span class="mark">{t.dueOn(whenText(promisedFor))}</span>
        )}
      </p>
      <p class="muted">
        {[t.channels[channel], topic === null ? '' : codeText(topic), orderNumber ?? '']
          .filter(Boolean)
          .join(' · ')}
      </p>
    </>
  );
}

/** Open orders and what was promised in contacts; what is late comes first. */
export function Promises({ context: { customer, contactPromises } }: { context: CustomerContext }) {
  const t = texts.value;
  const lateness = (one: Promised): number =>
    'order' in one ? one.order.lateMinutes : one.contact.overdueMinutes;
  const all: Promised[] = [
    ...customer.openOrders.map((order) => ({ order })),
    ...contactPromises.map((contact) => ({ contact })),
  ].sort((a, b) => lateness(b) - lateness(a));
  return (
    <Panel
      id="promises"
      title={t.promises}
      entries={all}
      first={4}
      keyOf={(one) => ('order' in one ? `o ${one.order.order?.id}` : `c ${JSON.stringify(one.contact)}`)}
      none={t.noPromises}
    >
      {(one) => ('order' in one ? <OrderPromise open={one.order} /> : <PromiseOfContact one={one.contact} />)}
    </Panel>
  );
}

export function Returnables({ returnables }: Pick<OpenedCustomer, 'returnables'>) {
  const t = texts.value;
  return (
    <Panel
      id="returnables"
      title={t.returnables}
      entries={returnables}
      first={3}
      keyOf={({ sku, order }) => `${sku.code} ${order?.id}`}
      none={t.noReturnables}
    >
      {({ sku, quantity, announced, until, order }) => (
        <p class="entry-head">
          <strong>
            {quantity} × {sku.name}
          </strong>
          <span class="muted">
            {[order?.number, t.until(dayText(until)), announced > 0 ? t.announced(announced) : '']
              .filter(Boolean)
              .join(' · ')}
          </span>
        </p>
      )}
    </Panel>
  );
}
