/** The task port on two stores: the ledger commits, the view answers and, while the ledger is away, buffers. */
import { CallEnding, type Ending } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import type { TaskAdoption } from '../port/task-adoption.ts';
import type { TaskConflicts } from '../port/task-conflicts.ts';
import type { TaskOperation } from '../port/task-operation.ts';
import type { DirtyKeys } from '../port/task-view.ts';
import type {
  ReadOptions,
  Source,
  TaskPage,
  TaskPatch,
  TaskQuery,
  TaskRead,
  TaskRef,
  TaskRemoved,
  TaskState,
  Tasks,
  TaskWritten,
  Transition,
  WriteOptions,
} from '../port/tasks.ts';
import { Adoption } from './adoption.ts';
import { BufferedWrite } from './buffered-write.ts';
import { CommittedWrite, type Written } from './committed-write.ts';
import { DivergenceSampler, type SampleTally } from './divergence-sampler.ts';
import { Drainer } from './drainer.ts';
import type { DualStores } from './dual-stores.ts';
import { KeyDrain } from './key-drain.ts';
import { LeasedFill } from './leased-fill.ts';
import { ListPath } from './list-path.ts';
import { ReadPath } from './read-path.ts';
import { Tailer } from './tailer.ts';

export class DualTasks implements Tasks {
  readonly capabilities = { durable: true };
  readonly conflicts: TaskConflicts;
  readonly adoption: TaskAdoption;
  readonly #stores: DualStores;
  readonly #writes: CommittedWrite;
  readonly #reads: ReadPath;
  readonly #lists: ListPath;
  readonly #drainer: Drainer;
  readonly #tailer: Tailer;
  readonly #sampler: DivergenceSampler;
  readonly #stop = new CallEnding();
  readonly #loops: readonly Promise<void>[];
  #silent: { readonly ledger: boolean; readonly view: boolean } = { ledger: false, view: false };

  /** All that is buffered, as the last look found it. */
  get waiting(): Omit<DirtyKeys, 'refs'> {
    return this.#drainer.waiting;
  }

  /** Since when the view may lack something of what this process repairs; undefined while others repair all of it. */
  get currentAt(): number | undefined {
    return this.#tailer.currentAt;
  }

  get samples(): readonly Readonly<SampleTally>[] {
    return this.#sampler.tallies;
  }

  /** Which of the stores did not answer the last ping. */
  get silent(): { readonly ledger: boolean; readonly view: boolean } {
    return this.#silent;
  }

  /** Repairs the view and brings buffers home until disposed of. */
  constructor(stores: DualStores) {
    this.#stores = stores;
    const drainer = new Drainer(stores, new KeyDrain(stores));
    this.#drainer = drainer;
    this.#writes = new CommittedWrite(stores, new BufferedWrite(stores, drainer), drainer);
    this.#reads = new ReadPath(stores, new LeasedFill(stores), drainer);
    this.#lists = new ListPath(stores, drainer);
    this.conflicts = stores.ledger.conflicts;
    this.adoption = new Adoption(stores);
    this.#tailer = new Tailer(stores);
    this.#sampler = new DivergenceSampler(stores, this.#stop);
    const expiry = stores.ledger.removeExpired?.(() => this.#mayRemove(), this.#stop);
    this.#loops = [this.#tailer.run(this.#stop), drainer.run(this.#stop), expiry ?? Promise.resolve()];
  }

  async put(
    ref: TaskRef,
    state: TaskState,
    options: WriteOptions & { readonly ifAbsent: boolean },
    signal: Ending,
  ): Promise<TaskWritten> {
    const { ifAbsent } = options;
    return writtenTask(await this.#write(ref, { kind: 'put', state, ifAbsent }, options, signal));
  }

  async patch(
    ref: TaskRef,
    patch: TaskPatch,
    options: WriteOptions & { readonly expectedRevision: number | undefined },
    signal: Ending,
  ): Promise<TaskWritten> {
    const { expectedRevision } = options;
    const operation = { kind: 'patch', patch, expectedRevision } as const;
    return { ...writtenTask(await this.#write(ref, operation, options, signal)), created: false };
  }

  async remove(ref: TaskRef, options: WriteOptions, signal: Ending): Promise<TaskRemoved> {
    const { changed, durability, token } = await this.#write(ref, { kind: 'remove' }, options, signal);
    return { removed: changed, durability, token };
  }

  async get(ref: TaskRef, options: ReadOptions, signal: Ending): Promise<TaskRead> {
    this.#check(signal);
    return this.#reads.get(ref, options, signal);
  }

  async list(
    query: TaskQuery,
    page: { readonly after: string | undefined; readonly limit: number; readonly maxBytes: number },
    signal: Ending,
  ): Promise<TaskPage> {
    this.#check(signal);
    return this.#lists.list(query, page, signal);
  }

  async transitions(
    ref: TaskRef,
    signal: Ending,
  ): Promise<{ readonly transitions: readonly Transition[]; readonly source: Source } | undefined> {
    this.#check(signal);
    if (this.#drainer.isDirty) await this.#drainer.meet(ref, signal);
    const transitions = await this.#stores.ledger.transitions(ref, signal);
    return transitions && { transitions, source: 'AUTHORITY' };
  }

  /** One store is enough to serve. */
  async ping(signal: Ending): Promise<void> {
    this.#check(signal);
    const { view, ledger } = this.#stores;
    const [first, second] = await Promise.allSettled([ledger.ping(signal), view.ping(signal)]);
    const isSilent = { ledger: first.status === 'rejected', view: second.status === 'rejected' };
    if (!signal.aborted) this.#silent = isSilent;
    if (first.status === 'rejected' && second.status === 'rejected') throw first.reason;
  }

  /** The stores stay open: other ports may share them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the task store is closed'));
    await Promise.all(this.#loops);
  }

  async #write(
    ref: TaskRef,
    operation: WithoutRequest<TaskOperation>,
    { requestId, principal, allowBuffered }: WriteOptions,
    signal: Ending,
  ): Promise<Written> {
    this.#check(signal);
    // One of its own for a call without: a lost answer is then found by it as well.
    const asked = { requestId: requestId ?? this.#stores.pace.id(), principal };
    const written = await this.#writes.write(ref, { ...operation, ...asked }, allowBuffered, signal);
    if (written.durability === 'DURABLE') this.#sampler.written(ref);
    return written;
  }

  /** What waits to come home may be a change of what has expired. */
  #mayRemove(): boolean {
    return this.#stores.view.reachable && !this.#drainer.isDirty;
  }

  #check(signal: Ending): void {
    if (this.#stop.aborted) throw failure('CLOSED', { resource: 'task store' });
    signal.throwIfAborted();
  }
}

type WithoutRequest<Operation> = Operation extends unknown
  ? Omit<Operation, 'requestId' | 'principal'>
  : never;

function writtenTask({ task, changed, durability, token }: Written): TaskWritten {
  if (!task) throw new Error('a put or a patch left no task');
  return { task, created: changed, durability, token };
}
