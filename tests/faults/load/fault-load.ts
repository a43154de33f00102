/** The callers of a scenario: of each port some, each with its own keys, tasks and schemas. */
import { connectDatabase, type DatabaseClient } from '@connections/proto-utils';
import { eventually } from '@connections/testing';
import { CacheWrites } from './cache-writes.ts';
import { type CallRecord, Lane } from './lane.ts';
import { SchemaWrites } from './schema-writes.ts';
import { CacheReads, RecordReads } from './store-reads.ts';
import { StorelessCalls } from './storeless-calls.ts';
import { TaskWrites } from './task-writes.ts';
import { allFindings, type Findings, type Work } from './work.ts';

export interface FaultLoadOptions {
  /** Each is the own one of as many callers. */
  readonly addresses: readonly string[];
  /** Writers of each port at each address. */
  readonly writers: number;
  readonly timeoutMs: number;
  readonly pauseMs: number;
}

/** A caller, with the index of its own address. */
export interface Caller {
  readonly lane: Lane;
  readonly home: number;
}

export class FaultLoad implements AsyncDisposable {
  readonly callers: readonly Caller[];
  readonly #clients: readonly DatabaseClient[];

  constructor({ addresses, writers, timeoutMs, pauseMs }: FaultLoadOptions) {
    this.#clients = addresses.map((address) => connectDatabase(address));
    this.callers = addresses.flatMap((_, home) => {
      const clients = [...this.#clients.slice(home), ...this.#clients.slice(0, home)];
      return Array.from({ length: writers }, (_, at) => workOf(`${home}-${at}`, at))
        .flat()
        .map((work) => ({ home, lane: new Lane(work, { clients, timeoutMs, pauseMs }) }));
    });
  }

  /** Resolves when each of the callers has `least` such calls since `since`. */
  async saw(
    callers: readonly Caller[],
    { since, least, deadlineMs }: { since: number; least: number; deadlineMs: number },
    is: (call: CallRecord) => boolean,
  ): Promise<void> {
    await eventually(() => {
      for (const { lane } of callers) {
        const seen = lane.since(since).filter(is).length;
        if (seen < least)
          throw new Error(`a caller of ${lane.store ?? 'no store'} has ${seen} of ${least} such answers`);
      }
    }, deadlineMs);
  }

  async stop(): Promise<void> {
    await Promise.all(this.callers.map(({ lane }) => lane.stop()));
  }

  /** What is there against what was answered; the load has to be stopped. */
  async check(): Promise<Findings> {
    const [client] = this.#clients;
    if (!client) throw new Error('there is no service');
    const parts: Findings[] = [];
    for (const { lane } of this.callers) parts.push(await lane.work.check(client));
    return allFindings(parts);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    for (const client of this.#clients) client.close();
  }
}

/** The wire contract's namespace lies apart on Redis: every other caller writes there. */
function workOf(name: string, at: number): Work[] {
  return [
    new CacheWrites(name, at % 2 === 0 ? '' : 'faults'),
    new TaskWrites(name),
    new SchemaWrites(name),
    ...(at === 0 ? [new CacheReads(), new RecordReads(), new StorelessCalls()] : []),
  ];
}
