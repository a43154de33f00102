/** Commands of a port's calls: bound by the call's signal, failing as the port's contract says. */
import { OpenItem, OpenList } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import type { Argument, Reply } from './redis-connection.ts';
import { type CommandKind, callFailure } from './redis-errors.ts';
import type { RedisScript } from './redis-script.ts';
import type { CommandTarget, RedisServers } from './redis-servers.ts';

/** A call ends at most this long after its signal. */
const sweepEveryMs = 5;
const reads: CommandKind = { changes: false };
const writes: CommandKind = { changes: true };

class Waiting extends OpenItem {
  readonly signal: AbortSignal;
  readonly reject: (reason: unknown) => void;

  constructor(signal: AbortSignal, reject: (reason: unknown) => void) {
    super();
    this.signal = signal;
    this.reject = reject;
  }
}

export class RedisCalls {
  readonly servers: RedisServers;
  /** `cache`, `task`: the store's name in messages. */
  readonly #store: string;
  /** One timer looks at all their signals: a listener on each costs more than the rest of a call. */
  readonly #waiting = new OpenList<Waiting>();
  #sweeper: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(servers: RedisServers, store: string) {
    this.servers = servers;
    this.#store = store;
  }

  read(key: string, args: readonly Argument[], signal: AbortSignal): Promise<Reply> {
    return this.#ask(reads, signal, () => this.servers.send(key, args));
  }

  write(key: string, args: readonly Argument[], signal: AbortSignal): Promise<Reply> {
    return this.#ask(writes, signal, () => this.servers.send(key, args));
  }

  run(
    script: RedisScript,
    keys: readonly [string, ...string[]],
    args: readonly Argument[],
    signal: AbortSignal,
  ): Promise<Reply> {
    return this.#ask(script, signal, () => script.run(this.servers, keys, args));
  }

  masters(signal: AbortSignal): Promise<readonly CommandTarget[]> {
    return this.#ask(reads, signal, () => this.servers.masters());
  }

  readFrom(target: CommandTarget, args: readonly Argument[], signal: AbortSignal): Promise<Reply> {
    return this.#ask(reads, signal, () => target.send(args));
  }

  /** Throws what a call must reject with that has not begun. */
  check(signal: AbortSignal): void {
    if (this.#closed) throw failure('CLOSED', { resource: this.#store });
    signal.throwIfAborted();
  }

  close(): void {
    this.#closed = true;
  }

  /** A command that was sent goes on after its signal: the caller only stops waiting. */
  #ask<T>(kind: CommandKind, signal: AbortSignal, send: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.check(signal);
      const call = new Waiting(signal, reject);
      this.#waiting.open(call);
      this.#sweeper ??= setInterval(() => this.#sweep(), sweepEveryMs);
      send().then(
        (reply) => {
          call.close();
          resolve(reply);
        },
        (error) => {
          call.close();
          reject(callFailure(error, kind, this.#store));
        },
      );
    });
  }

  #sweep(): void {
    for (const call of this.#waiting) {
      if (!call.signal.aborted) continue;
      call.close();
      call.reject(call.signal.reason);
    }
    if (!this.#waiting.isEmpty) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}
