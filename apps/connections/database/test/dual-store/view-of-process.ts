/** The modelled view as one process of ours sees it: over a link that loses and delays. */
import type { TaskRecord } from '../../src/port/task-operation.ts';
import type {
  Append,
  AppendOutcome,
  DirtyKeys,
  LeaseOutcome,
  TailStep,
  TaskView,
  ViewTail,
  WholeEntry,
} from '../../src/port/task-view.ts';
import type { TaskRef } from '../../src/port/tasks.ts';
import { away, type ModelledLink } from './modelled-link.ts';
import { type ModelledView, partitions } from './modelled-view.ts';
import type { World } from './world.ts';

export class ViewOfProcess implements TaskView {
  readonly tail: ViewTail;
  readonly #world: World;
  readonly #view: ModelledView;
  readonly #link: ModelledLink;

  constructor(world: World, view: ModelledView, link: ModelledLink) {
    this.#world = world;
    this.#view = view;
    this.#link = link;
    this.tail = {
      partitions,
      partitionOf: (ref) => view.partitionOf(ref),
      claim: (partition, holder, forMs) =>
        this.#change(
          () => `claim ${partition}`,
          () => view.claim(partition, holder, forMs),
        ),
      advance: (partition, step: TailStep) =>
        this.#change(
          () => `advance ${partition} ${JSON.stringify(step)}`,
          () => view.advance(partition, step),
        ),
    };
  }

  get reachable(): boolean {
    return this.#link.reachable;
  }

  read(ref: TaskRef): Promise<WholeEntry | undefined> {
    return this.#link.send({ name: () => `read ${ref.id}`, run: () => this.#view.read(ref), changes: false });
  }

  readWhole(ref: TaskRef): Promise<WholeEntry | undefined> {
    return this.read(ref);
  }

  lease(ref: TaskRef, forMs: number): Promise<LeaseOutcome> {
    return this.#change(
      () => `lease ${ref.id}`,
      () => this.#view.lease(ref, forMs),
    );
  }

  fill(ref: TaskRef, lease: string, record: TaskRecord): Promise<boolean> {
    return this.#change(
      () => `fill ${ref.id}`,
      () => this.#view.fill(ref, lease, record),
    );
  }

  tell(ref: TaskRef, record: TaskRecord | undefined): Promise<void> {
    return this.#change(
      () => `tell ${ref.id}`,
      () => this.#view.tell(ref, record),
    );
  }

  append(ref: TaskRef, append: Append): Promise<AppendOutcome> {
    const deadline = this.#world.now + append.withinMs;
    const run = () => this.#view.append(ref, append, deadline);
    return this.#link.send({
      name: () => `append ${ref.id} ${JSON.stringify(append)}`,
      run,
      changes: true,
      deadline,
    });
  }

  drop(ref: TaskRef, mark: string): Promise<boolean> {
    return this.#change(
      () => `drop ${ref.id}`,
      () => this.#view.drop(ref, mark),
    );
  }

  dirty(limit: number): Promise<DirtyKeys> {
    return this.#link.send({ name: () => 'dirty', run: () => this.#view.dirty(limit), changes: false });
  }

  list(): Promise<never> {
    return Promise.reject(new Error('the model lists nothing'));
  }

  async ping(): Promise<void> {
    if (!this.#link.isUp) throw away();
  }

  #change<T>(name: () => string, run: () => T): Promise<T> {
    return this.#link.send({ name, run, changes: true });
  }
}
