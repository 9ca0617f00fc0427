// Beside the focused row: the sales of the last weeks as a line, and the terms of the quantity as a waterfall that adds up.

import { signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { PlannerOperations } from '../operations.generated';
import { beginEdit } from './decide';
import { numberText, signedText } from './format';
import { texts } from './messages';
import { focused } from './proposals';
import { api } from './state';
import { linePoints, waterfallOf } from './waterfall';

type DetailAnswer = PlannerOperations['detail']['answer'];
type ShownProposal = NonNullable<DetailAnswer['replenishmentProposal']>;
type History = NonNullable<NonNullable<DetailAnswer['forecast']>['history']>;

/** A row that only passes by under the arrow keys is not read. */
const REST_MS = 150;
const DAYS_PER_WEEK = 7;
const LINE = { width: 280, height: 48 };
const BAR = 120;

const known = signal<{ id: string; answer: DetailAnswer } | null>(null);

function SparkLine({ history }: { history: History }) {
  const t = texts.value;
  const units = history.map((day) => day.units);
  if (units.every((sold) => sold === 0)) return <p class="muted">{t.noSales}</p>;
  const total = (days: readonly number[]): string => numberText(days.reduce((sum, sold) => sum + sold, 0));
  const text = t.sales(total(units), total(units.slice(-DAYS_PER_WEEK)));
  const points = linePoints(units, LINE.width, LINE.height);
  return (
    <figure class="spark">
      <svg
        viewBox={`0 -2 ${LINE.width} ${LINE.height + 4}`}
        role="img"
        aria-label={text}
        preserveAspectRatio="none"
      >
        <polygon points={`0,${LINE.height} ${points} ${LINE.width},${LINE.height}`} />
        <polyline points={points} />
      </svg>
      <figcaption class="muted">{text}</figcaption>
    </figure>
  );
}

type ShownTerm = ShownProposal['explanation']['terms'][number]['kind'] | 'EDITED';

function Waterfall({ proposal }: { proposal: ShownProposal }) {
  const t = texts.value;
  const { quantity, quantityProposed, explanation } = proposal;
  const terms: { kind: ShownTerm; units: number }[] = explanation.terms.filter(
    ({ units }) => Math.abs(units) > 1e-6,
  );
  if (quantity !== quantityProposed) terms.push({ kind: 'EDITED', units: quantity - quantityProposed });
  const { steps, zero, total } = waterfallOf(terms);
  return (
    <table class="waterfall">
      <thead class="hidden">
        <tr>
          <th scope="col">{t.term}</th>
          <th scope="col">{t.columns.quantity}</th>
          <th scope="col" aria-label={t.total} />
        </tr>
      </thead>
      <tbody>
        {steps.map(({ kind, units, from, to }) => (
          <tr key={kind}>
            <th scope="row">{kind === 'EDITED' ? t.edited : t.terms[kind]}</th>
            <td>{signedText(units)}</td>
            <td aria-hidden="true">
              <svg viewBox={`0 0 ${BAR} 16`} preserveAspectRatio="none" aria-hidden="true">
                <line x1={zero * BAR} x2={zero * BAR} y1="0" y2="16" />
                <rect
                  class={units < 0 ? 'bar-less' : 'bar-more'}
                  x={from * BAR}
                  width={Math.max(1, (to - from) * BAR)}
                  y="2"
                  height="12"
                />
              </svg>
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{t.total}</th>
          <td data-total>{numberText(total, 1)}</td>
          <td aria-hidden="true" />
        </tr>
      </tfoot>
    </table>
  );
}

function Reasons({ proposal }: { proposal: ShownProposal }) {
  const t = texts.value;
  const { explanation, editedBy, editReason } = proposal;
  const { method, serviceLevel, leadTime, reviewDays, shortWithout, shortWith } = explanation;
  return (
    <>
      {editedBy !== null && <p class="strong">{t.editedBy(editedBy.name, editReason ?? '')}</p>}
      <p class="muted">
        {[
          t.method(method),
          t.service(numberText(serviceLevel * 100, 1)),
          t.cover(numberText(leadTime.meanDays + reviewDays, 1)),
        ].join(' · ')}
      </p>
      <p>{t.missing(numberText(shortWithout, 1), numberText(shortWith, 1))}</p>
    </>
  );
}

export function Detail() {
  const t = texts.value;
  const row = focused.value;
  const error = useSignal<string | null>(null);
  useEffect(() => {
    if (row === null) return;
    error.value = null;
    let isOver = false;
    const timer = setTimeout(() => {
      const { id, sku, location } = row;
      api.send('detail', { id, sku: sku.code, location }, { isBackground: true }).then(
        (answer) => {
          if (!isOver) known.value = { id, answer };
        },
        ({ message }: Error) => {
          if (!isOver) error.value = message;
        },
      );
    }, REST_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [row?.id, row?.quantity]);
  const found = row !== null && known.value?.id === row.id ? known.value.answer : null;
  const proposal = found?.replenishmentProposal;
  return (
    <aside class="card detail" aria-label={t.detail}>
      {row === null ? (
        <p class="muted">{t.noFocus}</p>
      ) : (
        <>
          <div class="detail-head">
            <h2>
              {row.sku.name}
              <small>
                {row.sku.code} · {row.locationName}
              </small>
            </h2>
            <button type="button" class="button small" onClick={beginEdit}>
              {t.columns.quantity}
            </button>
          </div>
          <p class="problem">{error.value}</p>
          {found !== null && <SparkLine history={found.forecast?.history ?? []} />}
          {proposal != null && <Waterfall proposal={proposal} />}
          {proposal != null && <Reasons proposal={proposal} />}
        </>
      )}
    </aside>
  );
}
