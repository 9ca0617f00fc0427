// A dialog that confirms one command: its fields, why it was refused, and the button that sends it.

import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { Dialog } from '../foundation/dialog';
import { texts } from './messages';

interface CommandDialogProps {
  title: string;
  confirm: string;
  /** Whether what it does is final. */
  isGrave?: boolean;
  isDisabled?: boolean;
  onClose(): void;
  /** Sends the command; the reason why it was refused, or null. */
  send(): Promise<string | null>;
  children: ComponentChildren;
}

export function CommandDialog(props: CommandDialogProps) {
  const { title, confirm, isGrave = false, isDisabled = false, onClose, send, children } = props;
  const isBusy = useSignal(false);
  const refusal = useSignal<string | null>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (isBusy.value) return;
    isBusy.value = true;
    refusal.value = await send();
    isBusy.value = false;
    if (refusal.value === null) onClose();
  };
  return (
    <Dialog title={title} closeLabel={texts.value.close} onClose={onClose}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        {children}
        <p class="problem" role="alert">
          {refusal.value}
        </p>
        <button
          type="submit"
          class={isGrave ? 'button primary bad wide' : 'button primary wide'}
          disabled={isDisabled || isBusy.value}
        >
          {confirm}
        </button>
      </form>
    </Dialog>
  );
}
