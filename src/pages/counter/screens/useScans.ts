// Leads scans to the screen that is open.

import { useLayoutEffect } from 'preact/hooks';
import { takesScan } from '../state';

/** Takes scans from the moment in which the screen is drawn: no scan falls between two screens. */
export function useScans(onScan: (code: string) => Promise<void>): void {
  useLayoutEffect(() => {
    takesScan.value = (code) => void onScan(code);
    return () => {
      takesScan.value = null;
    };
  }, [onScan]);
}
