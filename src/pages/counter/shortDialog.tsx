// A missing article: quantity and reason, and what the report will trigger, before it is confirmed.

import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Dialog } from '../foundation/dialog';
import { give } from './commands';
import { texts } from './messages';
import type { LineView, OrderView } from './orders';
import { api, shop } from './state';
import { Stepper } from './stepper';

const REASONS = ['NOT_FOUND', 'DAMAGED', 'WRONG_ITEM', 'OTHER'] as const;
type Reason = (typeof REASONS)[number];

/** Where units of the article are, beside those that are missing. */
interface StockElsewhere {
  here: number;
  shops: { name: string; quantity: number; distanceKm: number | null }[];
}
type LookUp = 'CHECKING' | 'OFFLINE' | StockElsewhere;

const MAX_SHOPS = 3;

/** @throws ApiProblem */
async function lookUp(sku: string, channel: string): Promise<StockElsewhere> {
  const here = shop.value!.code;
  const { location } = await api.send('shelf', { sku, here, channel }, { retries: 0 });
  if (location === null) return { here: 0, shops: [] };
  const { sku: found } = await api.send('nearby', { sku, ...location.point }, { retries: 0 });
  const shops = (found?.availability ?? [])
    .filter((one) => one.location.code !== here && (one.quantity ?? 0) > 0)
    .map(({ location: { name }, quantity, distanceKm }) => ({ name, quantity: quantity ?? 0, distanceKm }));
  return { here: location.stock?.[0]?.atp ?? 0, shops: shops.slice(0, MAX_SHOPS) };
}

interface ConsequencesProps {
  quantity: number;
  reason: Reason;
  isSourced: boolean;
  found: LookUp;
}

/** The same decisions as the server makes them: only damaged units are replaced from the same shelf. */
function Consequences({ quantity, reason, isSourced, found }: ConsequencesProps) {
  const t = texts.value;
  const isDamaged = reason === 'DAMAGED';
  const lines = [isDamaged ? t.shortQuarantine(quantity) : t.shortStock(quantity)];
  if (!isSourced) lines.push(t.shortGiveUp);
  else if (found === 'CHECKING') lines.push(t.checking);
  else if (found === 'OFFLINE') lines.push(t.shortOffline);
  else {
    const replaced = isDamaged ? Math.min(found.here, quantity) : 0;
    if (replaced > 0) lines.push(t.shortReplaced(replaced));
    if (replaced < quantity) {
      const names = found.shops.map(({ name, quantity: units }) => `${name} (${units})`).join(', ');
      lines.push(...(names === '' ? [t.shortNowhere] : [t.shortElsewhere(names), t.shortLater]));
    }
  }
  return (
    <div class="consequences" aria-live="polite">
      <p class="strong">{t.shortConsequences}</p>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}

function Reasons({ reason }: { reason: Signal<Reason> }) {
  const t = texts.value;
  return (
    <fieldset class="choices">
      <legend>{t.shortReason}</legend>
      {REASONS.map((name) => (
        <label key={name} class="choice">
          <input
            type="radio"
            name="reason"
            checked={reason.value === name}
            onChange={() => {
              reason.value = name;
            }}
          />
          <span>{t.shortReasons[name]}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function ShortDialog({ view, line, onClose }: { view: OrderView; line: LineView; onClose(): void }) {
  const t = texts.value;
  const { sku } = line.line;
  const quantity = useSignal(1);
  const reason = useSignal<Reason>('NOT_FOUND');
  const isSourced = useSignal(true);
  const found = useSignal<LookUp>('CHECKING');
  const { channel, id } = view.order;
  useEffect(() => {
    lookUp(sku.code, channel).then(
      (elsewhere) => {
        found.value = elsewhere;
      },
      () => {
        found.value = 'OFFLINE';
      },
    );
  }, [sku.code, channel]);
  const submit = (event: Event): void => {
    event.preventDefault();
    const input = { order: id, sku: sku.code, quantity: quantity.value, reason: reason.value };
    void give('shortPick', view.order, { ...input, resource: isSourced.value }, sku.name);
    onClose();
  };
  return (
    <Dialog title={t.shortTitle} closeLabel={t.close} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <p class="strong">{sku.name}</p>
        {line.toPick > 1 && <Stepper legend={t.shortQuantity} value={quantity} most={line.toPick} />}
        <Reasons reason={reason} />
        <label class="choice">
          <input
            type="checkbox"
            checked={isSourced.value}
            onChange={(event) => {
              isSourced.value = event.currentTarget.checked;
            }}
          />
          <span>{t.shortResource}</span>
        </label>
        <Consequences
          quantity={quantity.value}
          reason={reason.value}
          isSourced={isSourced.value}
          found={found.value}
        />
        <button type="submit" class="button primary wide">
          {t.shortConfirm}
        </button>
      </form>
    </Dialog>
  );
}
