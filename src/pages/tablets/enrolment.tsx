// The dialog that shows the QR code of a new tablet until it is enrolled.

import { useEffect } from 'preact/hooks';
import { Dialog } from '../foundation/dialog';
import { timeText } from '../foundation/language';
import { QrCode } from '../foundation/qrCode';
import { texts } from './messages';
import { devices, refresh, type TabletEntry } from './state';

const POLL_MS = 3_000;
interface EnrolmentDialogProps {
  device: TabletEntry;
  code: string | null;
  onClose(): void;
}

export function EnrolmentDialog({ device, code, onClose }: EnrolmentDialogProps) {
  const t = texts.value;
  const isEnrolled = devices.value.some(({ id, enrolledAt }) => id === device.id && enrolledAt !== null);
  useEffect(() => {
    if (isEnrolled) return;
    const timer = setInterval(() => void refresh(true).catch(() => {}), POLL_MS);
    return () => clearInterval(timer);
  }, [isEnrolled]);
  const address = `${location.origin}/counter#enrol=${code}`;
  return (
    <Dialog title={device.name} closeLabel={t.close} onClose={onClose}>
      {isEnrolled ? (
        <p class="strong" role="status">
          {t.enrolled}
        </p>
      ) : code === null ? (
        <p class="problem">{t.lost}</p>
      ) : (
        <>
          <p>{t.scan}</p>
          <QrCode text={address} label={t.scan} />
          <p class="muted">{t.orType}</p>
          <p class="address">{address}</p>
          <p class="muted">{t.codeUntil(timeText(device.codeExpiresAt, Date.now()))}</p>
          <button type="button" class="button wide no-print" onClick={() => window.print()}>
            {t.print}
          </button>
        </>
      )}
    </Dialog>
  );
}
