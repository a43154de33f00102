/** The operations that RabbitMQ is measured by, and the ways to it. */
import type { LoopResult } from './closed-loop.ts';

/**
 * `amqplib` alone; the driver's port; the service's handlers with our client in front and no gRPC between, in one process;
 * the publisher that goes past the service; the service as its clients have it.
 */
export type RabbitWay = 'bare' | 'port' | 'handlers' | 'direct' | 'gRPC';

/** Of every message. */
export const rabbitBodyBytes = 1_000;
/** What a subscriber has unsettled at most, on every way. */
export const rabbitPrefetch = 256;
/** As the service declares one: quorum, with a delivery limit and dead letters at least once. */
export const rabbitQueue = 'bench';

export type RabbitQuestion =
  | { readonly ask: 'open'; readonly broker: string; readonly messaging: string }
  /** So many messages in a batch and so many batches in flight; each batch waits for its confirms. */
  | {
      readonly ask: 'publish';
      readonly way: RabbitWay;
      readonly batch: number;
      readonly inFlight: number;
      readonly runMs: number;
    }
  /** Fills the queue first, which is not measured; each message is acknowledged for itself. */
  | { readonly ask: 'consume'; readonly way: RabbitWay; readonly count: number }
  /** Messages at a steady rate, each for itself, to a subscriber on the same way. */
  | { readonly ask: 'latency'; readonly way: RabbitWay; readonly perSecond: number; readonly count: number };

/** From when a message was due to be published until its subscriber had it, in milliseconds. */
export interface LatencyResult {
  readonly p50: number;
  readonly p99: number;
}

export type RabbitAnswer = LoopResult | LatencyResult | undefined;

/** A client of the broker on one way. */
export interface RabbitClient {
  /** Resolves when all of them are confirmed; rejects when one is not. */
  publish(bodies: readonly Buffer[]): Promise<unknown>;
  /** Acknowledges each; resolves when `count` of them are settled and the subscription is closed. */
  consume(count: number, onBody: (body: Uint8Array) => void): Promise<void>;
}
