/** Rule 9 on Redis: lists of what the view has, one partition after the other. */
import type { Ending } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import type { Task, TaskQuery } from '../../port/tasks.ts';
import type { RedisCalls } from './redis-calls.ts';
import type { Reply } from './redis-connection.ts';
import { storedEntry } from './view-entry.ts';
import { namesOf, partitionCount, partitionKeys, refOf } from './view-keys.ts';
import { listEntries } from './view-list-script.ts';

/** Names that one script looks at, and bytes of entries: other commands wait as long. */
const namesAtOnce = 200;
const bytesAtOnce = 4_194_304;
/** Partitions asked at the same time, at most: what they find beyond the page is thrown away. */
const widest = 16;
/** Scripts of one page: where few entries match, a page ends before it is full. */
const scriptsPerPage = 200;

/** The last name looked at, by its score, and its partition; a partition that is not begun has none. */
interface Place {
  readonly partition: number;
  readonly score: string;
  readonly name: string;
}

interface Page {
  readonly after: string | undefined;
  readonly limit: number;
  readonly maxBytes: number;
}

interface Listed {
  readonly place: Place;
  readonly task: Task;
  /** At least what the task takes in a reply. */
  readonly bytes: number;
}

interface Part {
  readonly entries: readonly Listed[];
  /** Looked at, listed or not. */
  readonly last: Place;
  /** What comes after: as in the script's reply. */
  readonly more: number;
}

export class ViewList {
  readonly #calls: RedisCalls;

  constructor(calls: RedisCalls) {
    this.#calls = calls;
  }

  async list(
    query: TaskQuery,
    { after, limit, maxBytes }: Page,
    signal: Ending,
  ): Promise<{ readonly tasks: readonly Task[]; readonly next: string | undefined }> {
    const tasks: Task[] = [];
    let bytes = 0;
    let width = 1;
    let place: Place | undefined = placeOf(after);
    for (let scripts = 0; place && scripts < scriptsPerPage; ) {
      const room = { entries: limit - tasks.length, bytes: maxBytes - bytes, hasSome: tasks.length > 0 };
      const from = placesFrom(place, width);
      const parts: readonly Part[] = await Promise.all(
        from.map((start) => this.#part(query, start, room, signal)),
      );
      scripts += from.length;
      // Sparse partitions are passed in few rounds, full ones one at a time.
      width = Math.min(2 * width, widest);
      for (const { entries, last, more } of parts) {
        for (const entry of entries) {
          const isOver = tasks.length === limit || (tasks.length > 0 && bytes + entry.bytes > maxBytes);
          if (isOver) return { tasks, next: placed(place) };
          bytes += entry.bytes;
          tasks.push(entry.task);
          place = entry.place;
        }
        place = more === 0 ? following(last) : last;
        if (more === 2 || tasks.length === limit) return { tasks, next: placed(place) };
        if (more === 0) continue;
        width = 1;
        break;
      }
    }
    return { tasks, next: placed(place) };
  }

  async #part(
    { namespace, category, importName, status }: TaskQuery,
    { partition, score, name }: Place,
    room: { readonly entries: number; readonly bytes: number; readonly hasSome: boolean },
    signal: Ending,
  ): Promise<Part> {
    const { index, epoch, entryPrefix } = partitionKeys(partition);
    const args = [
      ...[entryPrefix, score, name, namesOf(namespace, category)],
      ...[status, importName].map((text) => (text === undefined ? '' : JSON.stringify(text))),
      ...[room.entries, room.bytes, room.hasSome ? 1 : 0, namesAtOnce, bytesAtOnce].map(String),
    ];
    const reply = await this.#calls.run(listEntries, [index, epoch], args, signal);
    const [more, lastScore, lastName, found] = reply as [number, Reply, Reply, readonly Reply[]];
    const entries: Listed[] = [];
    for (let at = 0; at < found.length; at += 3) {
      const place = { partition, score: String(found[at]), name: String(found[at + 1]) };
      const text = found[at + 2] as Buffer;
      const task = taskOf(place.name, String(text));
      if (task) entries.push({ place, task, bytes: Buffer.byteLength(place.name) + text.length });
    }
    return { more, last: { partition, score: String(lastScore), name: String(lastName) }, entries };
  }
}

/** The script has compared the epoch. */
function taskOf(name: string, text: string): Task | undefined {
  return storedEntry(refOf(name), text, text.slice(0, text.indexOf('\n')), false)?.task;
}

function following({ partition }: Place): Place | undefined {
  return partition + 1 < partitionCount ? { partition: partition + 1, score: '', name: '' } : undefined;
}

function placesFrom(first: Place, width: number): Place[] {
  const places = [first];
  for (let next = following(first); next && places.length < width; next = following(next)) places.push(next);
  return places;
}

function placed(place: Place | undefined): string | undefined {
  return place && JSON.stringify([place.partition, place.score, place.name]);
}

function placeOf(after: string | undefined): Place {
  if (after === undefined) return { partition: 0, score: '', name: '' };
  try {
    const [partition, score, name] = JSON.parse(after) as [number, string, string];
    if (partitionKeys(partition) && /^[\d.e+]*$/.test(score)) return { partition, score, name: `${name}` };
  } catch {
    // Not a place of ours.
  }
  throw failure('PAGE_TOKEN_INVALID', {});
}
