// What was given on this device: waiting, refused with the reason, and what was confirmed last.

import { now } from '../foundation/clock';
import { Dialog } from '../foundation/dialog';
import { Icon } from '../foundation/icon';
import { timeText } from '../foundation/language';
import type { OutboxEntry } from '../foundation/storage';
import { dismiss } from './commands';
import { texts } from './messages';
import type { QueuedCommand } from './orders';
import { flush, timeOf } from './outbox';
import { confirmed, outbox, person } from './state';

type EntryState = 'WAITING' | 'REFUSED' | 'CONFIRMED';

const ICONS = { WAITING: 'clock', REFUSED: 'warning', CONFIRMED: 'check' } as const;

function Entry({ entry, state }: { entry: OutboxEntry; state: EntryState }) {
  const t = texts.value;
  const label = { WAITING: t.waiting, REFUSED: t.refused, CONFIRMED: t.confirmedState }[state];
  const at = entry.reportedAt ?? timeOf(entry);
  return (
    <li class={`entry ${state.toLowerCase()}`}>
      <Icon name={ICONS[state]} />
      <div>
        <p>
          <span class="strong">{t.commands[entry.operation as QueuedCommand]}</span>
          {entry.article !== null && ` · ${entry.article}`}
        </p>
        <p class="muted">
          {entry.orderNumber} · {timeText(at, now.value)} · {label}
        </p>
        {entry.reason !== null && <p class="problem">{entry.reason}</p>}
        {entry.actor !== person.value?.name && <p class="muted">{t.ofOther(entry.actor)}</p>}
      </div>
      {state === 'REFUSED' && (
        <button type="button" class="button small" onClick={() => void dismiss(entry)}>
          {t.dismiss}
        </button>
      )}
    </li>
  );
}

export function OutboxDialog({ onClose }: { onClose(): void }) {
  const t = texts.value;
  return (
    <Dialog title={t.outbox} closeLabel={t.close} onClose={onClose}>
      {outbox.value.length === 0 && <p>{t.outboxEmpty}</p>}
      <ul class="entries">
        {outbox.value.map((entry) => (
          <Entry key={entry.id} entry={entry} state={entry.state} />
        ))}
        {confirmed.value.map((entry) => (
          <Entry key={entry.id} entry={entry} state="CONFIRMED" />
        ))}
      </ul>
      {outbox.value.some(({ state }) => state === 'WAITING') && (
        <button type="button" class="button primary wide" onClick={() => void flush()}>
          <Icon name="sync" />
          {t.sendNow}
        </button>
      )}
    </Dialog>
  );
}
