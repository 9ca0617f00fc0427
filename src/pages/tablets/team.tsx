// The people of a shop and the states of their PINs: start PINs, unlocking, and the manager's own PIN.

import { useSignal } from '@preact/signals';
import { Dialog } from '../foundation/dialog';
import { newKey } from '../foundation/key';
import { timeText } from '../foundation/language';
import { attempt, person, problem } from '../foundation/person';
import { choosePin, SignInRefused } from '../foundation/session';
import { pinProblem } from '../foundation/signInTexts';
import { texts } from './messages';
import { api, type PersonEntry, people, refresh } from './state';

interface GivenPin {
  name: string;
  startPin: string;
  expiresAt: string;
}

function reset({ actor, name }: PersonEntry, onGiven: (given: GivenPin) => void): void {
  void attempt(async () => {
    const { resetPin } = await api.send('resetPin', { input: { idempotencyKey: newKey(), actor } });
    if (resetPin?.__typename !== 'ResetPinSuccess') problem.value = resetPin?.message ?? null;
    else onGiven({ name, startPin: resetPin.startPin, expiresAt: resetPin.expiresAt });
    await refresh();
  });
}

function unlock({ actor }: PersonEntry): void {
  void attempt(async () => {
    const { unlockPin } = await api.send('unlockPin', { input: { idempotencyKey: newKey(), actor } });
    if (unlockPin?.__typename !== 'UnlockPinSuccess') problem.value = unlockPin?.message ?? null;
    await refresh();
  });
}

function PersonRow({ one, onGiven }: { one: PersonEntry; onGiven(given: GivenPin): void }) {
  const t = texts.value;
  const isManaged = !one.manager || person.value?.role === 'ADMIN';
  return (
    <li>
      <span>
        {one.name}
        <small class={one.pin === 'LOCKED' ? 'bad' : undefined}>{t.pin[one.pin]}</small>
        {!isManaged && one.name !== person.value?.name && <small>{t.manager}</small>}
      </span>
      {isManaged && one.pin === 'LOCKED' && (
        <button
          type="button"
          class="button small"
          aria-label={t.unlockOf(one.name)}
          onClick={() => unlock(one)}
        >
          {t.unlock}
        </button>
      )}
      {isManaged && (
        <button
          type="button"
          class="button small quiet"
          aria-label={t.resetOf(one.name)}
          onClick={() => reset(one, onGiven)}
        >
          {t.reset}
        </button>
      )}
    </li>
  );
}

export function Team() {
  const t = texts.value;
  const given = useSignal<GivenPin | null>(null);
  return (
    <section class="card stack" aria-label={t.team}>
      <h2>{t.team}</h2>
      {people.value.length === 0 && <p class="muted">{t.noTeam}</p>}
      <ul class="rows">
        {people.value.map((one) => (
          <PersonRow
            key={one.actor}
            one={one}
            onGiven={(pin) => {
              given.value = pin;
            }}
          />
        ))}
      </ul>
      {given.value !== null && (
        <Dialog
          title={t.startPin(given.value.name)}
          closeLabel={t.close}
          onClose={() => {
            given.value = null;
          }}
        >
          <p class="start-pin">{given.value.startPin}</p>
          <p class="muted">{t.startPinHint(timeText(given.value.expiresAt, Date.now()))}</p>
        </Dialog>
      )}
    </section>
  );
}

interface PinFieldProps {
  label: string;
  value: { value: string };
}

const PinField = ({ label, value }: PinFieldProps) => (
  <label class="field">
    <span>{label}</span>
    <input
      required
      type="password"
      inputMode="numeric"
      autocomplete="off"
      value={value.value}
      onInput={(event) => {
        value.value = event.currentTarget.value;
      }}
    />
  </label>
);

/** The manager's own PIN. On a tablet the present one is needed as well. */
export function OwnPin() {
  const t = texts.value;
  const current = useSignal('');
  const next = useSignal('');
  const isCurrentNeeded = useSignal(false);
  const outcome = useSignal<{ isSaved: boolean; text: string } | null>(null);
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    outcome.value = null;
    try {
      await choosePin(next.value, isCurrentNeeded.value ? current.value : undefined);
      outcome.value = { isSaved: true, text: t.saved };
      current.value = '';
      next.value = '';
      void attempt(refresh);
    } catch (error) {
      const isWrong = error instanceof SignInRefused && error.code === 'WRONG_PIN';
      if (isWrong) isCurrentNeeded.value = true;
      outcome.value = { isSaved: false, text: pinProblem(error) };
    }
  };
  return (
    <section class="card stack" aria-label={t.ownPin}>
      <h2>{t.ownPin}</h2>
      <p class="muted">{t.ownPinHint}</p>
      <form class="stack" onSubmit={(event) => void save(event)}>
        {isCurrentNeeded.value && <PinField label={t.currentPin} value={current} />}
        <PinField label={t.nextPin} value={next} />
        <p class={outcome.value?.isSaved ? 'strong' : 'problem'} role="status">
          {outcome.value?.text}
        </p>
        <button type="submit" class="button">
          {t.save}
        </button>
      </form>
    </section>
  );
}
