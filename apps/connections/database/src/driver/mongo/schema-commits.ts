/** Carries out changes of one name: reads its head, folds them into one write of it, and begins anew where another came first. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Document } from 'mongodb';
import type { SchemaRef } from '../../port/schemas.ts';
import type { Outcome } from './change-queues.ts';
import type { MongoCalls } from './mongo-calls.ts';
import { outcomeOf } from './mongo-errors.ts';
import { abortable } from './mongo-options.ts';
import type { SchemaArchive } from './schema-archive.ts';
import type { SchemaChange } from './schema-changes.ts';
import { SchemaFold, type SchemaWrite } from './schema-fold.ts';
import type { HeadFields, SchemaHead } from './schema-head.ts';
import type { SchemaHeads } from './schema-heads.ts';
import { toOldForm } from './schema-old-form.ts';
import { type ChangedReleases, changedReleases } from './schema-releases.ts';
import type { SchemaRemovals } from './schema-removals.ts';
import { timeOf, toStored } from './stored-version.ts';

export interface SchemaStores {
  readonly calls: MongoCalls;
  readonly heads: SchemaHeads;
  readonly archive: SchemaArchive;
  readonly removals: SchemaRemovals;
  /** Before a name is created. */
  readonly indexed: (signal: AbortSignal) => Promise<void>;
}

export class SchemaCommits {
  readonly #stores: SchemaStores;

  constructor(stores: SchemaStores) {
    this.#stores = stores;
  }

  /** The outcomes of the first changes, as many as went into the commit. Rejects when none did. */
  async carryOut(
    ref: SchemaRef,
    changes: readonly SchemaChange<unknown>[],
    signal: AbortSignal,
  ): Promise<Outcome[]> {
    const { calls, heads, archive } = this.#stores;
    for (let turn = 0; ; turn++) {
      const base = await calls.read(signal, (inner) => heads.find(ref, inner));
      const fold = new SchemaFold(ref, base, archive);
      const outcomes: Outcome[] = [];
      for (const change of changes) {
        if (fold.full) break;
        outcomes.push(await settled(change(fold, signal)));
      }
      const write = fold.write();
      try {
        if (!write || (await this.#commit(ref, write, signal))) return outcomes;
      } catch (error) {
        return outcomes.map(() => ({ error }));
      }
      await delay(Math.random() * Math.min(50, 2 ** turn));
    }
  }

  /** False when the head is no longer what was read. */
  async #commit(ref: SchemaRef, write: SchemaWrite, signal: AbortSignal): Promise<boolean> {
    const { calls, archive, removals, indexed } = this.#stores;
    const { base, removal } = write;
    if (base) await archive.keep(base, write.archive, signal);
    else await indexed(signal);
    if (removal) await removals.remember(removal.key, removal.head, signal);
    // A write that got lost may come through as late as it likes: it stands on the same head as its repetition.
    const done = await calls.write(
      signal,
      async (inner, again) =>
        (await this.#put(ref, write, inner)) || this.#tookPlace(ref, write, again, inner),
    );
    if (done && base && write.forget.length > 0) await archive.forget(base, write.forget, signal);
    if (!done && removal) await removals.retract(removal.key, signal);
    return done;
  }

  async #put(ref: SchemaRef, { base, next, releases }: SchemaWrite, signal: AbortSignal): Promise<boolean> {
    const heads = this.#stores.heads.of(ref.namespace);
    const options = abortable({ projection: { _id: 1 } }, signal);
    if (!base) return !next || this.#insert(ref, next, changedReleases(releases), signal);
    const filter = guard(base);
    if (!next) return (await heads.findOneAndDelete(filter, options)) !== null;
    const { shown, cs, expression } = parts(ref, next, changedReleases(releases));
    const at = { $max: ['$$NOW', '$cs.at'] };
    const change = {
      created_at: { $literal: shown.created_at },
      active_schema: { $literal: shown.active_schema },
      schemas_releases: expression,
      cs: { $mergeObjects: [{ $literal: cs }, { at }] },
    };
    return (await heads.findOneAndUpdate(filter, [{ $set: change }], options)) !== null;
  }

  async #insert(
    ref: SchemaRef,
    next: SchemaHead,
    releases: ChangedReleases,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { shown, cs } = parts(ref, next, releases);
    const document = {
      _id: next.id,
      import_name: ref.name,
      created_at: shown.created_at,
      active_schema: shown.active_schema,
      schemas_releases: releases.pushed,
      cs: { ...cs, at: new Date() },
    };
    try {
      await this.#stores.heads.of(ref.namespace).insertOne(document, abortable({}, signal));
      return true;
    } catch (error) {
      if (outcomeOf(error) !== 'DUPLICATE') throw error;
      return false;
    }
  }

  /** Whether a try of this very write, whose answer nobody saw, was the change that came first. */
  async #tookPlace(
    ref: SchemaRef,
    { base, next }: SchemaWrite,
    again: boolean,
    signal: AbortSignal,
  ): Promise<boolean> {
    const heads = this.#stores.heads.of(ref.namespace);
    if (!next) {
      const options = { projection: { _id: 1 }, signal };
      return again && base !== undefined && (await heads.findOne({ _id: base.id }, options)) === null;
    }
    const options = { projection: { 'cs.rev': 1, 'cs.commits': 1 }, signal };
    const found = await heads.findOne({ _id: next.id }, options);
    const commits: readonly unknown[] = found?.cs?.commits ?? [];
    if (commits.some((id) => next.commits.at(-1)?.equals(String(id)))) return true;
    // A head that was there and has gone took with it what it knew; one of many commits since has forgotten.
    const forgot = found ? found.cs?.rev >= next.rev + commits.length : base !== undefined;
    if (again && forgot) throw this.#stores.calls.unknown();
    return false;
  }
}

/** Nothing of the head has changed since it was read: neither by us nor by the first implementation. */
function guard({ id, rev, shownAt, releases }: SchemaHead): Document {
  return {
    _id: id,
    'cs.rev': rev > 0 ? rev : { $exists: false },
    created_at: { $eq: shownAt ?? null },
    ...(releases
      ? { schemas_releases: { $size: releases.length } }
      : { 'schemas_releases.0': { $exists: false } }),
  };
}

function parts({ namespace }: SchemaRef, next: SchemaHead, releases: ChangedReleases) {
  const shown = {
    created_at: timeOf(next.active),
    active_schema: toOldForm(next.active.document),
    releases: releases.bytes,
  };
  const cs: HeadFields = {
    ...(namespace !== 'default' && { ns: namespace }),
    rev: next.rev,
    last: next.lastVersion,
    count: next.versions,
    gone: next.gone,
    active: toStored(next.active),
    tail: next.tail.map(toStored),
    answers: next.answers,
    commits: next.commits,
    shown,
  };
  return { shown, cs, expression: releases.expression };
}

async function settled(answer: Promise<unknown>): Promise<Outcome> {
  try {
    return { answer: await answer };
  } catch (error) {
    return { error };
  }
}
