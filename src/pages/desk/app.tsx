// The service desk: sign-in, the search, then the customer on one screen with the timeline below.

import { useEffect, useRef } from 'preact/hooks';
import { problem } from '../foundation/person';
import { Workplace } from '../foundation/workplace';
import { Consents } from './consents';
import { Contacts } from './contacts';
import { distinguishingText } from './format';
import { Header } from './header';
import { Identity, Preferences, Who } from './identity';
import { texts } from './messages';
import { Promises, Returnables } from './promises';
import { Proposals } from './proposals';
import {
  begin,
  type CustomerContext,
  followAddress,
  found,
  isSteward,
  notice,
  openCustomer,
  opened,
  ROLES,
  screen,
  tried,
} from './state';
import { Stewardship } from './stewardship';
import { Suggestions } from './suggestions';
import { Timeline } from './timeline';

function Home() {
  const t = texts.value;
  return (
    <>
      <section class="card stack welcome" aria-labelledby="home">
        <h1 id="home">{t.home}</h1>
        <p class="muted">{t.homeHint}</p>
      </section>
      {isSteward() && <Proposals customerId={null} />}
    </>
  );
}

function Nobody() {
  const t = texts.value;
  return (
    <section class="card stack welcome" role="status">
      <p class="strong">{t.nobody}</p>
      <p>{t.tried(tried.value.map((kind) => t.keys[kind] ?? kind).join(', '))}</p>
      <p class="muted">{t.nobodyHint}</p>
    </section>
  );
}

function Results() {
  const t = texts.value;
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), [found.value]);
  return (
    <section class="card list results" aria-labelledby="results">
      <div class="list-head">
        <h1 id="results">{t.results(found.value.length)}</h1>
        <p class="muted">{t.resultsHint}</p>
      </div>
      <ul>
        {found.value.map((customer, i) => (
          <li key={customer.id}>
            <button
              ref={i === 0 ? first : null}
              type="button"
              class="row-button"
              onClick={() => void openCustomer({ id: customer.id })}
            >
              <span>
                {customer.name ?? t.noName}
                <small>{distinguishingText(customer)}</small>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function CustomerView({ context }: { context: CustomerContext }) {
  const { customer } = context;
  useEffect(() => document.getElementById('who')?.focus(), []);
  return (
    <>
      <div class="overview">
        <Who customer={customer} />
        <div class="column">
          <Promises context={context} />
          <Returnables returnables={customer.returnables} />
        </div>
        <div class="column">
          <Suggestions context={context} />
          <Contacts context={context} />
        </div>
        <div class="column">
          <Identity {...customer} />
          <Preferences preferences={customer.preferences} />
          <Consents customer={customer} />
        </div>
      </div>
      <div class={isSteward() ? 'below has-steward' : 'below'}>
        <Timeline customerId={customer.id} />
        {isSteward() && (
          <div class="column">
            <Stewardship customer={customer} />
            <Proposals customerId={customer.id} />
          </div>
        )}
      </div>
    </>
  );
}

function Notices() {
  return (
    <>
      {problem.value !== null && (
        <div class="notice bad" role="alert">
          <p>{problem.value}</p>
          <button
            type="button"
            class="button small"
            onClick={() => {
              problem.value = null;
            }}
          >
            {texts.value.dismiss}
          </button>
        </div>
      )}
      <p class="done" role="status">
        {notice.value}
      </p>
    </>
  );
}

function Screen() {
  if (screen.value === 'CUSTOMER') {
    return <CustomerView key={opened.value!.customer.id} context={opened.value!} />;
  }
  if (screen.value === 'RESULTS') return <Results />;
  if (screen.value === 'NOBODY') return <Nobody />;
  if (screen.value === 'BUSY') {
    return (
      <p class="welcome muted" role="status">
        {texts.value.busy}
      </p>
    );
  }
  return <Home />;
}

function Desk() {
  useEffect(() => {
    window.addEventListener('popstate', followAddress);
    return () => window.removeEventListener('popstate', followAddress);
  }, []);
  return (
    <div class="desk">
      <Header />
      <main>
        <Notices />
        <Screen />
      </main>
    </div>
  );
}

export function App() {
  const t = texts.value;
  return (
    <Workplace title={t.title} tagline={t.tagline} roles={ROLES} begin={begin}>
      <Desk />
    </Workplace>
  );
}
