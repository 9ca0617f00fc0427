// Fields of the dialogs. What was typed into them is kept until it is sent, see `draft`.

import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';

interface FieldProps {
  label: string;
  value: Signal<string>;
  hint?: string;
}

export const TextField = ({ label, value, hint }: FieldProps) => (
  <label class="field">
    <span>{label}</span>
    <input
      required
      maxLength={200}
      value={value.value}
      placeholder={hint}
      onInput={(event) => {
        value.value = event.currentTarget.value;
      }}
    />
  </label>
);

interface SelectFieldProps extends FieldProps {
  options: readonly (readonly [value: string, label: string])[];
}

export const SelectField = ({ label, value, options }: SelectFieldProps) => (
  <label class="field">
    <span>{label}</span>
    <select
      value={value.value}
      onChange={(event) => {
        value.value = event.currentTarget.value;
      }}
    >
      {options.map(([one, text]) => (
        <option key={one} value={one}>
          {text}
        </option>
      ))}
    </select>
  </label>
);

interface CheckFieldProps {
  value: Signal<string>;
  children: ComponentChildren;
}

/** A box that is ticked when its text is not empty. */
export const CheckField = ({ value, children }: CheckFieldProps) => (
  <label class="choice">
    <input
      type="checkbox"
      checked={value.value !== ''}
      onChange={(event) => {
        value.value = event.currentTarget.checked ? 'yes' : '';
      }}
    />
    <span>{children}</span>
  </label>
);
