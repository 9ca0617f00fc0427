// Leads scans to the screen that is open.

import { useEffect } from 'preact/hooks';
import { takesScan } from '../state';

export function useScans(onScan: (code: string) => Promise<void>): void {
  useEffect(() => {
    takesScan.value = (code) => void onScan(code);
    return () => {
      takesScan.value = null;
    };
  }, [onScan]);
}
