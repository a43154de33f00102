/** What one caller does, and how its answers are compared with what is there in the end. */
import type { DatabaseClient } from '@connections/proto-utils';
import type { Answer } from './call-outcome.ts';

export type StoreName = 'redis' | 'mongo';

/** Calls one after the other. */
export interface Work {
  /** None for calls that need none. */
  readonly store: StoreName | undefined;
  readonly writes: boolean;
  /** Of a write: a new one, or the repetition of one whose outcome is unknown. */
  next(client: DatabaseClient, timeoutMs: number): Promise<Answer<unknown>>;
  /** After the last call, with every store and service there. */
  check(client: DatabaseClient): Promise<Findings>;
}

/** Writes for which a promise was broken. */
export interface Findings {
  /** Acknowledged, and not there. */
  readonly lost: readonly string[];
  /** One request id, and more than one effect. */
  readonly twice: readonly string[];
  /** Refused, and there all the same. */
  readonly untrue: readonly string[];
}

export function allFindings(parts: readonly Findings[]): Findings {
  return {
    lost: parts.flatMap(({ lost }) => lost),
    twice: parts.flatMap(({ twice }) => twice),
    untrue: parts.flatMap(({ untrue }) => untrue),
  };
}
