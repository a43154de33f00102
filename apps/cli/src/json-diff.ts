/** The differences between two JSON documents by JSON pointer. Pure. The order of an object's names means nothing. */
import { alignment } from './array-alignment.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/**
 * `path` is an RFC 6901 pointer: into the new document for what was added, into the old one for the rest. To make the
 * new document of the old: set what changed, remove from the last to the first, insert from the first to the last.
 */
export type JsonChange =
  | { readonly kind: 'added'; readonly path: string; readonly new: Json }
  | { readonly kind: 'removed'; readonly path: string; readonly old: Json }
  | { readonly kind: 'changed'; readonly path: string; readonly old: Json; readonly new: Json };

interface Paths {
  readonly old: string;
  readonly new: string;
}

/** Empty exactly when the documents are equal. */
export function jsonDiff(before: Json, after: Json): JsonChange[] {
  return [...changes(before, after, { old: '', new: '' })];
}

function* changes(before: Json, after: Json, paths: Paths): Iterable<JsonChange> {
  if (isArray(before) && isArray(after)) yield* arrayChanges(before, after, paths);
  else if (isObject(before) && isObject(after)) yield* objectChanges(before, after, paths);
  else if (before !== after) yield { kind: 'changed', path: paths.old, old: before, new: after };
}

function* objectChanges(before: JsonObject, after: JsonObject, paths: Paths): Iterable<JsonChange> {
  // Own members only: a name such as `constructor` or `__proto__` is one like any other.
  const olds = new Map(Object.entries(before));
  const news = new Map(Object.entries(after));
  for (const [name, old] of olds) {
    const now = news.get(name);
    if (now === undefined) yield { kind: 'removed', path: pointer(paths.old, name), old };
    else yield* changes(old, now, { old: pointer(paths.old, name), new: pointer(paths.new, name) });
  }
  for (const [name, now] of news) {
    if (!olds.has(name)) yield { kind: 'added', path: pointer(paths.new, name), new: now };
  }
}

/** Equal items are matched wherever they moved to; between two matches, items are compared in their order. */
function* arrayChanges(before: readonly Json[], after: readonly Json[], paths: Paths): Iterable<JsonChange> {
  let [i, j] = [0, 0];
  const end = [before.length, after.length] as const;
  for (const [nextOld, nextNew] of [...alignment(before.map(canonical), after.map(canonical)), end]) {
    for (; i < nextOld || j < nextNew; i++, j++) {
      const [old, now] = [before[i], after[j]];
      const at = { old: pointer(paths.old, i), new: pointer(paths.new, j) };
      if (i < nextOld && j < nextNew && old !== undefined && now !== undefined) yield* changes(old, now, at);
      else if (i < nextOld && old !== undefined) yield { kind: 'removed', path: at.old, old };
      else if (now !== undefined) yield { kind: 'added', path: at.new, new: now };
    }
    [i, j] = [nextOld + 1, nextNew + 1];
  }
}

/** The same text for equal values. */
function canonical(value: Json): string {
  if (isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(',')}}`;
}

function pointer(path: string, step: string | number): string {
  return `${path}/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
