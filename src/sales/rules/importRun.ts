// What an import run is of, its states, and what it has done so far, as they are stored.

import type { LineCounts } from './outcome';

export type ImportedKind = 'sales' | 'counts' | 'catalogue' | 'locations' | 'customers' | 'contacts';

export type RunStatus = 'READING' | 'APPLYING' | 'DONE' | 'FAILED';

/** How far a run is. */
export interface ImportProgress extends LineCounts {
  id: number;
  status: RunStatus;
  /** Last line of the file that is staged or rejected; reading goes on after it. */
  linesRead: number;
  recordsRead: number;
  rejected: number;
  firstDay: string | null;
  lastDay: string | null;
  startedAt: Date;
}
