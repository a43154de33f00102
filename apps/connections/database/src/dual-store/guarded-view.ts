/** The view behind its guard: a store that is frozen costs each call little, and soon nothing. */
import type { Ending } from '@connections/runtime';
import type { TaskRecord } from '../port/task-operation.ts';
import type {
  Append,
  AppendOutcome,
  DirtyKeys,
  LeaseOutcome,
  TailStep,
  TaskView,
  ViewEntry,
  ViewTail,
  WholeEntry,
} from '../port/task-view.ts';
import type { Task, TaskQuery, TaskRef } from '../port/tasks.ts';
import type { DualBounds } from './dual-bounds.ts';
import type { Guard } from './guard.ts';

export class GuardedView implements TaskView {
  readonly tail: ViewTail;
  readonly #view: TaskView;
  readonly #guard: Guard;
  readonly #bounds: DualBounds;

  constructor(view: TaskView, guard: Guard, bounds: DualBounds) {
    this.#view = view;
    this.#guard = guard;
    this.#bounds = bounds;
    const { tail } = view;
    this.tail = {
      partitions: tail.partitions,
      partitionOf: (ref) => tail.partitionOf(ref),
      claim: (partition, holder, forMs, signal) =>
        this.#repair(() => tail.claim(partition, holder, forMs, signal)),
      advance: (partition, step: TailStep, signal) =>
        this.#repair(() => tail.advance(partition, step, signal)),
    };
  }

  get reachable(): boolean {
    return this.#view.reachable && this.#guard.allows;
  }

  read(ref: TaskRef, signal: Ending): Promise<ViewEntry | undefined> {
    return this.#look(() => this.#view.read(ref, signal));
  }

  readWhole(ref: TaskRef, signal: Ending): Promise<WholeEntry | undefined> {
    return this.#look(() => this.#view.readWhole(ref, signal));
  }

  lease(ref: TaskRef, forMs: number, signal: Ending): Promise<LeaseOutcome> {
    return this.#change(() => this.#view.lease(ref, forMs, signal));
  }

  fill(ref: TaskRef, lease: string, record: TaskRecord, ttlMs: number, signal: Ending): Promise<boolean> {
    return this.#change(() => this.#view.fill(ref, lease, record, ttlMs, signal));
  }

  tell(ref: TaskRef, record: TaskRecord | undefined, ttlMs: number, signal: Ending): Promise<void> {
    return this.#change(() => this.#view.tell(ref, record, ttlMs, signal));
  }

  /** Given up only when it can do nothing any more: what is answered before might still happen. */
  append(ref: TaskRef, append: Append, signal: Ending): Promise<AppendOutcome> {
    const withinMs = append.withinMs + this.#bounds.viewMs;
    return this.#guard.call(() => this.#view.append(ref, append, signal), { withinMs, changes: true });
  }

  drop(ref: TaskRef, mark: string, signal: Ending): Promise<boolean> {
    return this.#change(() => this.#view.drop(ref, mark, signal));
  }

  dirty(limit: number, signal: Ending): Promise<DirtyKeys> {
    return this.#scan(() => this.#view.dirty(limit, signal));
  }

  list(
    query: TaskQuery,
    page: { readonly after: string | undefined; readonly limit: number; readonly maxBytes: number },
    signal: Ending,
  ): Promise<{ readonly tasks: readonly Task[]; readonly next: string | undefined }> {
    return this.#scan(() => this.#view.list(query, page, signal));
  }

  ping(signal: Ending): Promise<void> {
    return this.#look(() => this.#view.ping(signal));
  }

  #look<T>(work: () => Promise<T>): Promise<T> {
    return this.#guard.call(work, { withinMs: this.#bounds.viewMs, changes: false });
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    return this.#guard.call(work, { withinMs: this.#bounds.viewMs, changes: true });
  }

  /** Many at once, and no caller waits for them: a process that is busy for a moment is no view that is away. */
  #repair<T>(work: () => Promise<T>): Promise<T> {
    return this.#guard.call(work, { withinMs: this.#bounds.pollMs, changes: true });
  }

  /** Through many entries. */
  #scan<T>(work: () => Promise<T>): Promise<T> {
    return this.#guard.call(work, { withinMs: this.#bounds.scanMs, changes: false });
  }
}
