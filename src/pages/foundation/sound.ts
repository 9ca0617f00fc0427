// Short tones without files: browsers play them only after a person has touched the page.

import { signal } from '@preact/signals';

const STORED_AS = 'comptoir-sound';
const GAIN = 0.12;

/** Whether tones are wanted; off until they are switched on. */
export const isSoundOn = signal(localStorage.getItem(STORED_AS) === 'on');

let audio: AudioContext | null = null;

/** Hertz and milliseconds of each tone. */
const TONES = {
  right: [[880, 70]],
  wrong: [
    [220, 160],
    [180, 220],
  ],
  arrival: [
    [660, 160],
    [880, 160],
    [660, 160],
    [880, 260],
  ],
} as const;

export function playTone(name: keyof typeof TONES): void {
  if (!isSoundOn.value) return;
  audio ??= new AudioContext();
  let at = audio.currentTime;
  for (const [hertz, ms] of TONES[name]) {
    const [oscillator, gain] = [audio.createOscillator(), audio.createGain()];
    oscillator.frequency.value = hertz;
    gain.gain.value = GAIN;
    oscillator.connect(gain).connect(audio.destination);
    oscillator.start(at);
    at += ms / 1_000;
    oscillator.stop(at);
  }
}

export function switchSound(): void {
  isSoundOn.value = !isSoundOn.value;
  localStorage.setItem(STORED_AS, isSoundOn.value ? 'on' : 'off');
  playTone('right');
}
