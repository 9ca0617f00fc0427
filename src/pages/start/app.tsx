// The first page: sign-in, or a greeting with the pages of the person's role.

import { signal, useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Icon } from '../foundation/icon';
import { language } from '../foundation/language';
import { LanguageChoice } from '../foundation/languageChoice';
import {
  endSession,
  hasGraphiql,
  isSignedIn,
  readSession,
  type SessionActor,
  signOutOfServer,
} from '../foundation/session';
import { SignIn } from '../foundation/signIn';
import { activityOf } from '../foundation/signInTexts';
import { type StartPage, texts } from './messages';

/** Roles of people; the others are programs. */
const PEOPLE = ['STAFF', 'PLANNER', 'AGENT', 'DATA_STEWARD', 'AUDITOR', 'ADMIN'];

/** A page, for the roles that it is for; one for managers is for administrators as well. */
const ADDRESSES: Record<StartPage, { address: string; roles: readonly string[]; isForManagers?: true }> = {
  counter: { address: '/counter', roles: ['STAFF', 'ADMIN'] },
  planner: { address: '/planner', roles: ['PLANNER', 'ADMIN'] },
  desk: { address: '/desk', roles: ['AGENT', 'DATA_STEWARD', 'ADMIN'] },
  tablets: { address: '/tablets', roles: ['STAFF', 'ADMIN'], isForManagers: true },
  graphiql: { address: '/graphql', roles: PEOPLE },
};

const person = signal<SessionActor | null>(null);
const problem = signal<string | null>(null);

async function greet(actor: SessionActor): Promise<void> {
  person.value = actor;
  isSignedIn.value = true;
}

async function restore(): Promise<void> {
  try {
    const actor = await readSession();
    if (actor === null) endSession();
    else await greet(actor);
  } catch {
    endSession();
  }
}

async function signOut(): Promise<void> {
  try {
    await signOutOfServer();
    person.value = null;
  } catch {
    problem.value = texts.value.signOutOffline;
  }
}

const ICONS = { counter: 'bag', planner: 'truck', desk: 'person', tablets: 'scan', graphiql: 'box' } as const;

function Links({ role, manager }: SessionActor) {
  const t = texts.value;
  const pages = (Object.keys(ADDRESSES) as StartPage[])
    .filter((page) => ADDRESSES[page].roles.includes(role))
    .filter((page) => !ADDRESSES[page].isForManagers || manager || role === 'ADMIN')
    .filter((page) => page !== 'graphiql' || hasGraphiql.value);
  if (pages.length === 0) return <p>{t.noPages}</p>;
  return (
    <ul class="card list">
      {pages.map((page) => (
        <li key={page}>
          <a class="row-button" href={ADDRESSES[page].address}>
            <Icon name={ICONS[page]} />
            <span>
              {t.pages[page].name}
              <small>{t.pages[page].hint}</small>
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function Greeting({ actor }: { actor: SessionActor }) {
  const t = texts.value;
  const locations = actor.locations.map(({ name }) => name).join(', ');
  return (
    <main class="sign-in">
      <div class="brand">
        <h1>{t.hello(actor.name)}</h1>
        <p class="muted">{activityOf(actor)}</p>
        {locations !== '' && <p class="muted">{t.worksAt(locations)}</p>}
      </div>
      <p class="problem" role="alert">
        {problem.value}
      </p>
      <Links {...actor} />
      <button type="button" class="button quiet" onClick={() => void signOut()}>
        <Icon name="out" />
        {t.signOut}
      </button>
      <LanguageChoice />
    </main>
  );
}

export function App() {
  useSignalEffect(() => {
    document.documentElement.lang = language.value;
  });
  useEffect(() => void restore(), []);
  if (isSignedIn.value === null) return null;
  if (person.value !== null) return <Greeting actor={person.value} />;
  return <SignIn title={texts.value.title} tagline={texts.value.tagline} roles={PEOPLE} onSignedIn={greet} />;
}
