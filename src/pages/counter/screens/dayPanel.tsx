// The day of the shop beside the same day a week earlier: kept promises, waits, short picks, orders by state.

import { useEffect } from 'preact/hooks';
import { now } from '../../foundation/clock';
import { Icon } from '../../foundation/icon';
import { dayText, durationText, shareText } from '../../foundation/language';
import { connection, openScreen } from '../state';
import { type DayFigures, dayOfKey, dayProblem, daysAfter, figures, localDay, readDay } from './day';
import { texts } from './messages';
import { PanelTitle } from './panelTitle';

const MINUTE_MS = 60_000;
const SECONDS_PER_MINUTE = 60;
const STATES = [
  'PLACED',
  'AWAITING_TRANSFER',
  'PICKING',
  'READY',
  'COLLECTED',
  'CANCELLED',
  'NO_SHOW',
] as const;

/** A figure of one day: what is large, and what it is made of. */
interface DayCell {
  large: string;
  small?: string;
}

const waitText = (seconds: number): string => durationText(Math.ceil(seconds / SECONDS_PER_MINUTE));

function shareCell(part: number, whole: number): DayCell {
  const t = texts.value;
  return whole === 0 ? { large: t.dayNone } : { large: shareText(part, whole), small: t.dayOf(part, whole) };
}

function waitCell({ waits, medianWaitSeconds: median, longestWaitSeconds: longest }: DayFigures): DayCell {
  const t = texts.value;
  if (median === null || longest === null) return { large: t.dayNone };
  return { large: waitText(median), small: t.dayLongest(waitText(longest), waits) };
}

const countOf = ({ byStatus }: DayFigures, state: (typeof STATES)[number]): number =>
  byStatus.find(({ status }) => status === state)?.count ?? 0;

function Row({ label, cells, isPart }: { label: string; cells: DayCell[]; isPart?: boolean }) {
  return (
    <tr class={isPart ? 'part' : undefined}>
      <th scope="row">{label}</th>
      {cells.map(({ large, small }, i) => (
        <td key={i}>
          <span class="large">{large}</span>
          {small !== undefined && <span class="muted">{small}</span>}
        </td>
      ))}
    </tr>
  );
}

function Figures({ days }: { days: DayFigures[] }) {
  const t = texts.value;
  const states = STATES.filter((state) => days.some((day) => countOf(day, state) > 0));
  return (
    <table class="day-figures">
      <thead>
        <tr>
          <td />
          {days.map(({ day }, i) => (
            <th key={day} scope="col">
              {i === 0 ? t.dayThis : t.dayWeekBefore}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <Row
          label={t.dayPromises}
          cells={days.map(({ promisesKept, promisesDue }) => shareCell(promisesKept, promisesDue))}
        />
        <Row label={t.dayWaits} cells={days.map(waitCell)} />
        <Row
          label={t.dayShort}
          cells={days.map(({ linesShort, linesPicked }) => shareCell(linesShort, linesPicked))}
        />
        <Row label={t.dayOrders} cells={days.map(({ orders }) => ({ large: String(orders) }))} />
        {states.map((state) => (
          <Row
            key={state}
            isPart
            label={t.status[state]}
            cells={days.map((day) => ({ large: String(countOf(day, state)) }))}
          />
        ))}
      </tbody>
    </table>
  );
}

/** Leads to the day before and after; the day after today has orders too. */
function DayChoice({ day, today }: { day: string; today: string }) {
  const t = texts.value;
  const go = (to: string): void => openScreen(to === today ? 'day' : `day/${to}`);
  return (
    <div class="day-choice">
      <button
        type="button"
        class="icon-button"
        aria-label={t.dayBefore}
        onClick={() => go(daysAfter(day, -1))}
      >
        <Icon name="back" />
      </button>
      <p class="strong" aria-live="polite">
        {day === today ? `${t.dayToday}, ${dayText(day)}` : dayText(day)}
      </p>
      <button
        type="button"
        class="icon-button after"
        aria-label={t.dayAfter}
        onClick={() => go(daysAfter(day, 1))}
      >
        <Icon name="back" />
      </button>
    </div>
  );
}

export function DayPanel({ day: key }: { day: string | null }) {
  const t = texts.value;
  const today = localDay(now.value);
  const day = dayOfKey(key) ?? today;
  const minute = Math.floor(now.value / MINUTE_MS);
  // Again each minute while it is looked at.
  useEffect(() => void readDay(day), [day, minute]);
  const problem = connection.value === 'OFFLINE' ? t.dayOffline : dayProblem.value;
  const read = figures.value;
  return (
    <section class="order-panel" aria-label={t.dayTitle}>
      <PanelTitle title={t.dayTitle} back="" backLabel={t.back} />
      <DayChoice day={day} today={today} />
      <p class="scan-answer wrong" role="status">
        {problem}
      </p>
      {read !== null && <Figures days={[read.day, read.weekBefore]} />}
      {read === null && problem === null && <p class="muted">{t.checking}</p>}
      <p class="muted">{t.dayHint}</p>
    </section>
  );
}
