/** A view of plain maps: what Redis with our scripts has to be. It falls back to an older image of itself, and evicts. */
import type { BufferedOperation, TaskRecord } from '../../src/port/task-operation.ts';
import type {
  Append,
  AppendOutcome,
  DirtyKeys,
  LeaseOutcome,
  TailStep,
  WholeEntry,
} from '../../src/port/task-view.ts';
import type { TaskRef } from '../../src/port/tasks.ts';
import type { Mutation } from './mutants.ts';
import { type Asked, shapeAfter, shapeOf } from './told.ts';
import type { World } from './world.ts';

interface Lease {
  readonly id: string;
  readonly until: number;
}

interface Claim {
  readonly holder: string;
  readonly until: number;
}

/** Entries are never changed in place, so that an image is a copy of maps. */
interface Image {
  readonly entries: Map<string, WholeEntry>;
  readonly leases: Map<string, Lease>;
  readonly checkpoints: Map<number, string>;
  readonly claims: Map<number, Claim>;
}

export const partitions = 2;

export class ModelledView {
  readonly #world: World;
  readonly #mutation: Mutation;
  readonly #mostOperations: number;
  /** What a rule forbids and was done all the same. */
  broken: string | undefined;
  #now: Image = { entries: new Map(), leases: new Map(), checkpoints: new Map(), claims: new Map() };
  #saved: Image;
  readonly #refs = new Map<string, TaskRef>();

  constructor(world: World, mutation: Mutation, mostOperations = Number.POSITIVE_INFINITY) {
    this.#mostOperations = mostOperations;
    this.#world = world;
    this.#mutation = mutation;
    this.#saved = copy(this.#now);
  }

  get entries(): ReadonlyMap<string, WholeEntry> {
    return this.#now.entries;
  }

  checkpoint(partition: number): string | undefined {
    return this.#now.checkpoints.get(partition);
  }

  save(): void {
    this.#saved = copy(this.#now);
  }

  fallBack(): void {
    const { checkpoints } = this.#now;
    this.#now = copy(this.#saved);
    if (this.#mutation.checkpointOutside) this.#now = { ...this.#now, checkpoints };
  }

  /** Of a `volatile` policy, or its time to live: what has no buffer. */
  evict(id: string): void {
    const entry = this.#now.entries.get(id);
    if (entry?.buffered && !this.#mutation.evictBuffered) return;
    this.#forget(id);
  }

  partitionOf({ id }: TaskRef): number {
    return id.charCodeAt(0) % partitions;
  }

  read({ id }: TaskRef): WholeEntry | undefined {
    return this.#now.entries.get(id);
  }

  lease(ref: TaskRef, forMs: number): LeaseOutcome {
    const checkpoint = this.checkpoint(this.partitionOf(ref));
    const held = this.#now.leases.get(ref.id);
    if (this.#now.entries.has(ref.id) || checkpoint === undefined) return { outcome: 'DENIED' };
    if (held && held.until > this.#world.now) return { outcome: 'HELD' };
    const lease = this.#world.id();
    this.#now.leases.set(ref.id, { id: lease, until: this.#world.now + forMs });
    return { outcome: 'GRANTED', lease, checkpoint };
  }

  fill({ id }: TaskRef, lease: string, record: TaskRecord): boolean {
    const held = this.#now.leases.get(id);
    const holds = held?.id === lease && held.until > this.#world.now;
    const mayNot = this.#mutation.fillWithoutLease ? this.#now.entries.get(id)?.buffered : !holds;
    if (mayNot) return false;
    this.#now.entries.set(id, entryOf(record));
    this.#now.leases.delete(id);
    return true;
  }

  tell({ id }: TaskRef, record: TaskRecord | undefined): void {
    this.#now.leases.delete(id);
    const entry = this.#now.entries.get(id);
    if (entry?.buffered && !this.#mutation.tellReplacesBuffered) return;
    if (!entry) {
      if (this.#mutation.tellInserts && record) this.#now.entries.set(id, entryOf(record));
      return;
    }
    if (!record || entry.base?.incarnation !== record.task.incarnation) this.#now.entries.delete(id);
    else if (record.task.revision > entry.base.revision || this.#mutation.tellReplacesBlindly) {
      this.#now.entries.set(id, entryOf(record));
    }
  }

  append(ref: TaskRef, { on, operation, task }: Append, deadline: number): AppendOutcome {
    if (this.#world.now > deadline && !this.#mutation.lateAppends) return 'LATE';
    const entry = this.#now.entries.get(ref.id);
    if (!this.#mutation.appendBlindly && !isSame(entry, on)) return 'CHANGED';
    if (shapeOf(task) !== shapeAfter(shapeOf(entry?.task), askedBy(operation))) {
      this.broken = 'a buffered entry does not show its operations';
    }
    this.#now.leases.delete(ref.id);
    const base = entry?.base;
    const operations = [...(entry?.operations ?? []), operation];
    if (operations.length > this.#mostOperations) this.broken = 'I9 a buffer outgrew its bound';
    this.#now.entries.set(ref.id, { base, task, buffered: true, ring: entry?.ring ?? [], operations });
    this.#refs.set(ref.id, ref);
    return 'APPENDED';
  }

  drop({ id }: TaskRef, mark: string): boolean {
    const entry = this.#now.entries.get(id);
    if (!entry?.buffered) return true;
    if (lastMark(entry.operations) !== mark && !this.#mutation.dropBlindly) return false;
    this.#forget(id);
    return true;
  }

  dirty(limit: number): DirtyKeys {
    const waiting = [...this.#now.entries].filter(([, { buffered }]) => buffered).map(([id]) => id);
    const refs = waiting.flatMap((id) => this.#refs.get(id) ?? []).slice(0, limit);
    return { count: waiting.length, bytes: 0, oldestAt: undefined, refs };
  }

  claim(partition: number, holder: string, forMs: number) {
    const { claims } = this.#now;
    const claim = claims.get(partition);
    const held = !claim || claim.holder === holder || claim.until < this.#world.now;
    if (held) claims.set(partition, { holder, until: this.#world.now + forMs });
    return { held, checkpoint: this.checkpoint(partition) };
  }

  advance(partition: number, { from, to, event, forget }: TailStep): boolean {
    if (this.checkpoint(partition) !== from && !this.#mutation.advanceBlindly) return false;
    this.#now.checkpoints.set(partition, to);
    if (forget && !this.#mutation.keepHistoryLost) this.#forgetAll(partition);
    if (event) {
      const { id } = event.ref;
      if (!this.#mutation.eventKeepsLease) this.#now.leases.delete(id);
      const entry = this.#now.entries.get(id);
      const isKnown =
        entry?.base !== undefined &&
        entry.base.incarnation === event.stamp?.incarnation &&
        entry.base.revision >= event.stamp.revision;
      if (entry && !entry.buffered && !(isKnown && !event.foreign)) this.#now.entries.delete(id);
    }
    return true;
  }

  #forget(id: string): void {
    this.#now.entries.delete(id);
    this.#now.leases.delete(id);
  }

  #forgetAll(partition: number): void {
    for (const [id, { buffered }] of this.#now.entries) {
      if (id.charCodeAt(0) % partitions === partition && !buffered) this.#now.entries.delete(id);
    }
    for (const id of this.#now.leases.keys()) {
      if (id.charCodeAt(0) % partitions === partition) this.#now.leases.delete(id);
    }
  }
}

function askedBy({ operation }: BufferedOperation): Asked {
  const { kind, requestId: number } = operation;
  const state = kind === 'put' ? operation.state : undefined;
  const status = kind === 'patch' ? operation.patch.status : state?.status;
  return { number, kind, status: status ?? '', plain: state?.data.size === 0 };
}

function copy({ entries, leases, checkpoints, claims }: Image): Image {
  return {
    entries: new Map(entries),
    leases: new Map(leases),
    checkpoints: new Map(checkpoints),
    claims: new Map(claims),
  };
}

function entryOf({ task, ring }: TaskRecord): WholeEntry {
  const { incarnation, revision } = task;
  return { base: { incarnation, revision }, task, buffered: false, ring, operations: [] };
}

function lastMark(operations: readonly BufferedOperation[]): string | undefined {
  return operations.at(-1)?.mark;
}

function isSame(entry: WholeEntry | undefined, on: Append['on']): boolean {
  if (!entry || !on) return !entry && !on;
  return (
    entry.base?.incarnation === on.stamp?.incarnation &&
    entry.base?.revision === on.stamp?.revision &&
    lastMark(entry.operations) === on.mark
  );
}
