// The part of an order that the customer takes: units by line, what is due for them, and what is to be refunded.

import type { Signal } from '@preact/signals';
import { Icon } from '../../foundation/icon';
import { moneyText } from '../../foundation/language';
import type { CounterLine, CounterOrder } from '../orders';
import { texts } from './messages';

/** Units that the customer takes, by the id of the line. */
export type PartTaken = Record<string, number>;

const stagedLines = ({ lines }: CounterOrder): CounterLine[] =>
  lines.filter(({ staged }) => (staged ?? 0) > 0);

/** The lines of the command. */
export const linesTaken = (order: CounterOrder, part: PartTaken): { sku: string; quantity: number }[] =>
  stagedLines(order).map(({ id, sku }) => ({ sku: sku.code, quantity: part[id] ?? 0 }));

/** The price of units by line; null when the price of one of them is not known. */
export function priceOf(
  order: CounterOrder,
  unitsOf: (line: CounterLine) => number,
): { amountMinor: number; currency: string } | null {
  let amountMinor = 0;
  let currency: string | null = null;
  for (const line of stagedLines(order)) {
    const units = unitsOf(line);
    if (units === 0) continue;
    if (line.price === null || (currency !== null && line.price.currency !== currency)) return null;
    currency = line.price.currency;
    amountMinor += units * Number(line.price.amountMinor);
  }
  return currency === null ? null : { amountMinor, currency };
}

function PartLine({ line, part }: { line: CounterLine; part: Signal<PartTaken | null> }) {
  const t = texts.value;
  const units = part.value?.[line.id] ?? 0;
  const most = line.staged ?? 0;
  const set = (taken: number): void => {
    part.value = { ...part.value, [line.id]: taken };
  };
  return (
    <li class="line part-line">
      <span class="article">
        <span class="strong">{line.sku.name}</span>
        <span class="muted">{line.sku.code}</span>
      </span>
      <span class="units-stepper">
        <button
          type="button"
          class="icon-button"
          aria-label={t.goodsLess(line.sku.name)}
          disabled={units === 0}
          onClick={() => set(units - 1)}
        >
          <Icon name="minus" />
        </button>
        <output aria-label={t.handOverUnits(line.sku.name)}>
          {units} / {most}
        </output>
        <button
          type="button"
          class="icon-button"
          aria-label={t.goodsMore(line.sku.name)}
          disabled={units >= most}
          onClick={() => set(units + 1)}
        >
          <span aria-hidden="true">+</span>
        </button>
      </span>
    </li>
  );
}

/** Whether the customer takes everything, or which units. */
export function Part({ order, part }: { order: CounterOrder; part: Signal<PartTaken | null> }) {
  const t = texts.value;
  const lines = stagedLines(order);
  const taken = part.value;
  const refund =
    taken === null || order.paidAt === null
      ? null
      : priceOf(order, ({ id, staged }) => (staged ?? 0) - (taken[id] ?? 0));
  if (lines.reduce((units, { staged }) => units + (staged ?? 0), 0) < 2) return null;
  return (
    <>
      <label class="choice">
        <input
          type="checkbox"
          name="part"
          checked={taken !== null}
          onChange={(event) => {
            const all = Object.fromEntries(lines.map(({ id, staged }) => [id, staged ?? 0]));
            part.value = event.currentTarget.checked ? all : null;
          }}
        />
        <span>{t.handOverPart}</span>
      </label>
      {taken !== null && (
        <>
          <ul class="lines">
            {lines.map((line) => (
              <PartLine key={line.id} line={line} part={part} />
            ))}
          </ul>
          <p class="hint" aria-live="polite">
            {t.handOverPartHint} {refund !== null && t.handOverRefund(moneyText(refund))}
          </p>
        </>
      )}
    </>
  );
}
