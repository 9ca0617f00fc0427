// Signing in on a shared tablet: the name, the PIN, and a PIN of one's own in place of a start PIN.

import { useSignal } from '@preact/signals';
import { Icon } from './icon';
import { PinPad } from './pinPad';
import { readSession, type SessionActor, SignInRefused, signInWithPin, type TabletPerson } from './session';
import { pinProblem, signInTexts } from './signInTexts';

interface TabletSignInProps {
  people: readonly TabletPerson[];
  onSignedIn(actor: SessionActor): Promise<void>;
}

/** What is entered now: the PIN; the own one in place of the start PIN; the own one once more. */
type Step =
  | { kind: 'PIN' }
  | { kind: 'NEW'; start: string }
  | { kind: 'REPEAT'; start: string; chosen: string };

function TeamList({
  people,
  onChoose,
}: {
  people: readonly TabletPerson[];
  onChoose(one: TabletPerson): void;
}) {
  const t = signInTexts.value;
  return (
    <section class="card list" aria-label={t.team}>
      <div class="list-head">
        <h2>{t.team}</h2>
        <p class="muted">{people.length === 0 ? t.noTeam : t.teamHint}</p>
      </div>
      <ul>
        {people.map((person) => (
          <li key={person.id}>
            <button type="button" class="row-button" onClick={() => onChoose(person)}>
              <Icon name={person.pin === 'OPEN' ? 'person' : 'warning'} />
              <span>
                {person.name}
                {person.pin === 'NONE' && <small>{t.noPin}</small>}
                {person.pin === 'LOCKED' && <small>{t.lockedPin}</small>}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function PinEntry({
  person,
  onSignedIn,
}: {
  person: TabletPerson;
  onSignedIn: TabletSignInProps['onSignedIn'];
}) {
  const t = signInTexts.value;
  const step = useSignal<Step>({ kind: 'PIN' });
  const problem = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const send = async (pin: string, newPin?: string): Promise<void> => {
    isBusy.value = true;
    problem.value = null;
    try {
      const actor = await signInWithPin(person.id, pin, newPin);
      if (actor !== null) await onSignedIn(actor);
    } catch (error) {
      const isStart = error instanceof SignInRefused && error.code === 'NEW_PIN_NEEDED';
      if (isStart) step.value = { kind: 'NEW', start: pin };
      else problem.value = pinProblem(error);
      if (newPin !== undefined) step.value = { kind: 'NEW', start: pin };
      if (error instanceof SignInRefused && error.code === 'DEVICE_UNKNOWN') await readSession();
    } finally {
      isBusy.value = false;
    }
  };
  const enter = (pin: string): void => {
    const now = step.value;
    problem.value = null;
    if (now.kind === 'PIN') void send(pin);
    else if (now.kind === 'NEW') step.value = { kind: 'REPEAT', start: now.start, chosen: pin };
    else if (now.chosen === pin) void send(now.start, pin);
    else {
      problem.value = t.notRepeated;
      step.value = { kind: 'NEW', start: now.start };
    }
  };
  const labels = { PIN: t.pin, NEW: t.newPin, REPEAT: t.repeatPin };
  const { kind } = step.value;
  return (
    <PinPad
      key={kind}
      label={labels[kind]}
      hint={kind === 'NEW' ? t.newPinHint : undefined}
      problem={problem.value}
      isBusy={isBusy.value}
      onEnter={enter}
    />
  );
}

export function TabletSignIn({ people, onSignedIn }: TabletSignInProps) {
  const t = signInTexts.value;
  const chosen = useSignal<TabletPerson | null>(null);
  const person = chosen.value;
  const leave = (): void => {
    chosen.value = null;
    // A PIN may have been locked, unlocked or given in the meantime.
    readSession().catch(() => {});
  };
  if (person === null) {
    return (
      <TeamList
        people={people}
        onChoose={(one) => {
          chosen.value = one;
        }}
      />
    );
  }
  return (
    <section
      class="card stack"
      aria-label={person.name}
      onKeyDown={({ key }) => {
        if (key === 'Escape') leave();
      }}
    >
      <h2>{person.name}</h2>
      <PinEntry person={person} onSignedIn={onSignedIn} />
      <button type="button" class="button quiet" onClick={leave}>
        <Icon name="back" />
        {t.otherPerson}
      </button>
    </section>
  );
}
