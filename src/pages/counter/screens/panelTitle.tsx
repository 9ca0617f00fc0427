// The head of a screen: its title, which gets the focus, and the way back on a telephone.

import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../../foundation/icon';
import { openScreen } from '../state';

interface PanelTitleProps {
  title: string;
  /** The screen behind the button, as its address. */
  back: string;
  backLabel: string;
}

export function PanelTitle({ title, back, backLabel }: PanelTitleProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <header class="panel-head">
      <button
        type="button"
        class={back === '' ? 'icon-button back' : 'icon-button'}
        aria-label={backLabel}
        onClick={() => openScreen(back)}
      >
        <Icon name="back" />
      </button>
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
    </header>
  );
}
