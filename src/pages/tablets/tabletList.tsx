// The tablets of a shop: a new one, the state of each, and its revocation.

import { useSignal } from '@preact/signals';
import { Dialog } from '../foundation/dialog';
import { newKey } from '../foundation/key';
import { timeText } from '../foundation/language';
import { attempt, problem } from '../foundation/person';
import { EnrolmentDialog } from './enrolment';
import { texts } from './messages';
import { api, devices, refresh, shop, type TabletEntry } from './state';

function stateOf({ enrolledAt, usedAt, codeExpiresAt }: TabletEntry): string {
  const t = texts.value;
  if (enrolledAt === null) return t.waits(timeText(codeExpiresAt, Date.now()));
  return usedAt === null ? t.neverUsed : t.usedAt(timeText(usedAt, Date.now()));
}

function NewTablet({ onMade }: { onMade(device: TabletEntry, code: string | null): void }) {
  const t = texts.value;
  const name = useSignal('');
  // The same key until it has succeeded: a second tap makes no second tablet.
  const key = useSignal(newKey());
  const create = (event: Event): void => {
    event.preventDefault();
    void attempt(async () => {
      const input = { idempotencyKey: key.value, location: shop.value!.code, name: name.value.trim() };
      const { createDevice } = await api.send('createDevice', { input });
      key.value = newKey();
      if (createDevice?.__typename !== 'CreateDeviceSuccess') {
        problem.value = createDevice?.message ?? null;
        return;
      }
      name.value = '';
      onMade(createDevice.device, createDevice.code);
      await refresh();
    });
  };
  return (
    <form class="row-form" onSubmit={create}>
      <label class="field">
        <span>{t.tabletName}</span>
        <input
          required
          maxLength={100}
          value={name.value}
          aria-describedby="tablet-hint"
          onInput={(event) => {
            name.value = event.currentTarget.value;
          }}
        />
        <span id="tablet-hint" class="hint">
          {t.tabletNameHint}
        </span>
      </label>
      <button type="submit" class="button primary">
        {t.create}
      </button>
    </form>
  );
}

function RevokeDialog({ device, onClose }: { device: TabletEntry; onClose(): void }) {
  const t = texts.value;
  const key = useSignal(newKey());
  const revoke = (): void => {
    void attempt(async () => {
      const input = { idempotencyKey: key.value, device: device.id };
      const { revokeDevice } = await api.send('revokeDevice', { input });
      if (revokeDevice?.__typename !== 'RevokeDeviceSuccess') problem.value = revokeDevice?.message ?? null;
      await refresh();
      onClose();
    });
  };
  return (
    <Dialog title={t.revoke} closeLabel={t.close} onClose={onClose}>
      <p>{t.revokeSure(device.name)}</p>
      <button type="button" class="button wide" onClick={onClose}>
        {t.cancel}
      </button>
      <button type="button" class="button primary bad wide" onClick={revoke}>
        {t.revoke}
      </button>
    </Dialog>
  );
}

export function TabletList() {
  const t = texts.value;
  const made = useSignal<{ device: TabletEntry; code: string | null } | null>(null);
  const revoked = useSignal<TabletEntry | null>(null);
  return (
    <section class="card stack" aria-label={t.tablets}>
      <h2>{t.tablets}</h2>
      {devices.value.length === 0 && <p class="muted">{t.noTablets}</p>}
      <ul class="rows">
        {devices.value.map((device) => (
          <li key={device.id}>
            <span>
              {device.name}
              <small>{stateOf(device)}</small>
            </span>
            <button
              type="button"
              class="button small quiet danger"
              aria-label={t.revokeOf(device.name)}
              onClick={() => {
                revoked.value = device;
              }}
            >
              {t.revoke}
            </button>
          </li>
        ))}
      </ul>
      <NewTablet
        onMade={(device, code) => {
          made.value = { device, code };
        }}
      />
      {made.value !== null && (
        <EnrolmentDialog
          {...made.value}
          onClose={() => {
            made.value = null;
            void attempt(refresh);
          }}
        />
      )}
      {revoked.value !== null && (
        <RevokeDialog
          device={revoked.value}
          onClose={() => {
            revoked.value = null;
          }}
        />
      )}
    </section>
  );
}
