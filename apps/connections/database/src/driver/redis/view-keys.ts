/** Where the view keeps what: 64 partitions, each in one slot, and the names of tasks inside them. */
import type { TaskRef } from '../../port/tasks.ts';

/** Another number is another place for every task: a view without entries, and buffers that nobody finds. */
export const partitionCount = 64;

export interface PartitionKeys {
  /** Before all of them. */
  readonly prefix: string;
  /** Which entries and leases count: those that begin with it. Missing, none does. */
  readonly epoch: string;
  readonly checkpoint: string;
  /** Who tails. */
  readonly holder: string;
  /** Names of entries, by their expiry. */
  readonly index: string;
  /** Names of buffered entries, by the time of their first operation. */
  readonly dirty: string;
  /** What they take. */
  readonly bytes: string;
  /** Before the name of an entry. */
  readonly entryPrefix: string;
}

export interface TaskKeys {
  readonly partition: PartitionKeys;
  readonly name: string;
  readonly entry: string;
  readonly lease: string;
  /** The operations that wait. */
  readonly buffer: string;
}

const partitions: readonly PartitionKeys[] = Array.from({ length: partitionCount }, (_, partition) => {
  const prefix = `cs:{p${partition}}:t:`;
  return {
    prefix,
    epoch: `${prefix}epoch`,
    checkpoint: `${prefix}checkpoint`,
    holder: `${prefix}holder`,
    index: `${prefix}index`,
    dirty: `${prefix}dirty`,
    bytes: `${prefix}bytes`,
    entryPrefix: `${prefix}e:`,
  };
});

export function partitionKeys(partition: number): PartitionKeys {
  const keys = partitions[partition];
  if (!keys) throw new RangeError(`there is no partition ${partition}`);
  return keys;
}

export function taskKeys(ref: TaskRef): TaskKeys {
  const name = taskName(ref);
  const partition = partitionKeys(partitionOfName(name));
  const { prefix, entryPrefix } = partition;
  return {
    partition,
    name,
    entry: `${entryPrefix}${name}`,
    lease: `${prefix}l:${name}`,
    buffer: `${prefix}b:${name}`,
  };
}

export function partitionOf(ref: TaskRef): number {
  return partitionOfName(taskName(ref));
}

/** What every name begins with of the namespace, and of the category where one is given. */
export function namesOf(namespace: string, category: string | undefined): string {
  const parts = category === undefined ? [namespace] : [namespace, category];
  return `${JSON.stringify(parts).slice(1, -1)},`;
}

export function refOf(name: string): TaskRef {
  const [namespace, category, id] = JSON.parse(`[${name}]`) as [string, string, string];
  return { namespace, category, id };
}

/** JSON tells any three strings from any other three, in text that UTF-8 can hold. */
function taskName({ namespace, category, id }: TaskRef): string {
  return JSON.stringify([namespace, category, id]).slice(1, -1);
}

/** FNV-1a of the name's UTF-16 units: its highest six bits, which are mixed best. */
function partitionOfName(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return hash >>> 26;
}
