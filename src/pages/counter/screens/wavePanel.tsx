// The screen of a wave: the choice of its orders, then the walk past the shelves, each unit into the box of its order.

import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect } from 'preact/hooks';
import { Icon } from '../../foundation/icon';
import { give } from '../commands';
import { ScanAnswer } from '../pickPanel';
import { scanResult } from '../scans';
import { CodeField } from './codeField';
import { texts } from './messages';
import { PanelTitle } from './panelTitle';
import { useScans } from './useScans';
import {
  beginWave,
  boxes,
  candidates,
  isUsual,
  restoreWave,
  stops,
  takeWaveScan,
  type WaveStop,
} from './wave';

function Choice() {
  const t = texts.value;
  const others = useSignal<string[]>([]);
  // Those of the usual number are chosen until a person says otherwise.
  const isChosen = (id: string, index: number): boolean => isUsual(index) !== others.value.includes(id);
  const chosen = candidates.value.filter(({ order }, i) => isChosen(order.id, i));
  if (candidates.value.length === 0) return <p class="strong">{t.waveNone}</p>;
  return (
    <>
      <div class="card">
        <fieldset class="choices">
          <legend>{t.waveChoose}</legend>
          {candidates.value.map(({ order, units }, i) => (
            <label key={order.id} class="choice">
              <input
                type="checkbox"
                checked={isChosen(order.id, i)}
                onChange={() => {
                  others.value = others.value.includes(order.id)
                    ? others.value.filter((id) => id !== order.id)
                    : [...others.value, order.id];
                }}
              />
              <span>
                {order.customer?.name ?? order.number} · {t.units(units)}
              </span>
            </label>
          ))}
        </fieldset>
      </div>
      <div class="action-bar">
        <button
          type="button"
          class="button primary wide"
          disabled={chosen.length === 0}
          onClick={() => void beginWave(chosen)}
        >
          <Icon name="bag" />
          {t.waveBegin(chosen.length)}
        </button>
      </div>
    </>
  );
}

function Stop({ stop, isNext }: { stop: WaveStop; isNext: boolean }) {
  const t = texts.value;
  const { sku, lines, toPick } = stop;
  const first = lines.find(({ line }) => line.toPick > 0);
  const classes = ['line', 'pick', ...(toPick === 0 ? ['done'] : []), ...(isNext ? ['next'] : [])];
  return (
    <li class={classes.join(' ')} aria-current={isNext ? 'step' : undefined}>
      <span class="position">{sku.pickPosition || '—'}</span>
      <span class="article">
        <span class="strong">{sku.name}</span>
        <span class="muted">{sku.gtin ?? sku.code}</span>
        {lines
          .filter(({ line }) => line.toPick > 0)
          .map(({ box, line }) => (
            <span key={line.line.id} class="mark">
              {t.waveShare(box, line.toPick)}
            </span>
          ))}
      </span>
      <span class="quantity">{toPick === 0 ? <Icon name="check" /> : toPick}</span>
      {first !== undefined && (
        <span class="line-actions">
          <a
            class="button small"
            href={`#/order/${first.view.order.number}`}
            aria-label={t.missingOf(sku.name)}
          >
            {t.missing}
          </a>
          <button
            type="button"
            class="button small"
            aria-label={t.pickByHand(sku.name)}
            onClick={() => {
              const { order } = first.view;
              void give('pickLine', order, { order: order.id, sku: sku.code, quantity: 1 }, sku.name);
            }}
          >
            {t.byHand}
          </button>
        </span>
      )}
    </li>
  );
}

/** The boxes: which order is in each, and which are complete. */
function Boxes() {
  const t = texts.value;
  return (
    <ul class="boxes" aria-label={t.waveBoxes}>
      {boxes.value.map(({ box, view }) => (
        <li key={view.order.id}>
          <a
            class={view.unitsToPick === 0 ? 'order-card good' : 'order-card'}
            href={`#/order/${view.order.number}`}
          >
            <span class="card-line">
              <span>
                <span class="box">{box}</span> {view.order.customer?.name ?? view.order.number}
              </span>
              <span class="mark">
                {view.unitsToPick === 0
                  ? t.waveComplete
                  : t.progress(view.units - view.unitsToPick, view.units)}
              </span>
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function Walk() {
  const t = texts.value;
  const next = stops.value.find(({ toPick }) => toPick > 0);
  const taken = scanResult.value?.lineId;
  const box = stops.value.flatMap(({ lines }) => lines).find(({ line }) => line.line.id === taken)?.box;
  return (
    <>
      <CodeField label={t.scanHint} button={t.enter} onCode={(code) => void takeWaveScan(code)} />
      {taken != null && box !== undefined && (
        <p class="box-answer" role="status">
          {t.waveInto(box)}
        </p>
      )}
      <ScanAnswer />
      <ul class="lines">
        {stops.value.map((stop) => (
          <Stop key={stop.sku.code} stop={stop} isNext={stop === next} />
        ))}
      </ul>
      {next === undefined && <p class="strong">{t.waveDone}</p>}
      <Boxes />
    </>
  );
}

export function WavePanel() {
  const t = texts.value;
  useScans(takeWaveScan);
  useLayoutEffect(() => void restoreWave(), []);
  useEffect(() => {
    scanResult.value = null;
  }, []);
  return (
    <section class="order-panel" aria-label={t.wave}>
      <PanelTitle title={t.wave} back="" backLabel={t.back} />
      {boxes.value.length === 0 ? <Choice /> : <Walk />}
    </section>
  );
}
