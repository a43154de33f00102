/** What lies in both stores, read past every service: tasks and conflicts of MongoDB, entries and buffers of the view. */
import { mongoDocuments, redisCommands } from '@connections/testing';
import type { Standing } from '../check/history.ts';

/** Of a task, by its namespace and id: each has the same category. */
export function taskKey(namespace: string, id: string): string {
  return `${namespace}/${id}`;
}

export interface StoredTasks {
  readonly tasks: ReadonlyMap<string, Standing>;
  /** Requests that stand in `conflicts`, each with its reason. */
  readonly conflicts: ReadonlyMap<string, string>;
  /** Those that count: of the epoch of their partition, or buffered. */
  readonly entries: ReadonlyMap<string, StoredEntry>;
  /** How many tasks wait to come home. */
  readonly waiting: number;
}

export interface StoredEntry {
  readonly buffered: boolean;
  readonly shown: Pick<Standing, 'incarnation' | 'revision' | 'status' | 'keys'> | undefined;
}

export async function storedTasks(mongoUrl: string, redisUrl: string): Promise<StoredTasks> {
  // The view after the ledger: an entry of a commit between the two is newer, and looked at again.
  const [tasks, conflicts] = await Promise.all([ledgerTasks(mongoUrl), conflictRequests(mongoUrl)]);
  return { tasks, conflicts, ...(await viewEntries(redisUrl)) };
}

/** Where the view is not as MongoDB. */
export function viewDifferences({ tasks, entries }: StoredTasks): string[] {
  return [...entries].flatMap(([task, { buffered, shown }]) => {
    if (buffered) return [`${task} is buffered in the view`];
    const standing = tasks.get(task);
    const inView = textOf(shown);
    const inLedger = textOf(standing);
    return inView === inLedger ? [] : [`${task}: the view has ${inView}, MongoDB has ${inLedger}`];
  });
}

function textOf(task: StoredEntry['shown']): string {
  if (!task) return 'none';
  return `${task.incarnation} ${task.revision} ${task.status} ${task.keys.toSorted().join()}`;
}

async function ledgerTasks(url: string): Promise<Map<string, Standing>> {
  const documents = await mongoDocuments(url, 'tasks', 'tasks_namespaces');
  return new Map(
    documents
      .filter(({ task_id: id, cs }) => id !== undefined && cs?.removed === undefined)
      .map(({ _id, task_id: id, status, data, cs }) => [
        taskKey(cs?.ns ?? 'default', id),
        {
          incarnation: String(_id),
          revision: Number(cs?.rev),
          status,
          keys: Object.keys(data ?? {}),
          ring: cs?.ring?.length ?? 0,
          transitions: cs?.history?.length ?? 0,
        },
      ]),
  );
}

async function conflictRequests(url: string): Promise<Map<string, string>> {
  const documents = await mongoDocuments(url, 'tasks_conflicts');
  return new Map(
    documents.flatMap(({ operations, reason = 'part' }) =>
      operations.map((each: { readonly operation: { readonly requestId: string } }) => [
        each.operation.requestId,
        reason,
      ]),
    ),
  );
}

/** In one piece: each entry with the epoch of its partition, and how many names are dirty. */
const allEntries = `
local out, dirty = {}, 0
for _, key in ipairs(redis.call('KEYS', 'cs:{p*}:t:*')) do
  local prefix, kind = string.match(key, '^(cs:{p%d+}:t:)(.*)$')
  if kind == 'dirty' then dirty = dirty + redis.call('ZCARD', key) end
  if string.sub(kind, 1, 2) == 'e:' then
    out[#out + 1] = {string.sub(kind, 3), redis.call('GET', key), redis.call('GET', prefix .. 'epoch') or ''}
  end
end
return cjson.encode({dirty, out})`;

async function viewEntries(url: string): Promise<Pick<StoredTasks, 'entries' | 'waiting'>> {
  const reply = await redisCommands(url, ['EVAL', allEntries, '0']);
  const [waiting, found] = JSON.parse(reply) as [number, readonly [string, string, string][] | object];
  // An empty table is an object to the server.
  const entries = (Array.isArray(found) ? found : []).flatMap(([name, text, epoch]) => {
    const [namespace, , id] = JSON.parse(`[${name}]`) as [string, string, string];
    const entry = entryOf(text, epoch);
    return entry ? [[taskKey(namespace, id), entry] as const] : [];
  });
  return { waiting, entries: new Map(entries) };
}

/** The nine lines of an entry; see view-entry.ts of the Redis driver. */
function entryOf(text: string, epoch: string): StoredEntry | undefined {
  const [at, incarnation = '', revision, mark, , status = '', , , rest = ''] = text.split('\n');
  const buffered = mark !== '';
  if (!buffered && at !== epoch) return undefined;
  if (status === '' || incarnation === '') return { buffered, shown: undefined };
  const [, , data] = JSON.parse(rest) as [number, string, readonly string[]];
  return {
    buffered,
    shown: {
      incarnation: JSON.parse(incarnation),
      revision: Number(revision),
      status: JSON.parse(status),
      keys: data.filter((_, at) => at % 2 === 0),
    },
  };
}
