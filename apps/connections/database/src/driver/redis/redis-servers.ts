/** The servers that hold the data together: one, found directly or by its Sentinels, or the masters of a Cluster. */
import type { Argument, Reply } from './redis-connection.ts';
import type { ServerFacts } from './server-facts.ts';

/** Takes commands for one server; rejects at once while that cannot be reached. */
export interface CommandTarget {
  send(args: readonly Argument[]): Promise<Reply>;
}

export interface RedisServers extends AsyncDisposable {
  /** Resolves after the first attempt to reach them, whatever that brought. */
  readonly tried: Promise<void>;
  /** Whether what they acknowledge survives a kill of theirs, as far as they have said. */
  readonly durable: boolean;
  /** Whether any of them can be sent a command now. */
  readonly ready: boolean;
  /** What each of them that was greeted has said of itself. */
  readonly facts: readonly ServerFacts[];
  /** To the one that holds the key. Nothing is sent a second time but what a server refused to execute. */
  send(key: string, args: readonly Argument[]): Promise<Reply>;
  /** Keys of one slot may stand in one command; where there are no slots, all of them. */
  slotOf(key: string): number;
  /** What the key's server has said of itself; undefined before it was greeted. */
  factsOf(key: string): ServerFacts | undefined;
  /** How far the clock of the key's server is ahead of ours. */
  clockOffsetMs(key: string): number;
  /** All that hold keys, as they stand now. Rejects when they cannot all be named. */
  masters(): Promise<readonly CommandTarget[]>;
}
