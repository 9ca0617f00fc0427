// The page of tablets: sign-in, then the tablets and the people of a shop.

import { Icon } from '../foundation/icon';
import { LanguageChoice } from '../foundation/languageChoice';
import { attempt, person, problem } from '../foundation/person';
import { signOutOfServer } from '../foundation/session';
import { Workplace } from '../foundation/workplace';
import { texts } from './messages';
import { begin, chooseShop, shop, shops } from './state';
import { TabletList } from './tabletList';
import { OwnPin, Team } from './team';

const ROLES = ['STAFF', 'ADMIN'];

function signOut(): void {
  void attempt(async () => {
    await signOutOfServer();
    person.value = null;
  });
}

function ShopChoice() {
  if (shops.value.length < 2) return null;
  return (
    <label class="field">
      <span>{texts.value.shop}</span>
      <select
        value={shop.value?.code}
        onChange={({ currentTarget }) => {
          const chosen = shops.value.find(({ code }) => code === currentTarget.value);
          if (chosen !== undefined) chooseShop(chosen);
        }}
      >
        {shops.value.map(({ code, name }) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Management() {
  const t = texts.value;
  return (
    <main class="management">
      <header class="management-head">
        <div>
          <h1>{t.title}</h1>
          <p class="muted">
            {person.value?.name} · {shop.value?.name}
          </p>
        </div>
        <a class="button small" href="/counter">
          <Icon name="bag" />
          {t.toCounter}
        </a>
      </header>
      <p class="problem" role="alert">
        {problem.value}
      </p>
      <ShopChoice />
      <TabletList />
      <Team />
      {person.value?.role === 'STAFF' && <OwnPin />}
      <div class="management-foot">
        <LanguageChoice />
        <button type="button" class="button quiet" onClick={signOut}>
          <Icon name="out" />
          {t.signOut}
        </button>
      </div>
    </main>
  );
}

export function App() {
  const t = texts.value;
  return (
    <Workplace title={t.title} tagline={t.tagline} roles={ROLES} begin={begin}>
      <Management />
    </Workplace>
  );
}
