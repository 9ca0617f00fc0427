// The counter: sign-in, choice of the shop, then the queue beside the open order.

import { useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { language } from '../foundation/language';
import { isSignedIn } from '../foundation/session';
import { Arrivals } from './arrivals';
import { startFlushing } from './commands';
import { Header } from './header';
import { texts } from './messages';
import { OrderPanel } from './orderPanel';
import { restorePerson } from './people';
import { Queue } from './queue';
import { useQueueScans } from './scans';
import { ShopChoice } from './shopChoice';
import { SignIn } from './signIn';
import { notice, openNumber, openView, person, shop } from './state';
import { startSync } from './sync';

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

function Workspace({ code }: { code: string }) {
  useEffect(() => startSync(code), [code]);
  useEffect(startFlushing, []);
  useQueueScans();
  const isOpen = openNumber.value !== null;
  return (
    <div class={isOpen ? 'workspace has-order' : 'workspace'}>
      <Header />
      <Arrivals />
      <Notice />
      <main>
        <Queue />
        {openView.value === null ? (
          <section class="order-panel empty" aria-label={texts.value.choose}>
            <p class="strong">{isOpen ? texts.value.noSuchOrder(openNumber.value!) : texts.value.choose}</p>
            <p class="muted">{texts.value.chooseHint}</p>
          </section>
        ) : (
          <OrderPanel key={openView.value.order.id} view={openView.value} />
        )}
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
