// What an import run is of, and its states, as they are stored.

export type ImportedKind = 'sales' | 'counts' | 'catalogue' | 'locations';

export type RunStatus = 'READING' | 'APPLYING' | 'DONE' | 'FAILED';
