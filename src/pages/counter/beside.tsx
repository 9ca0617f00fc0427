// Loads the screens beside the queue, and the handover, once the queue is shown.

import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { texts } from './messages';
import { connection, route } from './state';

type Screens = typeof import('./screens/screens');

const screens = signal<Screens | null>(null);

/** Loads the screens; without a network the service worker has them. A later call tries again. */
export async function loadScreens(): Promise<void> {
  try {
    screens.value ??= await import('./screens/screens');
  } catch {
    // What needs them shows that, and a later call tries again.
  }
}

/** Draws with the screens, or what stands for them until they are loaded. */
export function WithScreens({ draw }: { draw(loaded: Screens): ComponentChildren }) {
  const isOffline = connection.value === 'OFFLINE';
  useEffect(() => {
    if (!isOffline) void loadScreens();
  }, [isOffline]);
  if (screens.value !== null) return draw(screens.value);
  return <p class="muted">{isOffline ? texts.value.screenOffline : texts.value.loading}</p>;
}

/** What stands beside the queue when it is no order. */
export const Beside = () =>
  screens.value === null ? (
    <section class="order-panel empty" aria-label={texts.value.loading}>
      <WithScreens draw={() => null} />
    </section>
  ) : (
    <screens.value.Screen route={route.value} />
  );
