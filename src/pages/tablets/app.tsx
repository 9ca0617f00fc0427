// The page of tablets: sign-in, then the tablets and the people of a shop.

import { useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Icon } from '../foundation/icon';
import { language } from '../foundation/language';
import { LanguageChoice } from '../foundation/languageChoice';
import { isSignedIn, signOutOfServer } from '../foundation/session';
import { SignIn } from '../foundation/signIn';
import { texts } from './messages';
import { attempt, begin, chooseShop, person, problem, restore, shop, shops } from './state';
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
  useSignalEffect(() => {
    document.documentElement.lang = language.value;
    document.title = `Comptoir · ${texts.value.title}`;
  });
  useEffect(() => void restore(), []);
  if (isSignedIn.value === null) return null;
  if (isSignedIn.value && person.value !== null) return <Management />;
  return (
    <SignIn title={t.title} tagline={t.tagline} roles={ROLES} onSignedIn={begin}>
      {problem.value !== null && <p class="problem">{problem.value}</p>}
    </SignIn>
  );
}
