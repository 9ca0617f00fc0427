// The sign-in page: a pasted token.

import { useSignal } from '@preact/signals';
import { ApiProblem } from '../foundation/api';
import { Icon } from '../foundation/icon';
import { SignInRefused } from '../foundation/session';
import { LanguageChoice } from './languageChoice';
import { texts } from './messages';
import { signInWithToken } from './people';
import { outbox } from './state';

function reasonOf(error: unknown): string {
  if (error instanceof SignInRefused) return texts.value.signInFailed;
  if (error instanceof TypeError || error instanceof ApiProblem) return texts.value.offlineSignIn;
  return (error as Error).message;
}

export function SignIn() {
  const token = useSignal('');
  const problem = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    isBusy.value = true;
    problem.value = null;
    try {
      await signInWithToken(token.value.trim());
    } catch (error) {
      problem.value = reasonOf(error);
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <main class="sign-in">
      <div class="brand">
        <span class="brand-mark">
          <Icon name="bag" />
        </span>
        <h1>{texts.value.title}</h1>
        <p class="muted">{texts.value.tagline}</p>
      </div>
      {outbox.value.length > 0 && <p class="unconfirmed">{texts.value.signedOut}</p>}
      <form class="card stack" onSubmit={(event) => void submit(event)}>
        <label class="field">
          <span>{texts.value.tokenLabel}</span>
          <input
            name="token"
            type="password"
            autocomplete="current-password"
            autofocus
            required
            value={token.value}
            aria-describedby="token-hint"
            onInput={(event) => {
              token.value = event.currentTarget.value;
            }}
          />
          <span id="token-hint" class="hint">
            {texts.value.tokenHint}
          </span>
        </label>
        <p class="problem" role="alert">
          {problem.value}
        </p>
        <button type="submit" class="button primary wide" disabled={isBusy.value}>
          {texts.value.signIn}
        </button>
      </form>
      <LanguageChoice />
    </main>
  );
}
