/** The operations that drivers of stores are measured by, on our port and on the vendor's driver. */

export const cacheOps = ['cache get', 'cache set', 'cache get of 100', 'cache set of 100'] as const;
export type CacheOp = (typeof cacheOps)[number];
/** The namespace of plain strings, and one of those that we keep with an index. */
export const cacheNamespaces = ['default', 'bench'] as const;

export type StoreCall =
  | { readonly op: CacheOp; readonly namespace: string }
  | { readonly op: 'task patch' | 'task patches of 64' | 'schema get' };

/** Tasks that go together on the vendor's driver: as many as are in flight on the port. */
export const togetherCount = 64;

/** The driver that ours stands on, sending the same commands; our port; the port with a budget for each call. */
export type StoreWay = 'bare' | 'port' | 'budgeted';

export interface StoreDriver {
  /** `index` tells one call from another. */
  perform(call: StoreCall, index: number): Promise<unknown>;
}

export type StoreQuestion =
  | { readonly ask: 'open'; readonly redis: string; readonly mongo: string }
  | {
      readonly ask: 'run';
      readonly on: StoreWay;
      readonly call: StoreCall;
      readonly inFlight: number;
      readonly runMs: number;
    };
