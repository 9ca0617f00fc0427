// The dialog that shows the QR code of a new tablet until it is enrolled.

import { generate } from 'lean-qr';
import { toSvgPath } from 'lean-qr/extras/svg';
import { useEffect } from 'preact/hooks';
import { Dialog } from '../foundation/dialog';
import { timeText } from '../foundation/language';
import { texts } from './messages';
import { devices, refresh, type TabletEntry } from './state';

const POLL_MS = 3_000;
/** Light modules around the code, which readers need. */
const QUIET = 4;

function QrCode({ text, label }: { text: string; label: string }) {
  const code = generate(text);
  const size = code.size + 2 * QUIET;
  return (
    <svg class="qr" viewBox={`${-QUIET} ${-QUIET} ${size} ${size}`} role="img" aria-label={label}>
      <rect x={-QUIET} y={-QUIET} width={size} height={size} fill="#fff" />
      <path d={toSvgPath(code)} fill="#000" />
    </svg>
  );
}

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
