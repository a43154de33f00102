/** Tasks as the first implementation left them in its fast store: looked at, and never changed. */
import type { Ending } from '../domain/call-ending.ts';

export interface LegacyKeys {
  /** Whatever has the form of a task's key, task or not, a few hundred; some come again, here or on another page. */
  readonly keys: readonly string[];
  /** Undefined on the last page. A page may be empty and still have a successor. */
  readonly next: string | undefined;
}

export type LegacyHash =
  | { readonly outcome: 'FOUND'; readonly fields: ReadonlyMap<string, string> }
  /** Expired since its key was seen. */
  | { readonly outcome: 'GONE' }
  /** It has more bytes than it may. */
  | { readonly outcome: 'LARGE' }
  | { readonly outcome: 'UNREADABLE'; readonly problem: string };

/** Rejects as the cache port does. */
export interface LegacyTasks {
  /** Every key that is there from the first page to the last is on one of them. LEGACY_SCAN_LOST where that cannot be kept. */
  page(after: string | undefined, signal: Ending): Promise<LegacyKeys>;
  read(key: string, maxBytes: number, signal: Ending): Promise<LegacyHash>;
}
