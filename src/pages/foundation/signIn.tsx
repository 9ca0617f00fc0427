// Signing in, as all pages show it: a PIN on a shared tablet, the people of a demonstration, or a pasted token.

import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { Icon } from './icon';
import { LanguageChoice } from './languageChoice';
import {
  enrolmentProblem,
  readSession,
  type SessionActor,
  SignInRefused,
  signIn,
  tablet,
  ways,
} from './session';
import { activityOf, signInTexts } from './signInTexts';
import { TabletSignIn } from './tabletSignIn';

const TOO_MANY_REQUESTS = 429;

function reasonOf(error: unknown): string {
  const t = signInTexts.value;
  if (error instanceof SignInRefused) return error.status === TOO_MANY_REQUESTS ? t.busy : t.refused;
  return error instanceof TypeError ? t.offline : (error as Error).message;
}

interface SignInProps {
  title: string;
  tagline: string;
  /** Shows only the people of these roles. */
  roles: readonly string[];
  /** Begins the work of the person. Its errors are shown. */
  onSignedIn(actor: SessionActor): Promise<void>;
  children?: ComponentChildren;
}

function People({ roles, onChoose }: { roles: readonly string[]; onChoose(token: string): void }) {
  const t = signInTexts.value;
  const people = ways.value!.people.filter(({ role }) => roles.includes(role));
  if (people.length === 0) return null;
  return (
    <section class="card list" aria-label={t.people}>
      <div class="list-head">
        <h2>{t.people}</h2>
        <p class="muted">{t.peopleHint}</p>
      </div>
      <ul>
        {people.map((person) => (
          <li key={person.token}>
            <button type="button" class="row-button" onClick={() => onChoose(person.token)}>
              <Icon name="person" />
              <span>
                {person.name}
                <small>{activityOf(person)}</small>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function TokenForm({ isBusy, onToken }: { isBusy: boolean; onToken(token: string): void }) {
  const t = signInTexts.value;
  const token = useSignal('');
  const submit = (event: Event): void => {
    event.preventDefault();
    onToken(token.value.trim());
  };
  return (
    <form class="card stack" onSubmit={submit}>
      <label class="field">
        <span>{t.tokenLabel}</span>
        <input
          name="token"
          type="password"
          autocomplete="current-password"
          required
          value={token.value}
          aria-describedby="token-hint"
          onInput={(event) => {
            token.value = event.currentTarget.value;
          }}
        />
        <span id="token-hint" class="hint">
          {t.tokenHint}
        </span>
      </label>
      <button type="submit" class="button primary wide" disabled={isBusy}>
        {t.signIn}
      </button>
    </form>
  );
}

/** Reads the ways to sign in, again when the network is back. */
function useWays(problem: { value: string | null }): void {
  useEffect(() => {
    const read = (): void => {
      if (ways.value !== null) return;
      readSession().then(
        () => {
          problem.value = null;
        },
        (error: unknown) => {
          problem.value = reasonOf(error);
        },
      );
    };
    read();
    window.addEventListener('online', read);
    return () => window.removeEventListener('online', read);
  }, []);
}

export function SignIn({ title, tagline, roles, onSignedIn, children }: SignInProps) {
  const problem = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  useWays(problem);
  const open = async (token: string): Promise<void> => {
    isBusy.value = true;
    problem.value = null;
    try {
      const actor = await signIn(token);
      if (actor !== null) await onSignedIn(actor);
    } catch (error) {
      problem.value = reasonOf(error);
    } finally {
      isBusy.value = false;
    }
  };
  const t = signInTexts.value;
  const offered = ways.value;
  const isAnyOffered =
    offered !== null && (offered.token || offered.singleSignOn || offered.people.length > 0);
  const isNone = offered !== null && tablet.value === null && !isAnyOffered;
  const enrolment = enrolmentProblem.value;
  const enrolmentText = enrolment === null ? null : (t.enrolment[enrolment] ?? t.failed(enrolment));
  const others = offered !== null && (
    <>
      {offered.singleSignOn && (
        <a
          class="button primary sign-on"
          href={`/session/single-sign-on?returnTo=${encodeURIComponent(location.pathname)}`}
        >
          {t.singleSignOn}
        </a>
      )}
      <People roles={roles} onChoose={(token) => void open(token)} />
      {offered.token && <TokenForm isBusy={isBusy.value} onToken={(token) => void open(token)} />}
    </>
  );
  return (
    <main class="sign-in">
      <div class="brand">
        <span class="brand-mark">
          <Icon name="bag" />
        </span>
        <h1>{title}</h1>
        <p class="muted">
          {tablet.value === null ? tagline : t.tablet(tablet.value.name, tablet.value.location.name)}
        </p>
      </div>
      {children}
      <p class="problem" role="alert">
        {problem.value ?? enrolmentText ?? (isNone ? t.noWay : null)}
      </p>
      {tablet.value === null ? (
        others
      ) : (
        <>
          <TabletSignIn people={tablet.value.people} onSignedIn={onSignedIn} />
          {isAnyOffered && (
            <details class="other-ways">
              <summary>{t.otherWays}</summary>
              {others}
            </details>
          )}
        </>
      )}
      <LanguageChoice />
    </main>
  );
}
