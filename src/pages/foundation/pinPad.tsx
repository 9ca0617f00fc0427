// A pad of digits for a PIN: large keys for a thumb, and the keys of a keyboard.

import { useSignal } from '@preact/signals';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from './icon';
import { signInTexts } from './signInTexts';

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];
const LONGEST = 12;

interface PinPadProps {
  label: string;
  hint?: string;
  problem: string | null;
  isBusy: boolean;
  onEnter(pin: string): void;
}

/** Render it with another key for each thing that is entered. */
export function PinPad({ label, hint, problem, isBusy, onEnter }: PinPadProps) {
  const t = signInTexts.value;
  const pin = useSignal('');
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  // Before anything is painted: the next digit that is typed may come at once.
  useLayoutEffect(() => field.current!.focus(), []);
  const set = (text: string): void => {
    pin.value = text.replace(/\D/g, '').slice(0, LONGEST);
  };
  const enter = (event: Event): void => {
    event.preventDefault();
    if (pin.value === '' || isBusy) return;
    onEnter(pin.value);
    set('');
    field.current!.focus();
  };
  return (
    <form class="pin-pad" onSubmit={enter}>
      <label for={id} class="strong">
        {label}
      </label>
      {hint !== undefined && <p class="hint">{hint}</p>}
      {/* No keyboard of the screen: the pad below is one. */}
      <input
        id={id}
        ref={field}
        type="password"
        inputMode="none"
        autocomplete="off"
        value={pin.value}
        onInput={(event) => {
          set(event.currentTarget.value);
          event.currentTarget.value = pin.value;
        }}
      />
      <p class="problem" role="alert">
        {problem}
      </p>
      <div class="pin-keys">
        {DIGITS.map((digit) => (
          <button type="button" class="button" key={digit} onClick={() => set(pin.value + digit)}>
            {digit}
          </button>
        ))}
        <button
          type="button"
          class="button"
          aria-label={t.erase}
          disabled={pin.value === ''}
          onClick={() => set(pin.value.slice(0, -1))}
        >
          <Icon name="back" />
        </button>
        <button type="button" class="button" onClick={() => set(`${pin.value}0`)}>
          0
        </button>
        <button
          type="submit"
          class="button primary"
          aria-label={t.enter}
          disabled={pin.value === '' || isBusy}
        >
          <Icon name="check" />
        </button>
      </div>
    </form>
  );
}
