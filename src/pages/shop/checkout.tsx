// The basket over several shops, and its checkout: one order for each shop, paid there.

import { useState } from 'preact/hooks';
import { Icon } from '../foundation/icon';
import { moneyText, timeText } from '../foundation/language';
import { Failed } from './catalog';
import { texts } from './messages';
import { Picture } from './picture';
import { api, basket, newKey, removeFromBasket, removeShop, type ShopBasket } from './state';

/** The invented customer of the demonstration. */
const CUSTOMER = { name: 'Alix Martin', email: 'alix.martin@example.com' };

interface PlacedOrder {
  number: string;
  path: string;
}

/** Orders what is reserved; without a reservation any more, what is there. Null: it is not available. @throws ApiProblem */
async function orderAt(
  shop: ShopBasket,
  customer: typeof CUSTOMER,
  key: string,
): Promise<PlacedOrder | null> {
  const base = {
    customer: { ...customer, contactChannel: 'EMAIL' as const },
    payment: 'PAY_IN_STORE' as const,
  };
  const lines = shop.lines.map(({ code, quantity }) => ({ sku: code, quantity }));
  const { reservation } = shop;
  const direct = { ...base, idempotencyKey: `${key} direct`, location: shop.location.code, lines };
  const reserved = { ...base, idempotencyKey: `${key} reserved`, reservation };
  for (const input of reservation === null ? [direct] : [reserved, direct]) {
    const { placeOrder } = await api.send('order', { input });
    if (placeOrder?.__typename === 'PlaceOrderSuccess' && placeOrder.order !== null) {
      const { number, pagePath } = placeOrder.order;
      return { number, path: pagePath ?? '/shop' };
    }
  }
  return null;
}

function ShopLines({ shop }: { shop: ShopBasket }) {
  const t = texts.value;
  return (
    <section class="card stack">
      <h2>{t.collectAt(shop.location.name)}</h2>
      <ul class="basket-lines">
        {shop.lines.map(({ code, name, category, quantity, amountMinor, currency }) => (
          <li key={code}>
            <Picture code={code} category={category} />
            <span>
              {quantity} × {name}
            </span>
            <span class="price">{moneyText({ amountMinor: amountMinor * quantity, currency })}</span>
            <button
              type="button"
              class="icon-button"
              aria-label={t.remove(name)}
              onClick={() => removeFromBasket(shop.location.code, code)}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
      {shop.reservation !== null && <p class="muted">{t.until(timeText(shop.expiresAt, Date.now()))}</p>}
    </section>
  );
}

const totalOf = (shops: readonly ShopBasket[]): string => {
  const lines = shops.flatMap((shop) => shop.lines);
  const amountMinor = lines.reduce((sum, line) => sum + line.amountMinor * line.quantity, 0);
  return moneyText({ amountMinor, currency: lines[0]?.currency ?? 'EUR' });
};

interface CustomerFieldsProps {
  customer: typeof CUSTOMER;
  onChange(customer: typeof CUSTOMER): void;
}

function CustomerFields({ customer, onChange }: CustomerFieldsProps) {
  const t = texts.value;
  return (
    <>
      <label class="field">
        <span>{t.name}</span>
        <input
          required
          maxLength={100}
          autocomplete="name"
          value={customer.name}
          onInput={({ currentTarget }) => onChange({ ...customer, name: currentTarget.value })}
        />
      </label>
      <label class="field">
        <span>{t.email}</span>
        <input
          required
          type="email"
          maxLength={200}
          autocomplete="email"
          value={customer.email}
          onInput={({ currentTarget }) => onChange({ ...customer, email: currentTarget.value })}
        />
      </label>
    </>
  );
}

export function Checkout() {
  const t = texts.value;
  const { shops } = basket.value;
  const [customer, setCustomer] = useState(CUSTOMER);
  const [key] = useState(newKey);
  const [state, setState] = useState<'OPEN' | 'BUSY' | 'FAILED'>('OPEN');
  const [placed, setPlaced] = useState<PlacedOrder[]>([]);
  const [refused, setRefused] = useState<string[]>([]);
  const confirm = async (): Promise<void> => {
    setState('BUSY');
    const orders = [...placed];
    const not: string[] = [];
    try {
      for (const shop of shops) {
        const order = await orderAt(shop, customer, `${key} ${shop.location.code}`);
        if (order === null) not.push(shop.location.name);
        else {
          orders.push(order);
          removeShop(shop.location.code);
        }
      }
      setState('OPEN');
    } catch {
      setState('FAILED');
    }
    setPlaced(orders);
    setRefused(not);
    if (orders.length === 1 && not.length === 0) location.assign(orders[0]!.path);
  };
  return (
    <div class="stack">
      <h1>{placed.length > 0 ? t.ordered : t.basket}</h1>
      {placed.map(({ number, path }) => (
        <a key={number} class="button primary wide" href={path}>
          {t.open(number)}
        </a>
      ))}
      {refused.map((shop) => (
        <p key={shop} class="problem" role="alert">
          {t.refused(shop)}
        </p>
      ))}
      {state === 'FAILED' && <Failed again={() => void confirm()} />}
      {shops.length === 0 && placed.length === 0 && <p>{t.empty}</p>}
      {shops.map((shop) => (
        <ShopLines key={shop.location.code} shop={shop} />
      ))}
      {shops.length > 0 && (
        <form
          class="card stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (state !== 'BUSY') void confirm();
          }}
        >
          <p class="total">
            <span>{t.total}</span> <strong>{totalOf(shops)}</strong>
          </p>
          <CustomerFields customer={customer} onChange={setCustomer} />
          <p class="hint">{t.demonstration}</p>
          <button type="submit" class="button primary wide" aria-disabled={state === 'BUSY'}>
            {state === 'BUSY' ? t.confirming : t.confirm}
          </button>
        </form>
      )}
    </div>
  );
}
