// The counter: sign-in, choice of the shop, then the queue beside the open order.

import { useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { clockError } from '../foundation/clock';
import { Icon } from '../foundation/icon';
import { durationText, language } from '../foundation/language';
import { isSignedIn } from '../foundation/session';
import { Arrivals } from './arrivals';
import { Beside, loadScreens } from './beside';
import { startFlushing } from './commands';
import { Header } from './header';
import { texts } from './messages';
import { OrderPanel } from './orderPanel';
import { restorePerson } from './people';
import { Queue } from './queue';
import { useQueueScans } from './scans';
import { ShopChoice } from './shopChoice';
import { SignIn } from './signIn';
import { isBeside, notice, openNumber, openView, person, route, shop } from './state';
import { startSync } from './sync';

const MINUTE_MS = 60_000;

function Notice() {
  if (notice.value === null) return null;
  return (
    <div class="notice" role="alert">
      <p>{notice.value}</p>
      <button
        type="button"
        class="button small"
        onClick={() => {
          notice.value = null;
        }}
      >
        {texts.value.dismiss}
      </button>
    </div>
  );
}

/** A clock that is wrong: times are corrected by the server's, and somebody should set it. */
function ClockMark() {
  if (clockError.value === 0) return null;
  const t = texts.value;
  const error = durationText(Math.round(clockError.value / MINUTE_MS));
  return (
    <p class="clock-mark" role="status">
      <Icon name="clock" />
      {clockError.value > 0 ? t.clockSlow(error) : t.clockFast(error)}
    </p>
  );
}

/** What stands beside the queue. */
function Panel() {
  if (isBeside(route.value)) return <Beside />;
  if (openView.value !== null) return <OrderPanel key={openView.value.order.id} view={openView.value} />;
  const t = texts.value;
  return (
    <section class="order-panel empty" aria-label={t.choose}>
      <p class="strong">{openNumber.value === null ? t.choose : t.noSuchOrder(openNumber.value)}</p>
      <p class="muted">{t.chooseHint}</p>
    </section>
  );
}

function Workspace({ code }: { code: string }) {
  useEffect(() => startSync(code), [code]);
  useEffect(startFlushing, []);
  useEffect(() => void loadScreens(), []);
  useQueueScans();
  const isOpen = route.value.screen !== 'QUEUE';
  return (
    <div class={isOpen ? 'workspace has-order' : 'workspace'}>
      <Header />
      <Arrivals />
      <Notice />
      <ClockMark />
      <main>
        <Queue />
        <Panel />
      </main>
    </div>
  );
}

export function App() {
  useSignalEffect(() => {
    document.documentElement.lang = language.value;
    document.title = `${texts.value.title}${shop.value === null ? '' : ` · ${shop.value.name}`}`;
  });
  useEffect(() => void restorePerson(), []);
  // Nothing is shown until it is known who is signed in, so that the sign-in page does not flash up.
  if (isSignedIn.value === null) return null;
  if (!isSignedIn.value || person.value === null) return <SignIn />;
  return shop.value === null ? <ShopChoice /> : <Workspace code={shop.value.code} />;
}
