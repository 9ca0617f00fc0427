// Icons as paths of 24 × 24 points, drawn with the colour of the text around them.

const PATHS = {
  close: 'M6 6l12 12M18 6L6 18',
  back: 'M15 5l-7 7 7 7',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  clock: 'M12 7v5l3.5 2M12 21a9 9 0 100-18 9 9 0 000 18z',
  truck:
    'M3 7h11v9H3zM14 10h4l3 3v3h-7zM7 19a1.8 1.8 0 100-3.6A1.8 1.8 0 007 19zM17.5 19a1.8 1.8 0 100-3.6 1.8 1.8 0 000 3.6z',
  person: 'M12 12a4 4 0 100-8 4 4 0 000 8zM4.5 20.5c.8-4 3.7-6 7.5-6s6.7 2 7.5 6',
  bell: 'M6 16.5h12l-1.5-2.5v-4a4.5 4.5 0 00-9 0v4zM10 19.5a2.2 2.2 0 004 0',
  bellOff: 'M6 16.5h12l-1.5-2.5v-4a4.5 4.5 0 00-9 0v4zM10 19.5a2.2 2.2 0 004 0M4 4l16 16',
  scan: 'M4 8V5a1 1 0 011-1h3M16 4h3a1 1 0 011 1v3M20 16v3a1 1 0 01-1 1h-3M8 20H5a1 1 0 01-1-1v-3M8 8v8M12 8v8M16 8v8',
  minus: 'M5 12h14',
  warning: 'M12 4L2.8 20h18.4zM12 10v4.5M12 17.3v.2',
  box: 'M4 8l8-4 8 4v8.5l-8 4-8-4zM4 8l8 4 8-4M12 12v8.5',
  bag: 'M5 8h14l1 12.5H4zM8.5 10.5V7a3.5 3.5 0 017 0v3.5',
  sync: 'M19.5 9A8 8 0 005 8.5M4.5 4.5v4h4M4.5 15A8 8 0 0019 15.5M19.5 19.5v-4h-4',
  offline: 'M3 3l18 18M8.5 15.5a5 5 0 017 0M5.5 12.5a9.5 9.5 0 014-2.3M18.5 12.5a9.5 9.5 0 00-3-2M12 19.5v.2',
  out: 'M14 4H6a1 1 0 00-1 1v14a1 1 0 001 1h8M10 12h10M16.5 8.5L20 12l-3.5 3.5',
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d={PATHS[name]} />
  </svg>
);
