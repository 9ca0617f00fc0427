// The server's time, by a device whose clock may be wrong: each answer has a Date header, and some a more exact time.

import { computed, signal } from '@preact/signals';

const STORED_AS = 'comptoir-clock';
const TICK_MS = 10_000;
/** A Date header has whole seconds, and an answer takes a moment. */
const HEADER_MS = 2_000;
/** What timers and the processor's clock differ by. */
const JUMP_MS = 5_000;
/** A clock that is wrong by less is nobody's concern. */
const WRONG_MS = 120_000;

/** Milliseconds by which the server's clock is ahead of this device's. */
export const clockOffset = signal(Number(localStorage.getItem(STORED_AS)) || 0);
/** The difference between the device's clock and the time since the page began, when the offset was measured; null: never. */
let measuredAt: number | null = null;
const sinceBegin = (): number => Date.now() - performance.now();

const deviceNow = signal(Date.now());
setInterval(() => {
  deviceNow.value = Date.now();
}, TICK_MS);

/** The server's time, as far as it is known. */
export const now = computed(() => deviceNow.value + clockOffset.value);
/** Milliseconds by which the device's clock is wrong, positive when it is slow; 0 when nobody would notice. */
export const clockError = computed(() => (Math.abs(clockOffset.value) < WRONG_MS ? 0 : clockOffset.value));

/** Whether the offset was measured with the clock that the device has now. A clock that was set, or a device that slept, is measured anew. */
export const isClockMeasured = (): boolean =>
  measuredAt !== null && Math.abs(sinceBegin() - measuredAt) < JUMP_MS;

/** Takes the server's time, exact to so many milliseconds. */
export function noteServerTime(serverMs: number, exactMs = HEADER_MS): void {
  if (Number.isNaN(serverMs)) return;
  const measured = serverMs - Date.now();
  if (!isClockMeasured() || Math.abs(measured - clockOffset.value) > exactMs) {
    clockOffset.value = measured;
    localStorage.setItem(STORED_AS, String(measured));
  }
  measuredAt = sinceBegin();
  deviceNow.value = Date.now();
}
