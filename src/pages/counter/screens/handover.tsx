// The handover against the customer's code. It never waits in the outbox: the code must be checked by the server.

import { type Signal, useSignal, useSignalEffect } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { Icon } from '../../foundation/icon';
import { moneyText } from '../../foundation/language';
import { playTone } from '../../foundation/sound';
import type { CounterOperations } from '../../operations.generated';
import { type CounterOrder, mergeOrders, pickupScan } from '../orders';
import { scannedPickup } from '../scans';
import { api, arrivals, connection, orders } from '../state';
import { directCommand, problemText } from './directCommand';
import { linesTaken, Part, type PartTaken, priceOf } from './handoverPart';
import { texts } from './messages';

type CollectAnswer = NonNullable<CounterOperations['collectOrder']['answer']['collectOrder']>;

/** Why it was not handed over, for the person at the counter. */
function refusalText(answer: CollectAnswer): string {
  const t = texts.value;
  switch (answer.__typename) {
    case 'WrongPickupCode':
      return t.wrongCode(answer.attemptsLeft);
    case 'PickupCodeLocked':
      return t.codeLocked;
    case 'PaymentDue':
      return t.paymentDue;
    case 'CollectOrderSuccess':
      return '';
    default:
      return answer.message;
  }
}

/** The form's values, and what became of it. */
function useHandover(order: CounterOrder) {
  const code = useSignal('');
  const isPaid = useSignal(order.paidAt !== null);
  const collector = useSignal<string | null>(null);
  const problem = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const part = useSignal<PartTaken | null>(null);
  const command = useMemo(directCommand, []);
  const submit = async (): Promise<void> => {
    const shown = pickupScan(code.value);
    if (shown !== null && shown.number !== order.number) {
      problem.value = texts.value.otherOrderCode(shown.number);
      return;
    }
    const collectedBy = collector.value?.trim() || null;
    const paid = order.paidAt === null && isPaid.value;
    const lines = part.value === null ? null : linesTaken(order, part.value);
    if (lines?.every(({ quantity }) => quantity === 0)) {
      problem.value = texts.value.handOverNothing;
      return;
    }
    const input = { order: order.id, code: code.value.trim(), collectedBy, paid, lines };
    isBusy.value = true;
    problem.value = null;
    try {
      const variables = { input: { ...input, idempotencyKey: command.keyOf(input) } };
      const { collectOrder: answer } = await api.send('collectOrder', variables);
      if (answer === null) problem.value = texts.value.noAnswer;
      else if (answer.__typename === 'CollectOrderSuccess') {
        arrivals.value = arrivals.value.filter((id) => id !== order.id);
        playTone('right');
        if (answer.order !== null) orders.value = mergeOrders(orders.value ?? [], [answer.order]);
      } else {
        problem.value = refusalText(answer);
        command.end();
        playTone('wrong');
      }
    } catch (error) {
      problem.value = problemText(error, texts.value.handOverOffline);
    } finally {
      isBusy.value = false;
    }
  };
  return { code, isPaid, collector, part, problem, isBusy, submit };
}

function Collector({ collector }: { collector: Signal<string | null> }) {
  const t = texts.value;
  return (
    <>
      <label class="choice">
        <input
          type="checkbox"
          checked={collector.value !== null}
          onChange={(event) => {
            collector.value = event.currentTarget.checked ? '' : null;
          }}
        />
        <span>{t.someoneElse}</span>
      </label>
      {collector.value !== null && (
        <label class="field">
          <span>{t.collectorName}</span>
          <input
            name="collector"
            required
            autocomplete="off"
            value={collector.value}
            onInput={(event) => {
              collector.value = event.currentTarget.value;
            }}
          />
        </label>
      )}
    </>
  );
}

interface PaymentProps {
  order: CounterOrder;
  part: PartTaken | null;
  isPaid: Signal<boolean>;
}

function PaymentCheck({ order, part, isPaid }: PaymentProps) {
  const t = texts.value;
  if (order.paidAt !== null) return null;
  const due = part === null ? order.total : priceOf(order, ({ id }) => part[id] ?? 0);
  return (
    <label class="choice strong">
      <input
        type="checkbox"
        name="paid"
        checked={isPaid.value}
        onChange={(event) => {
          isPaid.value = event.currentTarget.checked;
        }}
      />
      <span>{due === null ? t.tookMoneyUnknown : t.tookMoney(moneyText(due))}</span>
    </label>
  );
}

function CodeField({ code }: { code: Signal<string> }) {
  const t = texts.value;
  return (
    <label class="field">
      <span>{t.pickupCode}</span>
      <input
        class="code"
        name="code"
        required
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        enterkeyhint="done"
        value={code.value}
        aria-describedby="code-hint"
        onInput={(event) => {
          code.value = event.currentTarget.value.toUpperCase();
        }}
      />
      <span id="code-hint" class="hint">
        {t.pickupCodeHint}
      </span>
    </label>
  );
}

export function Handover({ order }: { order: CounterOrder }) {
  const t = texts.value;
  const { code, isPaid, collector, part, problem, isBusy, submit } = useHandover(order);
  useSignalEffect(() => {
    if (scannedPickup.value?.number !== order.number) return;
    code.value = scannedPickup.value.code;
    scannedPickup.value = null;
  });
  useSignalEffect(() => {
    // Another part is another attempt.
    if (part.value !== null) problem.value = null;
  });
  const isOffline = connection.value === 'OFFLINE';
  return (
    <form
      class="handover card stack"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <CodeField code={code} />
      <Part order={order} part={part} />
      <PaymentCheck order={order} part={part.value} isPaid={isPaid} />
      <Collector collector={collector} />
      <p class="problem" role="alert">
        {isOffline ? t.handOverOffline : problem.value}
      </p>
      <button type="submit" class="button primary wide" disabled={isBusy.value || isOffline}>
        <Icon name="check" />
        {isBusy.value ? t.handingOver : t.handOver}
      </button>
    </form>
  );
}
