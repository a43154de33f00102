/** Commands of a port's calls: bound by the call's signal, failing as the port's contract says. */
import type { Ending } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import type { Argument, Reply } from './redis-connection.ts';
import { type CommandKind, callFailure } from './redis-errors.ts';
import type { RedisScript } from './redis-script.ts';
import type { CommandTarget, RedisServers } from './redis-servers.ts';

const reads: CommandKind = { changes: false };
const writes: CommandKind = { changes: true };

export class RedisCalls {
  readonly servers: RedisServers;
  /** `cache`, `task`: the store's name in messages. */
  readonly #store: string;
  #closed = false;

  constructor(servers: RedisServers, store: string) {
    this.servers = servers;
    this.#store = store;
  }

  read(key: string, args: readonly Argument[], signal: Ending): Promise<Reply> {
    return this.#ask(reads, signal, () => this.servers.send(key, args));
  }

  write(key: string, args: readonly Argument[], signal: Ending): Promise<Reply> {
    return this.#ask(writes, signal, () => this.servers.send(key, args));
  }

  run(
    script: RedisScript,
    keys: readonly [string, ...string[]],
    args: readonly Argument[],
    signal: Ending,
  ): Promise<Reply> {
    return this.#ask(script, signal, () => script.run(this.servers, keys, args));
  }

  masters(signal: Ending): Promise<readonly CommandTarget[]> {
    return this.#ask(reads, signal, () => this.servers.masters());
  }

  readFrom(target: CommandTarget, args: readonly Argument[], signal: Ending): Promise<Reply> {
    return this.#ask(reads, signal, () => target.send(args));
  }

  /** Throws what a call must reject with that has not begun. */
  check(signal: Ending): void {
    if (this.#closed) throw failure('CLOSED', { resource: this.#store });
    signal.throwIfAborted();
  }

  close(): void {
    this.#closed = true;
  }

  /** A command that was sent goes on after its signal: the caller only stops waiting. */
  #ask<T>(kind: CommandKind, signal: Ending, send: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.check(signal);
      const leave = () => reject(signal.reason);
      signal.addEventListener('abort', leave);
      send().then(
        (reply) => {
          signal.removeEventListener('abort', leave);
          resolve(reply);
        },
        (error) => {
          signal.removeEventListener('abort', leave);
          reject(callFailure(error, kind, this.#store));
        },
      );
    });
  }
}
