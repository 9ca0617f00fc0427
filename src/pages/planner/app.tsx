// The page of planners: sign-in, then the screens Today and Proposals.

import { Icon } from '../foundation/icon';
import { LanguageChoice } from '../foundation/languageChoice';
import { attempt, person, problem } from '../foundation/person';
import { isSignedIn, type SessionActor, signOutOfServer } from '../foundation/session';
import { Workplace } from '../foundation/workplace';
import { decision } from './decide';
import { DecideDialog } from './decideDialog';
import { numberText } from './format';
import { texts } from './messages';
import { entries, isComplete, readProposals } from './proposals';
import { ProposalsScreen } from './proposalsScreen';
import { outcome, screen } from './state';
import { TodayScreen } from './todayScreen';
import { readToday } from './todayState';

const ROLES = ['PLANNER', 'ADMIN'];

function refresh(): void {
  void attempt(async () => {
    await Promise.all([readToday(), readProposals()]);
  });
}

/** Begins the work of a planner. @throws Error for others */
async function begin(actor: SessionActor): Promise<void> {
  if (!ROLES.includes(actor.role)) throw new Error(texts.value.notPlanner);
  person.value = actor;
  isSignedIn.value = true;
  refresh();
}

function signOut(): void {
  void attempt(async () => {
    await signOutOfServer();
    person.value = null;
    entries.value = [];
    isComplete.value = null;
  });
}

function Header() {
  const t = texts.value;
  const current = (name: typeof screen.value) => (screen.value === name ? 'page' : undefined);
  return (
    <header class="planner-head">
      <div class="planner-title">
        <h1>{t.title}</h1>
        <p class="muted">{person.value?.name}</p>
      </div>
      <nav class="tabs" aria-label={t.screens}>
        <a href="#today" aria-current={current('TODAY')}>
          {t.today}
        </a>
        <a href="#proposals" aria-current={current('PROPOSALS')}>
          {t.proposals}
          <span class="count">{numberText(entries.value.length)}</span>
        </a>
      </nav>
      <div class="planner-tools">
        <button type="button" class="icon-button" aria-label={t.refresh} title={t.refresh} onClick={refresh}>
          <Icon name="sync" />
        </button>
        <LanguageChoice />
        <button type="button" class="icon-button" aria-label={t.signOut} title={t.signOut} onClick={signOut}>
          <Icon name="out" />
        </button>
      </div>
    </header>
  );
}

function Planner() {
  return (
    <div class={screen.value === 'TODAY' ? 'planner' : 'planner is-full'}>
      <Header />
      <p class="problem" role="alert">
        {problem.value}
      </p>
      <p class="outcome" role="status">
        {outcome.value}
      </p>
      {screen.value === 'TODAY' ? <TodayScreen /> : <ProposalsScreen />}
      {decision.value !== null && <DecideDialog key={decision.value.key} asked={decision.value} />}
    </div>
  );
}

export function App() {
  const t = texts.value;
  return (
    <Workplace title={t.title} tagline={t.tagline} roles={ROLES} begin={begin}>
      <Planner />
    </Workplace>
  );
}
