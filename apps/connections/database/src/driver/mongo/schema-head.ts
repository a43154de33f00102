/**
 * The head of a name: one document of the first implementation, which finds in it what it knows, with ours in `cs`.
 *
 * The active version lies in the head. Earlier ones lie in the archive, where a version is put before the change that
 * takes it out of the head: whoever does that puts the same, so that it needs no transaction and nothing can be torn.
 */
import type { Long, ObjectId } from 'mongodb';
import type { SchemaAnswer } from '../../domain/schema-answers.ts';
import type { SchemaHistory } from '../../domain/schema-history.ts';
import type { SchemaRecord, SchemaRef, SchemaVersion } from '../../port/schemas.ts';
import type { OldSchema } from './schema-old-form.ts';
import { type OldDocument, oldActive, oldReleases } from './schema-old-versions.ts';
import { bytesOf } from './schema-releases.ts';
import { type StoredVersion, timeOf, versionFrom } from './stored-version.ts';

/** Numbers of removed versions, from and to. */
export type Gap = readonly [number, number];

export interface SchemaHead extends SchemaHistory {
  /** Of this life of the name. */
  readonly id: ObjectId;
  /** Grows with every change of ours; 0 before the first. */
  readonly rev: number;
  readonly gone: readonly Gap[];
  readonly answers: readonly SchemaAnswer[];
  /** Ids of the newest commits, by which one whose answer was lost knows that it took place. */
  readonly commits: readonly ObjectId[];
  /** Earlier versions that the archive does not have yet, oldest first. */
  readonly tail: readonly SchemaVersion[];
  /** Bytes of each release that the first implementation finds, oldest first; undefined where it has no list of them. */
  readonly releases: readonly number[] | undefined;
  /** The time of creation that the first implementation finds. */
  readonly shownAt: unknown;
}

/** What we keep in the head. */
export interface HeadFields {
  /** In the collection of the namespaces. */
  readonly ns?: string;
  readonly rev: number;
  readonly last: number;
  readonly count: number;
  readonly gone: readonly Gap[];
  readonly active: StoredVersion;
  readonly tail: readonly StoredVersion[];
  readonly answers: readonly SchemaAnswer[];
  readonly commits: readonly ObjectId[];
  /** Copies of what the first implementation finds: where they differ it has written since. */
  readonly shown: ShownToOld;
}

interface ShownToOld {
  readonly created_at: string;
  readonly active_schema: OldSchema;
  readonly releases: readonly number[];
}

/** A number as it comes with `promoteValues: false`. */
type Stored<T> = T extends number ? number | { valueOf(): number } | Long : T;
type StoredFields = { readonly [Name in keyof HeadFields]: Stored<HeadFields[Name]> };

/** By `wholeHead`: with what the first implementation finds only where that is not what we wrote. */
export interface HeadDocument extends OldDocument {
  readonly _id: ObjectId;
  readonly import_name: string;
  readonly cs?: Omit<StoredFields, 'ns' | 'shown'> & { readonly shown: Pick<ShownToOld, 'releases'> };
}

/** By `briefHead`: of the releases only how many there are, and how many there were when we wrote last. */
export interface BriefDocument extends OldDocument {
  readonly _id: ObjectId;
  readonly import_name: string;
  readonly cs?: Pick<StoredFields, 'active' | 'last'>;
  readonly releases_now?: Stored<number>;
  readonly releases_then?: Stored<number>;
}

export function headOf(document: HeadDocument): SchemaHead {
  const { _id: id, cs } = document;
  const found = Array.isArray(document.schemas_releases) ? document.schemas_releases : undefined;
  if (cs?.rev === undefined) {
    const none = { id, rev: 0, lastVersion: 0, versions: 0, gone: [], answers: [], commits: [], tail: [] };
    return continued({ ...none, ...shownIn(document, found) }, [], document, found ?? []);
  }
  const isAsWritten = document.schemas_releases === undefined;
  const own: SchemaHead = {
    id,
    rev: Number(cs.rev),
    active: versionFrom(cs.active),
    lastVersion: Number(cs.last),
    versions: Number(cs.count),
    gone: cs.gone.map(([from, to]): Gap => [Number(from), Number(to)]),
    answers: cs.answers.map((answer) => ({ ...answer, version: Number(answer.version) })),
    commits: cs.commits,
    tail: cs.tail.map(versionFrom),
    releases: isAsWritten ? cs.shown.releases.map(Number) : found?.map(bytesOf),
    shownAt: timeOf(versionFrom(cs.active)),
  };
  if (document.active_schema === undefined) return own;
  const theirs = (found ?? []).slice(cs.shown.releases.length + 1);
  return continued({ ...own, ...shownIn(document, found) }, [...own.tail, own.active], document, theirs);
}

/** What the first implementation added goes on as versions after those that were there. */
function continued(
  head: Omit<SchemaHead, 'active'>,
  before: readonly SchemaVersion[],
  document: OldDocument,
  releases: readonly unknown[],
): SchemaHead {
  const theirs = oldReleases(document, releases, head.lastVersion + 1);
  const lastVersion = head.lastVersion + theirs.length + 1;
  const versions = head.versions + theirs.length + 1;
  return {
    ...head,
    active: oldActive(document, lastVersion),
    lastVersion,
    versions,
    tail: [...before, ...theirs],
  };
}

function shownIn(document: OldDocument, releases: readonly unknown[] | undefined) {
  return { shownAt: document.created_at, releases: releases?.map(bytesOf) };
}

/** The record alone, of which lists and finds of the active version need nothing else. */
export function briefRecord(ref: SchemaRef, document: BriefDocument): SchemaRecord {
  const { _id, cs, active_schema, releases_now: now = 0, releases_then: before = 0 } = document;
  if (cs?.active === undefined)
    return { ...ref, id: String(_id), active: oldActive(document, Number(now) + 1) };
  if (active_schema === undefined) return { ...ref, id: String(_id), active: versionFrom(cs.active) };
  const theirs = Math.max(0, Number(now) - Number(before) - 1);
  return { ...ref, id: String(_id), active: oldActive(document, Number(cs.last) + theirs + 1) };
}

export function recordOf({ namespace, name }: SchemaRef, { id, active }: SchemaHead): SchemaRecord {
  return { namespace, name, id: String(id), active };
}

export function isGone({ gone }: SchemaHead, version: number): boolean {
  return gone.some(([from, to]) => from <= version && version <= to);
}

/** Whether the name has this version: numbers are never given twice. */
export function hasVersion(head: SchemaHead, version: number): boolean {
  return version >= 1 && version <= head.active.version && !isGone(head, version);
}
