// The head of the counter: shop, connection, outbox, sound, and the menu.

import { useSignal } from '@preact/signals';
import { now } from '../foundation/clock';
import { Dialog } from '../foundation/dialog';
import { Icon } from '../foundation/icon';
import { timeText } from '../foundation/language';
import { LanguageChoice } from '../foundation/languageChoice';
import { isSoundOn, switchSound } from '../foundation/sound';
import { texts } from './messages';
import { OutboxDialog } from './outboxDialog';
import { chooseShop, signOut } from './people';
import { connection, outbox, person, seenAt, shop } from './state';

function ConnectionMark() {
  const t = texts.value;
  const label = { LIVE: t.live, POLLING: t.polling, OFFLINE: t.offline }[connection.value];
  const seen =
    connection.value === 'OFFLINE' && seenAt.value !== null
      ? ` · ${t.updatedAt(timeText(new Date(seenAt.value).toISOString(), now.value))}`
      : '';
  return (
    <span class={`connection ${connection.value.toLowerCase()}`} role="status">
      {connection.value === 'OFFLINE' ? <Icon name="offline" /> : <span class="dot" />}
      <span>
        {label}
        {seen}
      </span>
    </span>
  );
}

function OutboxButton({ onOpen }: { onOpen(): void }) {
  const t = texts.value;
  const refused = outbox.value.filter(({ state }) => state === 'REFUSED').length;
  const waiting = outbox.value.length - refused;
  const label = [
    t.outbox,
    ...(waiting > 0 ? [t.outboxWaiting(waiting)] : []),
    ...(refused > 0 ? [t.outboxRefused(refused)] : []),
  ].join(', ');
  return (
    <button type="button" class="icon-button" aria-label={label} onClick={onOpen}>
      <Icon name="sync" />
      {waiting + refused > 0 && (
        <span class={refused > 0 ? 'badge bad' : 'badge'} aria-hidden="true">
          {waiting + refused}
        </span>
      )}
    </button>
  );
}

function MenuDialog({ onClose }: { onClose(): void }) {
  const t = texts.value;
  return (
    <Dialog title={t.menu} closeLabel={t.close} onClose={onClose}>
      <p class="muted">
        {person.value?.name} · {shop.value?.name}
      </p>
      <LanguageChoice />
      {person.value!.shops.length > 1 && (
        <button type="button" class="button wide" onClick={() => chooseShop(null)}>
          {t.changeShop}
        </button>
      )}
      <button type="button" class="button wide" onClick={() => void signOut()}>
        <Icon name="out" />
        {t.signOut}
      </button>
    </Dialog>
  );
}

export function Header() {
  const t = texts.value;
  const opened = useSignal<'OUTBOX' | 'MENU' | null>(null);
  const close = (): void => {
    opened.value = null;
  };
  return (
    <header class="top">
      <h1>{shop.value?.name}</h1>
      <ConnectionMark />
      <div class="top-buttons">
        <OutboxButton
          onOpen={() => {
            opened.value = 'OUTBOX';
          }}
        />
        <button
          type="button"
          class="icon-button"
          aria-label={isSoundOn.value ? t.soundOn : t.soundOff}
          aria-pressed={isSoundOn.value}
          onClick={switchSound}
        >
          <Icon name={isSoundOn.value ? 'bell' : 'bellOff'} />
        </button>
        <button
          type="button"
          class="icon-button"
          aria-label={t.menu}
          onClick={() => {
            opened.value = 'MENU';
          }}
        >
          <Icon name="person" />
        </button>
      </div>
      {opened.value === 'OUTBOX' && <OutboxDialog onClose={close} />}
      {opened.value === 'MENU' && <MenuDialog onClose={close} />}
    </header>
  );
}
