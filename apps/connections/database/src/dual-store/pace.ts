/** Time, chance and waiting as the protocol sees them, so that a test can hold every one of them in its hand. */
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { type Clock, type Ending, systemClock } from '@connections/runtime';
import { LimitedWaits } from './limited-waits.ts';

export interface Pace {
  /** Epoch milliseconds. */
  now(): number;
  /** At least 0, below 1. */
  random(): number;
  /** Differs from every other one, of any process. */
  id(): string;
  /** Resolves after `ms`, or as soon as the signal aborts. */
  pause(ms: number, signal: Ending): Promise<void>;
  /** What the work resolves with; undefined when that takes longer than `ms`. The work goes on. Rejects as the work does. */
  atMost<T>(ms: number, work: Promise<T>): Promise<T | undefined>;
}

export function systemPace(clock: Clock = systemClock): Pace {
  const waits = new LimitedWaits(clock);
  return {
    now: () => clock.now(),
    random: () => Math.random(),
    id: () => randomUUID(),
    pause: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const end = () => {
          timer[Symbol.dispose]();
          signal.removeEventListener('abort', end);
          resolve();
        };
        const timer = clock.after(ms, end);
        // Hundreds of samples wait for the same one.
        if (signal instanceof AbortSignal) setMaxListeners(0, signal);
        signal.addEventListener('abort', end);
      }),
    atMost: (ms, work) => waits.atMost(ms, work),
  };
}
