/** What the two sides of a subscription say to each other. */
import type { Window } from '../domain/delivery-ledger.ts';
import type { Delivery } from '../port/broker.ts';

export interface OpenFrame {
  readonly kind: 'open';
  readonly namespace: string;
  readonly queue: string;
  /** Zero for the default. */
  readonly credit: Window;
  readonly leaseMs: number | undefined;
}

export type ClientFrame =
  | OpenFrame
  | { readonly kind: 'ack'; readonly ids: readonly string[] }
  /** `counts`: seen and failed, as opposed to not processed. */
  | { readonly kind: 'nack'; readonly ids: readonly string[]; readonly counts: boolean }
  | { readonly kind: 'reject'; readonly ids: readonly string[]; readonly reason: string }
  | { readonly kind: 'extend'; readonly ids: readonly string[]; readonly leaseMs: number | undefined }
  | { readonly kind: 'credit'; readonly credit: Window }
  | { readonly kind: 'drain' };

export type ServerFrame =
  | { readonly kind: 'opened'; readonly session: string; readonly window: Window; readonly leaseMs: number }
  | {
      readonly kind: 'delivery';
      readonly id: string;
      readonly delivery: Delivery;
      /** Epoch milliseconds. */
      readonly leaseUntil: number;
    }
  | { readonly kind: 'settled'; readonly ids: readonly string[]; readonly result: 'OK' | 'STALE' }
  | { readonly kind: 'lost'; readonly ids: readonly string[]; readonly why: 'LEASE_EXPIRED' | 'BROKER_LOST' }
  | { readonly kind: 'draining'; readonly graceMs: number };
