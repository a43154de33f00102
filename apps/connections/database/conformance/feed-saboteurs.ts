/** For each clause of the task feed a driver that breaks it. */
import { type Saboteur, type Saboteurs, sabotaged } from '@connections/testing';
import type { FeedBatch, TaskChange, TaskFeed } from '../src/port/task-feed.ts';
import type { FollowedTasks } from './feed-acts.ts';

type Changes = Extract<FeedBatch, { readonly outcome: 'CHANGES' }>;
type Open = TaskFeed['open'];

function opening(change: (open: Open) => Open): Saboteur<FollowedTasks> {
  return (port) => {
    const feed: TaskFeed = { open: change((after, signal) => port.feed.open(after, signal)) };
    return sabotaged(port, { feed });
  };
}

/** `change` is made anew for each opening; it leaves a batch out by returning nothing. */
function telling(change: () => (batch: Changes) => Changes | undefined): Saboteur<FollowedTasks> {
  return opening(
    (open) =>
      async function* (...call) {
        const changed = change();
        for await (const batch of open(...call)) {
          const told = batch.outcome === 'CHANGES' ? changed(batch) : batch;
          if (told) yield told;
        }
      },
  );
}

function each(change: (changes: readonly TaskChange[]) => readonly TaskChange[]): Saboteur<FollowedTasks> {
  return telling(() => (batch) => ({ ...batch, changes: change(batch.changes) }));
}

export const feedSaboteurs: Saboteurs<FollowedTasks> = {
  'TF-101': telling(() => (batch) => ({ ...batch, token: '' })),
  'TF-102': each((changes) =>
    changes.map((change) => ({ ...change, task: change.task && { ...change.task, message: '' } })),
  ),
  'TF-103': (port) => {
    let first: TaskChange | undefined;
    return each((changes) => {
      first ??= changes[0];
      return first && changes.length > 0 ? [first, ...changes] : changes;
    })(port);
  },
  'TF-104': each((changes) =>
    changes.map((change) => (change.task ? change : { ...change, incarnation: '' })),
  ),
  // Keeps removals back until the next life has begun.
  'TF-105': telling(() => {
    let kept: readonly TaskChange[] = [];
    return (batch) => {
      const all = [...kept, ...batch.changes];
      const living = batch.changes.filter(({ task }) => task);
      const late = ({ ref, incarnation, task }: TaskChange) =>
        !task && living.some((each) => each.ref.id === ref.id && each.incarnation !== incarnation);
      kept = all.filter((change) => !change.task && !late(change));
      return { ...batch, changes: [...living, ...all.filter(late)] };
    };
  }),
  'TF-106': each((changes) =>
    changes.map((change) => ({ ...change, ref: { ...change.ref, category: 'validation' } })),
  ),
  'TF-201': opening((open) => (_, signal) => open(undefined, signal)),
  // Gives the token of the batch that comes next.
  'TF-202': (port) => {
    let ahead = 0;
    return opening(
      (open) =>
        async function* (after, signal) {
          const skipped = after === undefined ? 0 : ++ahead;
          let met = 0;
          for await (const batch of open(after, signal)) {
            if (batch.outcome !== 'CHANGES' || batch.changes.length === 0 || ++met > skipped) yield batch;
            else yield { ...batch, changes: [] };
          }
        },
    )(port);
  },
  'TF-203': telling(() => (batch) => (batch.changes.length > 0 ? batch : { ...batch, token: 'idle' })),
  'TF-204': (port) => {
    const taken = new Set<string>();
    const isFirst = ({ incarnation, task }: TaskChange) => {
      const key = `${incarnation}.${task?.revision}`;
      const is = !taken.has(key);
      taken.add(key);
      return is;
    };
    return each((changes) => changes.filter(isFirst))(port);
  },
  // Its tokens are of this process.
  'TF-205': (port) => {
    const given = new Set<string>();
    return opening(
      (open) =>
        async function* (after, signal) {
          if (after !== undefined && !given.has(after)) {
            yield { outcome: 'HISTORY_LOST', reason: 'unknown' };
            return;
          }
          for await (const batch of open(after, signal)) {
            if (batch.outcome === 'CHANGES') given.add(batch.token);
            yield batch;
          }
        },
    )(port);
  },
  // Begins now instead.
  'TF-301': opening(
    (open) =>
      async function* (after, signal) {
        for await (const batch of open(after, signal)) {
          if (batch.outcome === 'HISTORY_LOST') yield* open(undefined, signal);
          else yield batch;
        }
      },
  ),
  'TF-401': opening(
    (open) =>
      async function* (after, signal) {
        try {
          yield* open(after, signal);
        } catch {
          // It ends as if there were nothing more.
        }
      },
  ),
  // Has room for few.
  'TF-402': each((changes) => changes.slice(0, 8)),
};
