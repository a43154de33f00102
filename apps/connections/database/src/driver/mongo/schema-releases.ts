/** The earlier versions that the first implementation finds, for an operator who goes back to it. */
import { BSON, type Document } from 'mongodb';
import type { SchemaVersion } from '../../port/schemas.ts';
import { toOldForm } from './schema-old-form.ts';
import { timeOf } from './stored-version.ts';

/** Every version is in the archive; these share the 16 MiB of one document with the head. */
const maxBytes = 4 * 2 ** 20;

/** What a change makes of the list: releases that stay, from the oldest that fits on, and those that come after them. */
export interface ReleaseChange {
  /** Bytes of those that the document holds now. */
  readonly before: readonly number[];
  readonly popped: number;
  readonly pushed: readonly SchemaVersion[];
}

export interface ChangedReleases {
  /** Bytes of each, oldest first. */
  readonly bytes: readonly number[];
  readonly pushed: readonly Document[];
  /** For `$set` in a pipeline. */
  readonly expression: Document;
}

export function changedReleases({ before, popped, pushed }: ReleaseChange): ChangedReleases {
  const kept = before.slice(0, Math.max(0, before.length - popped));
  const added = pushed.map((version) => ({
    schema: toOldForm(version.document),
    created_at: timeOf(version),
  }));
  const bytes = [...kept, ...added.map(bytesOf)];
  const first = firstThatFits(bytes);
  const stays = Math.max(0, kept.length - first);
  const comes = added.slice(Math.max(0, first - kept.length));
  return {
    bytes: bytes.slice(first),
    pushed: comes,
    expression: { $concatArrays: [slice(kept.length - stays, stays), { $literal: comes }] },
  };
}

export function bytesOf(release: unknown): number {
  return BSON.calculateObjectSize({ release });
}

/** The newest always does: without it the first implementation would take a removal for that of the name. */
function firstThatFits(bytes: readonly number[]): number {
  let total = 0;
  const fits = bytes.findLastIndex((size, index) => {
    total += size;
    return total > maxBytes && index < bytes.length - 1;
  });
  return fits + 1;
}

function slice(from: number, count: number): Document | readonly never[] {
  // The server refuses a slice of nothing.
  if (count === 0) return [];
  const list = { $cond: [{ $isArray: '$schemas_releases' }, '$schemas_releases', []] };
  return { $slice: [list, from, count] };
}
