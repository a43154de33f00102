/** How full the embedded stores of a service are. */
import type { Metrics } from './metrics.ts';

export interface StoreSpace {
  readonly usedBytes: number;
  readonly limitBytes: number;
}

export interface MeasuredStore {
  /** Its name, for people. */
  readonly driver: string;
  /** Cheap. Throws once the store is closed. */
  space(): StoreSpace;
}

export function collectStores(metrics: Metrics, stores: readonly MeasuredStore[]): void {
  metrics.collect((report) => {
    for (const { driver, space } of stores) {
      const { usedBytes, limitBytes } = space();
      report('storeUsedBytes', { driver }, usedBytes);
      report('storeLimitBytes', { driver }, limitBytes);
    }
  });
}
