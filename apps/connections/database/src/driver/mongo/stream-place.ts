/** A place in a stream of changes, with what its token says of the times of changes. */
import { type Document, Timestamp } from 'mongodb';
import { feedToken, placeOf } from './feed-token.ts';

export interface StreamPlace {
  /** Where the server goes on. */
  readonly from: { readonly startAtOperationTime: Timestamp } | { readonly resumeAfter: Document };
  /** Of the last change that was told up to there, or of the beginning: every change behind the place is as young. */
  readonly last: Timestamp;
  /** A read as new as this shows everything that was told by then, also of what comes behind the place. */
  readonly seen: Timestamp;
}

export function placeAt(time: Timestamp): StreamPlace {
  return { from: { startAtOperationTime: time }, last: time, seen: time };
}

export function streamToken({ from, last, seen }: StreamPlace): string {
  return feedToken('stream', { ...from, last, seen });
}

/** Undefined for what no stream gave. */
export function streamPlace(token: string): StreamPlace | undefined {
  const { last, seen, ...from } = placeOf('stream', token) ?? {};
  const isWhole = last instanceof Timestamp && seen instanceof Timestamp;
  return isWhole ? { from: from as StreamPlace['from'], last, seen } : undefined;
}

export function later(one: Timestamp, other: Timestamp | undefined): Timestamp {
  return other?.greaterThan(one) ? other : one;
}
