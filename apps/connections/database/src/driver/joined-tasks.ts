/** The task port of a ledger and a view, and what an operator should know while one of them is away. */
import type { Clock, Log, Metrics } from '@connections/runtime';
import { boundsFor } from '../dual-store/dual-bounds.ts';
import { DualTasks } from '../dual-store/dual-tasks.ts';
import { Guard } from '../dual-store/guard.ts';
import { GuardedLedger } from '../dual-store/guarded-ledger.ts';
import { GuardedView } from '../dual-store/guarded-view.ts';
import { homecoming } from '../dual-store/homecoming.ts';
import { systemPace } from '../dual-store/pace.ts';
import type { TaskLedger } from '../port/task-ledger.ts';
import type { TaskView } from '../port/task-view.ts';
import { dualLog } from './dual-log.ts';
import { collectDual, dualCounters } from './dual-metrics.ts';

export interface JoinedTasksOptions {
  readonly ledger: TaskLedger;
  readonly view: TaskView;
  readonly clock: Clock;
  /** How long the view keeps a task of this status. */
  readonly ttlMs: (status: string) => number;
  /** How long the ledger is waited for before it is taken for away. */
  readonly waitMs: number;
  readonly metrics: Metrics;
  /** @default nothing is written */
  readonly log?: Log | undefined;
}

export interface JoinedTasks extends AsyncDisposable {
  /** Repairs the view and brings buffers home until disposed of. */
  readonly port: DualTasks;
  concerns(): readonly string[];
}

/** Disposing of it leaves both stores open. */
export function joinTasks(options: JoinedTasksOptions): JoinedTasks {
  const { ledger, view, clock, ttlMs, waitMs, metrics, log } = options;
  const count = dualCounters(metrics);
  const tell = log && dualLog({ log, clock });
  const pace = systemPace(clock);
  const bounds = boundsFor(waitMs);
  const port = new DualTasks({
    ledger: new GuardedLedger(ledger, new Guard(pace), bounds),
    view: new GuardedView(view, new Guard(pace), bounds),
    pace,
    bounds,
    ttlMs,
    decide: homecoming,
    note: (event) => {
      count(event);
      tell?.(event);
    },
  });
  collectDual(metrics, port, clock);
  return {
    port,
    concerns: () => concernsOf(port),
    [Symbol.asyncDispose]: () => port[Symbol.asyncDispose](),
  };
}

/** Asked after a ping that one of them answered. */
function concernsOf({ silent, waiting }: DualTasks): string[] {
  if (silent.ledger) {
    return [
      'MongoDB does not answer: writes are buffered on Redis where the caller allows it, reads may be older, lists are partial; start it',
    ];
  }
  if (silent.view)
    return ['Redis does not answer: MongoDB answers for it, and nothing can be buffered; start it'];
  if (waiting.count > 0)
    return ['writes that were buffered on Redis are not all on MongoDB yet: lists are partial'];
  return [];
}
