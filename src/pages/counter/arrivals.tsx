// Customers who have just arrived: a banner until the order is opened or the banner dismissed.

import { Icon } from '../foundation/icon';
import { texts } from './messages';
import { arrivals, openOrder, orders } from './state';

function forget(id: string): void {
  arrivals.value = arrivals.value.filter((other) => other !== id);
}

export function Arrivals() {
  const t = texts.value;
  const arrived = (orders.value ?? []).filter(
    ({ id, status }) => arrivals.value.includes(id) && status === 'READY',
  );
  return (
    <div class="arrivals" role="alert">
      {arrived.map((order) => (
        <div class="arrival" key={order.id}>
          <Icon name="bell" />
          <p>
            <span class="strong">{t.arrival(order.customer?.name ?? order.number)}</span>
            {order.arrivalNote !== null && <span> · {order.arrivalNote}</span>}
          </p>
          <button
            type="button"
            class="button small"
            onClick={() => {
              forget(order.id);
              openOrder(order.number);
            }}
          >
            {t.seeOrder}
          </button>
          <button type="button" class="icon-button" aria-label={t.close} onClick={() => forget(order.id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
