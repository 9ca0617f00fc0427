// The screen for returns: the order is looked up, its units are scanned with their disposition, and all is confirmed at once.

import { useEffect, useRef } from 'preact/hooks';
import { now } from '../../foundation/clock';
import { Icon } from '../../foundation/icon';
import { timeText } from '../../foundation/language';
import { connection, openOrder } from '../state';
import { CodeField } from './codeField';
import { texts } from './messages';
import {
  beginReturn,
  type CollectedLine,
  FATES,
  fate,
  isBusy,
  message,
  openPurchase,
  type Purchase,
  purchase,
  receiveTaken,
  removeUnit,
  taken,
  takeReturnScan,
  takeUnits,
  unitsLeft,
  unitsTaken,
} from './returns';
import { useScans } from './useScans';

function FateChoice() {
  const t = texts.value;
  return (
    <fieldset class="choices">
      <legend>{t.returnFate}</legend>
      {FATES.map((name) => (
        <label key={name} class="choice">
          <input
            type="radio"
            name="fate"
            checked={fate.value === name}
            onChange={() => {
              fate.value = name;
            }}
          />
          <span>{t.returnFates[name]}</span>
        </label>
      ))}
    </fieldset>
  );
}

function ReturnLine({ line }: { line: CollectedLine }) {
  const t = texts.value;
  const { sku } = line;
  const left = unitsLeft(line);
  return (
    <li class="line return-line">
      <span class="article">
        <span class="strong">{sku.name}</span>
        <span class="muted">
          {sku.code} · {t.returnable(left)}
        </span>
      </span>
      <button
        type="button"
        class="button small"
        aria-label={t.returnAdd(sku.name)}
        disabled={left <= 0 || isBusy.value}
        onClick={() => takeUnits(line)}
      >
        {t.byHand}
      </button>
      {taken.value
        .filter((units) => units.sku === sku.code)
        .map((units) => (
          <span key={units.disposition} class="taken">
            <span class="mark good">
              {units.quantity} × {t.returnFates[units.disposition]}
            </span>
            <button
              type="button"
              class="icon-button"
              aria-label={t.returnRemove(sku.name, t.returnFates[units.disposition])}
              onClick={() => removeUnit(units)}
            >
              <Icon name="minus" />
            </button>
          </span>
        ))}
    </li>
  );
}

function PurchaseForm({ order }: { order: Purchase }) {
  const t = texts.value;
  const lines = order.lines.filter(({ collected }) => collected > 0);
  const canReturn = lines.some(({ collected, returned }) => collected > returned);
  const units = unitsTaken.value;
  return (
    <>
      <p>
        <span class="strong">{order.customer?.name ?? order.number}</span>{' '}
        <span class="muted">
          {order.number}
          {order.closedAt !== null && ` · ${t.returnCollected(timeText(order.closedAt, now.value))}`}
        </span>
      </p>
      {canReturn && <FateChoice />}
      {canReturn && (
        <CodeField label={t.scanHint} button={t.enter} onCode={(code) => void takeReturnScan(code)} />
      )}
      {!canReturn && <p class="strong">{t.returnAll}</p>}
      <ul class="lines">
        {lines.map((line) => (
          <ReturnLine key={line.id} line={line} />
        ))}
      </ul>
      {canReturn && (
        <button
          type="button"
          class="button primary wide"
          disabled={units === 0 || isBusy.value || connection.value === 'OFFLINE'}
          onClick={() => void receiveTaken()}
        >
          <Icon name="check" />
          {t.returnConfirm(units)}
        </button>
      )}
      <button type="button" class="button quiet" disabled={isBusy.value} onClick={() => beginReturn(null)}>
        {t.returnBack}
      </button>
    </>
  );
}

export function ReturnPanel() {
  const t = texts.value;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  useScans(takeReturnScan);
  const shown = connection.value === 'OFFLINE' ? { isRight: false, text: t.returnOffline } : message.value;
  return (
    <section class="order-panel" aria-label={t.returns}>
      <header class="panel-head">
        <button type="button" class="icon-button back" aria-label={t.back} onClick={() => openOrder(null)}>
          <Icon name="back" />
        </button>
        <h2 ref={heading} tabIndex={-1}>
          {t.returns}
        </h2>
      </header>
      <p class={`scan-answer ${shown?.isRight ? 'right' : 'wrong'}`} role="status">
        {shown?.text}
      </p>
      {purchase.value === null ? (
        <>
          <p class="muted">{t.returnHint}</p>
          <CodeField
            label={t.returnNumber}
            button={t.returnOpen}
            onCode={(code) => void openPurchase(code)}
          />
        </>
      ) : (
        <PurchaseForm order={purchase.value} />
      )}
    </section>
  );
}
