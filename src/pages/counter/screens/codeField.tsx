// A field for codes and numbers.

import { useSignal } from '@preact/signals';

interface CodeFieldProps {
  label: string;
  button: string;
  onCode(code: string): void;
}

/** A field for a code that is typed, or scanned while it has the focus. */
export function CodeField({ label, button, onCode }: CodeFieldProps) {
  const code = useSignal('');
  return (
    <form
      class="scan-field"
      onSubmit={(event) => {
        event.preventDefault();
        if (code.value.trim() !== '') onCode(code.value);
        code.value = '';
      }}
    >
      <input
        aria-label={label}
        placeholder={label}
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        enterkeyhint="done"
        value={code.value}
        onInput={(event) => {
          code.value = event.currentTarget.value;
        }}
      />
      <button type="submit" class="button">
        {button}
      </button>
    </form>
  );
}
