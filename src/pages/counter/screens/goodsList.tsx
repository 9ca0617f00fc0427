// What there is to do with goods: to send, to receive, deliveries and counts.

import { useEffect, useLayoutEffect } from 'preact/hooks';
import { now } from '../../foundation/clock';
import { timeText } from '../../foundation/language';
import { goodsChanges } from '../state';
import { CodeField } from './codeField';
import { beginTask, goodsMessage, readGoods, takeGoodsScan, tasks } from './goods';
import { COUNT_ID, type GoodsKind, type GoodsTask } from './goodsTasks';
import { texts } from './messages';
import { PanelTitle } from './panelTitle';
import { useScans } from './useScans';

const KINDS: GoodsKind[] = ['SEND', 'RECEIVE', 'DELIVERY', 'COUNT'];

function TaskCard({ task }: { task: GoodsTask }) {
  const t = texts.value;
  const units = task.lines.reduce((total, { quantity }) => total + quantity, 0);
  return (
    <li>
      <a class="order-card" href={`#/goods/${task.id}`}>
        <span class="card-line">
          <span class="customer">{t.goodsPartner[task.kind](task.partner)}</span>
          <span class="mark">{t.units(task.kind === 'COUNT' ? task.lines.length : units)}</span>
        </span>
        <span class="card-line muted">
          <span class="number">{task.number}</span>
          {task.expectedAt !== null && <span>{t.expected(timeText(task.expectedAt, now.value))}</span>}
        </span>
        {task.orderNumber !== null && <span class="muted">{t.goodsForOrder(task.orderNumber)}</span>}
        {task.awaitsApproval && <span class="mark warn">{t.goodsAwaiting}</span>}
      </a>
    </li>
  );
}

export function GoodsList() {
  const t = texts.value;
  useScans(takeGoodsScan);
  useLayoutEffect(() => void beginTask(''), []);
  const changes = goodsChanges.value;
  // Read again after each confirmed command; `changes` has no other use.
  useEffect(() => void readGoods(), [changes]);
  const all = tasks.value ?? [];
  const message = goodsMessage.value;
  return (
    <section class="order-panel" aria-label={t.goods}>
      <PanelTitle title={t.goods} back="" backLabel={t.back} />
      <p class="muted">{t.goodsHint}</p>
      <CodeField label={t.goodsNumber} button={t.goodsOpen} onCode={(code) => void takeGoodsScan(code)} />
      <p class={`scan-answer ${message?.isRight ? 'right' : 'wrong'}`} role="status">
        {message?.text}
      </p>
      {tasks.value === null && <p class="muted">{t.loading}</p>}
      {all.length === 1 && all[0]!.id === COUNT_ID && <p class="strong">{t.goodsNone}</p>}
      {KINDS.map((kind) => {
        const own = all.filter((task) => task.kind === kind);
        return own.length === 0 ? null : (
          <section key={kind} aria-label={t.goodsKinds[kind]} class="group">
            <h3>
              {t.goodsKinds[kind]} {kind !== 'COUNT' && <span class="count">{own.length}</span>}
            </h3>
            <ul class="cards">
              {own.map((task) => (
                <TaskCard key={task.id} task={task} />
              ))}
            </ul>
          </section>
        );
      })}
    </section>
  );
}
