// A number of units by two large buttons.

import type { Signal } from '@preact/signals';

interface StepperProps {
  legend: string;
  value: Signal<number>;
  most: number;
}

/** A number of units from 1 to `most`. */
export function Stepper({ legend, value, most }: StepperProps) {
  const step = (by: number): void => {
    value.value = Math.min(most, Math.max(1, value.value + by));
  };
  return (
    <fieldset class="stepper">
      <legend>{legend}</legend>
      <button
        type="button"
        class="icon-button"
        aria-label="−1"
        disabled={value.value <= 1}
        onClick={() => step(-1)}
      >
        −
      </button>
      <output>{value.value}</output>
      <button
        type="button"
        class="icon-button"
        aria-label="+1"
        disabled={value.value >= most}
        onClick={() => step(1)}
      >
        +
      </button>
    </fieldset>
  );
}
