/** Keeps a connection to one server, wherever that is: opens, greets, watches and replaces it until disposed of. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@connections/runtime';
import { type Argument, RedisConnection, type Reply, within } from './redis-connection.ts';
import { NotSentError } from './redis-errors.ts';
import type { Access, Endpoint } from './redis-url.ts';
import { askFacts, type ServerFacts } from './server-facts.ts';

/** For a connect, and for silence while commands wait. */
const patienceMs = 1_000;
/** The server is greeted again this often: its clock, role and settings change, and an idle connection dies unseen. */
const greetingEveryMs = 30_000;
/** A connection that was lost sooner counts as a failed attempt. */
const steadyMs = 5_000;

export interface LinkOptions {
  /** Where the server is, asked before each attempt. */
  readonly locate: () => Promise<Endpoint>;
  readonly access: Access;
  readonly cluster: boolean;
  readonly clock: Clock;
}

export class RedisLink implements AsyncDisposable {
  /** Resolves after the first attempt, whatever that brought. */
  readonly tried: Promise<void>;
  readonly #options: LinkOptions;
  readonly #closing = new AbortController();
  readonly #supervision: Promise<void>;
  #connection: RedisConnection | undefined;
  #facts: ServerFacts | undefined;
  #lastError: unknown;

  constructor(options: LinkOptions) {
    this.#options = options;
    let tried = () => {};
    this.tried = new Promise((resolve) => {
      tried = resolve;
    });
    this.#supervision = this.#supervise(tried);
  }

  get ready(): boolean {
    return this.#connection !== undefined;
  }

  /** Of the last greeting; undefined before the first. */
  get facts(): ServerFacts | undefined {
    return this.#facts;
  }

  /** Rejects at once while there is no connection. */
  send(args: readonly Argument[]): Promise<Reply> {
    if (!this.#connection) return Promise.reject(new NotSentError(this.#lastError));
    return this.#connection.send(args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#connection?.close(new Error('closed'));
    await this.#supervision;
  }

  async #supervise(tried: () => void): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted; ) {
      const since = performance.now();
      try {
        await this.#live(tried);
      } catch (error) {
        this.#lastError = error;
      }
      tried();
      failures = performance.now() - since > steadyMs ? 0 : failures + 1;
      await sleep(backoffMs(failures), undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** One connection from its opening to its end; throws why it ended. */
  async #live(tried: () => void): Promise<never> {
    const { locate, access } = this.#options;
    const endpoint = await within(patienceMs, locate());
    const connection = await RedisConnection.open(endpoint, access, patienceMs);
    try {
      await this.#greet(connection);
      if (this.#closing.signal.aborted) throw new Error('closed');
      this.#connection = connection;
      tried();
      throw await this.#lossOf(connection);
    } finally {
      this.#connection = undefined;
      connection.close(undefined);
    }
  }

  async #greet(connection: RedisConnection): Promise<void> {
    const { cluster, clock } = this.#options;
    const send = (args: readonly Argument[]) => connection.send(args);
    const clockOffsetMs = this.#facts?.clockOffsetMs ?? 0;
    // Without a bound of its own: behind much that waits it comes late, and silence ends the connection.
    this.#facts = await askFacts(send, { cluster, clockOffsetMs }, clock);
  }

  async #lossOf(connection: RedisConnection): Promise<unknown> {
    const greeting = setInterval(() => {
      this.#greet(connection).catch((error) => connection.close(error));
    }, greetingEveryMs).unref();
    try {
      return await connection.lost;
    } finally {
      clearInterval(greeting);
    }
  }
}

/** Soon after a loss, then 0.5 to 1.5 s apart: one attempt a second, and service within 2.5 s of the server's return. */
function backoffMs(failures: number): number {
  return failures === 0 ? Math.random() * 250 : 500 + Math.random() * 1_000;
}
