// Cancelling an order, with the reason.

import { useSignal } from '@preact/signals';
import { Dialog } from '../foundation/dialog';
import { give } from './commands';
import { texts } from './messages';
import type { CounterOrder } from './orders';

const REASONS = ['CUSTOMER_CHANGED_MIND', 'OUT_OF_STOCK', 'DAMAGED', 'PAYMENT_FAILED', 'OTHER'] as const;

export function CancelDialog({ order, onClose }: { order: CounterOrder; onClose(): void }) {
  const t = texts.value;
  const reason = useSignal<(typeof REASONS)[number]>('CUSTOMER_CHANGED_MIND');
  const submit = (event: Event): void => {
    event.preventDefault();
    void give('cancelOrder', order, { order: order.id, reason: reason.value });
    onClose();
  };
  return (
    <Dialog title={t.cancelOrder} closeLabel={t.close} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <p>{t.cancelWarning}</p>
        <fieldset class="choices">
          <legend>{t.cancelReason}</legend>
          {REASONS.map((name) => (
            <label key={name} class="choice">
              <input
                type="radio"
                name="cancelReason"
                checked={reason.value === name}
                onChange={() => {
                  reason.value = name;
                }}
              />
              <span>{t.cancelReasons[name]}</span>
            </label>
          ))}
        </fieldset>
        <button type="submit" class="button primary bad wide">
          {t.cancelOrder}
        </button>
      </form>
    </Dialog>
  );
}
