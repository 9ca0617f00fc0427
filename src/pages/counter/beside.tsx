// Loads the screens beside the queue once the queue is shown.

import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { texts } from './messages';
import { connection, route } from './state';

const screens = signal<typeof import('./screens/screens') | null>(null);

/** Loads the screens; without a network the service worker has them. A later call tries again. */
export async function loadScreens(): Promise<void> {
  try {
    screens.value ??= await import('./screens/screens');
  } catch {
    // Beside shows that, and a later call tries again.
  }
}

export function Beside() {
  const t = texts.value;
  const isOffline = connection.value === 'OFFLINE';
  useEffect(() => {
    if (!isOffline) void loadScreens();
  }, [isOffline]);
  if (screens.value !== null) return <screens.value.Screen route={route.value} />;
  return (
    <section class="order-panel empty" aria-label={t.loading}>
      <p class="muted">{isOffline ? t.screenOffline : t.loading}</p>
    </section>
  );
}
