// Keyboard-wedge scanners: they type the characters of a code very fast, and end with Enter.

/** Scanners over Bluetooth make pauses of up to 50 ms; after a longer one than this another code begins. */
const MAX_PAUSE_MS = 500;
const MIN_CHARACTERS = 4;
/** FNC1 between the data of a GS1 code: ASCII 29, which scanners type as Ctrl and ]. */
const SEPARATOR = '\u001d';

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement ||
  target instanceof HTMLTextAreaElement ||
  target instanceof HTMLSelectElement;

/** Calls `onScan` with each scanned code, unless the focus is in a field, which then receives it. The result ends that. */
export function listenForScans(onScan: (code: string) => void): () => void {
  let code = '';
  let lastAt = 0;
  const onKey = (event: KeyboardEvent): void => {
    const isSeparator = event.ctrlKey && event.key === ']';
    if (isField(event.target) || (event.ctrlKey && !isSeparator) || event.altKey || event.metaKey) return;
    const isPaused = event.timeStamp - lastAt > MAX_PAUSE_MS;
    lastAt = event.timeStamp;
    if (event.key === 'Enter') {
      const scanned = isPaused ? '' : code;
      code = '';
      if (scanned.length < MIN_CHARACTERS) return;
      // Else the focused button would be pressed by the scanner.
      event.preventDefault();
      event.stopPropagation();
      onScan(scanned);
    } else if (event.key.length === 1) {
      const character = isSeparator ? SEPARATOR : event.key;
      code = isPaused ? character : code + character;
    }
  };
  window.addEventListener('keydown', onKey, { capture: true });
  return () => window.removeEventListener('keydown', onKey, { capture: true });
}
