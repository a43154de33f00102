/** The connection to one MongoDB: made in the background, watched, and known to be there or away at every moment. */
import { setTimeout as delay } from 'node:timers/promises';
import { limits } from '@connections/runtime';
import {
  type ChangeStream,
  type ChangeStreamOptions,
  type ClientSession,
  type Collection,
  type Db,
  type Document,
  MongoClient,
  MongoServerError,
} from 'mongodb';
import { clientOptions, collectionOptions } from './mongo-options.ts';
import { MongoTopology } from './mongo-topology.ts';

export interface MongoLinkOptions {
  readonly url: string;
  /** Where the URL names none. */
  readonly database: string;
}

/** For one answer to a ping, by which we tell that the server is there. */
const probeMs = 1_500;
/** Between two tries to reach the server, and at least between two probes: at most two tries in a second. */
const retryMs = [500, 1_000] as const;
/** Before one is asked again that lets nobody log in: each time takes two connections or three. */
const refusedRetryMs = [2_000, 3_000] as const;

/**
 * The breaker is a question: whatever goes wrong (a call that fails, servers that the driver loses sight of) makes the
 * link ask the server itself. While it does not answer, calls are refused at once and one ping at a time tries again.
 */
export class MongoLink implements AsyncDisposable {
  /** Hosts and database. */
  readonly where: string;
  readonly topology: MongoTopology;
  /** Resolves when it is known for the first time whether the server is there. */
  readonly tried: Promise<void>;
  #noteTried: () => void = () => {};
  readonly #client: MongoClient;
  readonly #database: Db;
  readonly #stop = new AbortController();
  readonly #supervision: Promise<void>;
  readonly #waiters = new Set<() => void>();
  #reachable = false;
  #lastError: unknown = new Error('not connected yet');
  /** Answers of the server to calls: one of them says as much as one to a ping, which waits behind the calls. */
  #answers = 0;
  #doubted = false;
  /** Ends the pause that the supervision is in. */
  #wake: () => void = () => {};

  /** Throws for a URL that the driver does not understand. Connects by itself, until disposed of. */
  constructor({ url, database }: MongoLinkOptions) {
    this.#client = new MongoClient(url, clientOptions(url));
    const { hosts, srvHost, dbName } = this.#client.options;
    this.#database = this.#client.db(databaseOf(url, dbName, database));
    this.where = `${srvHost ?? hosts.join(',')}/${this.#database.databaseName}`;
    this.topology = new MongoTopology(this.#client, {
      lost: () => this.doubt(new Error('no server of it answers')),
      found: () => this.#wake(),
    });
    this.tried = new Promise((resolve) => {
      this.#noteTried = resolve;
    });
    this.#supervision = this.#supervise();
  }

  get reachable(): boolean {
    return this.#reachable;
  }

  /** Why the server is away, for the log: it may name hosts. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /** Majority and journal for writes; the primary and what a majority has for reads. */
  collection<Stored extends Document = Document>(name: string): Collection<Stored> {
    return this.#database.collection(name, collectionOptions);
  }

  /**
   * Until when a write that is sent now may happen, for whoever waits for it is answered by then: epoch milliseconds in the server's time, undefined before it told it.
   */
  writeDeadline(withinMs: number = limits.storeCallMs): number | undefined {
    return this.topology.serverTimeIn(withinMs);
  }

  async ping(signal: AbortSignal, session?: ClientSession): Promise<void> {
    await this.#database.command({ ping: 1 }, { signal, ...(session && { session }) });
  }

  /** As `ping`, and at once while the server is known to be away. */
  async ask(signal: AbortSignal): Promise<void> {
    if (!this.#reachable) throw this.#lastError;
    await this.ping(signal);
  }

  /** Epoch milliseconds on the server's clock. */
  async serverTime(signal: AbortSignal): Promise<number> {
    return (await this.#database.command({ hello: 1 }, { signal })).localTime.getTime();
  }

  /** Whose reads see what others in it saw. */
  causalSession(): ClientSession {
    return this.#client.startSession({ causalConsistency: true });
  }

  /** The changes of the database. */
  watch<Change extends Document>(
    pipeline: Document[],
    options: ChangeStreamOptions,
  ): ChangeStream<Document, Change> {
    return this.#database.watch<Document, Change>(pipeline, { ...options, ...collectionOptions });
  }

  /** Resolves as soon as the server is reachable; rejects when the link is closed before. */
  reached(): Promise<void> {
    if (this.#reachable) return Promise.resolve();
    const { signal } = this.#stop;
    return new Promise((resolve, reject) => {
      const closed = () => reject(signal.reason);
      if (signal.aborted) return closed();
      signal.addEventListener('abort', closed, { once: true });
      this.#waiters.add(() => {
        signal.removeEventListener('abort', closed);
        resolve();
      });
    });
  }

  /** Aborts when the link is closed: for work in the background. */
  get closing(): AbortSignal {
    return this.#stop.signal;
  }

  /** The server has answered a call, if only by a refusal. */
  answered(): void {
    this.#answers++;
  }

  /** A call has failed in a way that makes one ask whether the server is still there. */
  doubt(error: unknown): void {
    this.#lastError = error;
    if (this.#doubted) return;
    this.#doubted = true;
    if (this.#reachable) this.#wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#reachable = false;
    this.#stop.abort(new Error('the link is closed'));
    this.#wake();
    await this.#client.close();
    await this.#supervision;
  }

  async #supervise(): Promise<void> {
    let connected = false;
    while (!this.#stop.signal.aborted) {
      this.#doubted = false;
      let pauseMs: readonly [number, number] = retryMs;
      try {
        if (!connected) await this.#connect();
        connected = true;
        await this.#probe();
        this.#enter();
      } catch (error) {
        this.#lastError = error;
        this.#reachable = false;
        if (!connected && error instanceof MongoServerError) pauseMs = refusedRetryMs;
      }
      this.#noteTried();
      // Also after a good answer: doubts that come by the hundred ask once.
      await this.#pause(pauseMs);
      while (this.#reachable && !this.#doubted) await this.#sleep();
    }
  }

  async #connect(): Promise<void> {
    // Until its first success a client that could not connect is closed for good, and only this opens it again.
    await this.#client.connect();
    // Allowed to whoever has logged in; a ping is to strangers, too.
    const names = { listCollections: 1, nameOnly: true, authorizedCollections: true };
    await this.#database.command(names, { signal: AbortSignal.timeout(probeMs) });
  }

  async #probe(): Promise<void> {
    const before = this.#answers;
    try {
      await this.ping(AbortSignal.timeout(probeMs));
    } catch (error) {
      if (this.#answers === before) throw error;
    }
  }

  #enter(): void {
    if (this.#stop.signal.aborted) return;
    this.#reachable = true;
    for (const resolve of this.#waiters) resolve();
    this.#waiters.clear();
  }

  /** Jittered; ends early when the driver sees the server again, while it is away. */
  async #pause([least, most]: readonly [number, number]): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const woken = new AbortController();
    this.#wake = () => {
      if (!this.#reachable || this.#stop.signal.aborted) woken.abort();
    };
    const ms = least + Math.random() * (most - least);
    await delay(ms, undefined, { signal: woken.signal, ref: false }).catch(() => {});
    this.#wake = () => {};
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** The driver takes `test` for the database of a URL that names none. */
function databaseOf(url: string, named: string, otherwise: string): string {
  const [, path = ''] = /^mongodb(?:\+srv)?:\/\/[^/?]+\/([^?]*)/.exec(url) ?? [];
  const name = path === '' ? otherwise : named;
  // Of a password that is not encoded the driver can make a host and a database, which would be shown.
  if (path.includes('@') || /[\s/\\."$]/.test(name)) {
    throw new RangeError(
      'no database has such a name; in a password, what has a meaning in a URL is percent-encoded',
    );
  }
  return name;
}
