// Reserves an article for the customer who stands here: an order of click and collect, placed at the counter.

import { useSignal } from '@preact/signals';
import { Dialog } from '../../foundation/dialog';
import { moneyText } from '../../foundation/language';
import { Stepper } from '../stepper';
import { texts } from './messages';
import { article, elsewhere, orderForCustomer, unitsHere, unitsInAll } from './stock';

/** The largest number of units that one tap after the other is a way of entering. */
const MAX_UNITS = 99;

/** Where the units come from, before anything is given. */
function Sources({ quantity }: { quantity: number }) {
  const t = texts.value;
  const here = Math.min(quantity, Math.max(0, unitsHere.value));
  const names = elsewhere.value.map(({ location: { name } }) => name).join(', ');
  return (
    <ul class="consequences" aria-live="polite">
      {here > 0 && <li>{t.orderHere(here)}</li>}
      {quantity > here && <li>{t.orderTransfer(quantity - here, names)}</li>}
    </ul>
  );
}

export function OrderDialog({ onClose }: { onClose(): void }) {
  const t = texts.value;
  const quantity = useSignal(1);
  const name = useSignal('');
  const contact = useSignal('');
  const isPaid = useSignal(false);
  const problem = useSignal<string | null>(null);
  const isSending = useSignal(false);
  const { price, name: articleName } = article.value!;
  const most = Math.min(MAX_UNITS, unitsInAll.value);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (isSending.value) return;
    isSending.value = true;
    problem.value = await orderForCustomer({
      quantity: quantity.value,
      name: name.value.trim(),
      contact: contact.value,
      isPaid: isPaid.value,
    });
    isSending.value = false;
  };
  const total = price && { ...price, amountMinor: Number(price.amountMinor) * quantity.value };
  return (
    <Dialog title={t.stockOrder} closeLabel={t.close} onClose={onClose}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <p class="strong">
          {articleName}
          {total !== null && ` · ${moneyText(total)}`}
        </p>
        {most > 1 && <Stepper legend={t.orderQuantity} value={quantity} most={most} />}
        <Sources quantity={quantity.value} />
        <label class="field">
          <span>{t.orderName}</span>
          <input
            name="customer"
            required
            maxLength={200}
            autocomplete="off"
            value={name.value}
            onInput={(event) => {
              name.value = event.currentTarget.value;
            }}
          />
        </label>
        <label class="field">
          <span>{t.orderContact}</span>
          <input
            name="contact"
            required
            maxLength={254}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            value={contact.value}
            onInput={(event) => {
              contact.value = event.currentTarget.value;
            }}
          />
          <span class="hint">{t.orderContactHint}</span>
        </label>
        <label class="choice">
          <input
            type="checkbox"
            name="paid"
            checked={isPaid.value}
            onChange={(event) => {
              isPaid.value = event.currentTarget.checked;
            }}
          />
          <span>{t.orderPaid}</span>
        </label>
        <p class="problem" role="alert">
          {problem.value}
        </p>
        <button type="submit" class="button primary wide" disabled={isSending.value}>
          {isSending.value ? t.orderSending : t.orderConfirm}
        </button>
      </form>
    </Dialog>
  );
}
