/** What an operator should read about tasks on two stores, in the log: of each kind at most one line a minute. */
import type { Clock, Log } from '@connections/runtime';
import type { DualEvent } from '../dual-store/dual-stores.ts';

const everyMs = 60_000;

const messages: Partial<Record<DualEvent, string>> = {
  conflict:
    'buffered writes did not fit onto what is on MongoDB: `connections conflicts list` has them until you decide',
  'history-lost':
    'MongoDB no longer knows what changed since the view on Redis was repaired last: the view was emptied',
  'checkpoint-moved':
    'the view on Redis knows of other changes than were written to it last: Redis fell back to an older image, or another ' +
    'process repaired it too; it is repaired from what it knows',
  unsafe:
    'writes were not buffered: Redis might drop them; set maxmemory-policy noeviction, and let the user read INFO',
  diverged: 'the view on Redis still had a state of a task that MongoDB had no more',
};

export interface DualLogOptions {
  readonly log: Log;
  readonly clock: Clock;
}

/** A line at the first of a kind, and after a minute one for all that followed it. */
export function dualLog({ log, clock }: DualLogOptions): (event: DualEvent) => void {
  /** How many since the last line of the kind, for a minute after it. */
  const held = new Map<DualEvent, number>();
  const write = (event: DualEvent, message: string, count: number): void => {
    log.warn({ service: 'database', port: 'tasks', count }, message);
    held.set(event, 0);
    clock.after(everyMs, () => {
      const more = held.get(event) ?? 0;
      held.delete(event);
      if (more > 0) write(event, message, more);
    });
  };
  return (event) => {
    const message = messages[event];
    if (message === undefined) return;
    const count = held.get(event);
    if (count === undefined) write(event, message, 1);
    else held.set(event, count + 1);
  };
}
