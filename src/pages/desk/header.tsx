// The head of the service desk: the one search box, and the menu of the person.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Dialog } from '../foundation/dialog';
import { Icon } from '../foundation/icon';
import { LanguageChoice } from '../foundation/languageChoice';
import { person, problem, reasonOf } from '../foundation/person';
import { signOutOfServer } from '../foundation/session';
import { texts } from './messages';
import { screen, search, typed } from './state';

async function signOut(): Promise<void> {
  try {
    await signOutOfServer();
    // The next person starts with an empty page.
    location.replace(location.pathname);
  } catch (error) {
    problem.value = reasonOf(error);
  }
}

function MenuDialog({ onClose }: { onClose(): void }) {
  const t = texts.value;
  return (
    <Dialog title={t.menu} closeLabel={t.close} onClose={onClose}>
      <p class="muted">{person.value?.name}</p>
      <LanguageChoice />
      <button type="button" class="button wide" onClick={() => void signOut()}>
        <Icon name="out" />
        {t.signOut}
      </button>
    </Dialog>
  );
}

export function Header() {
  const t = texts.value;
  const isMenuOpen = useSignal(false);
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      box.current?.focus();
      box.current?.select();
    };
    document.addEventListener('keydown', focus);
    box.current?.focus();
    return () => document.removeEventListener('keydown', focus);
  }, []);
  return (
    <header class="desk-head">
      <search>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void search();
          }}
        >
          <input
            ref={box}
            type="search"
            name="search"
            maxLength={200}
            autocomplete="off"
            spellcheck={false}
            aria-label={t.searchLabel}
            aria-keyshortcuts="Control+K"
            placeholder={t.searchLabel}
            value={typed.value}
            onInput={(event) => {
              typed.value = event.currentTarget.value;
            }}
          />
          <kbd>{t.searchHint}</kbd>
          <button type="submit" class="button small primary" disabled={screen.value === 'BUSY'}>
            {t.search}
          </button>
        </form>
      </search>
      <button
        type="button"
        class="icon-button"
        aria-label={t.menu}
        onClick={() => {
          isMenuOpen.value = true;
        }}
      >
        <Icon name="person" />
      </button>
      {isMenuOpen.value && (
        <MenuDialog
          onClose={() => {
            isMenuOpen.value = false;
          }}
        />
      )}
    </header>
  );
}
