/** One connection to one server on the vendor's client, which never reconnects: whoever holds it opens the next one. */
import { isIP } from 'node:net';
import { ErrorReply, RESP_TYPES, RedisClient } from 'redis';
import { NotSentError, replyCode } from './redis-errors.ts';
import type { Access, Endpoint } from './redis-url.ts';

export type Argument = string | Buffer;
export type Reply = string | number | Buffer | null | readonly Reply[];

/** Commands that wait on one connection: more than all calls that the service admits at once, and not all of the largest. */
const maxWaiting = 25_000;
const maxWaitingBytes = 268_435_456;
/** Without a reply for this many looks in a row the server is taken to be frozen. */
const silentLooks = 5;

export class RedisConnection {
  /** Resolves, with the reason, when the connection is over. */
  readonly lost: Promise<unknown>;
  readonly #client: ReturnType<typeof clientFor>;
  readonly #watch: NodeJS.Timeout;
  readonly #lose: (reason: unknown) => void;
  #closed = false;
  #waiting = 0;
  #waitingBytes = 0;
  #replies = 0;
  #repliesAtLook = 0;
  #silence = 0;

  private constructor(endpoint: Endpoint, access: Access, patienceMs: number) {
    let lose: (reason: unknown) => void = () => {};
    this.lost = new Promise((resolve) => {
      lose = resolve;
    });
    this.#lose = lose;
    this.#client = clientFor(endpoint, access, patienceMs);
    this.#client.on('error', (error) => this.close(error));
    this.#client.on('end', () => this.close(new Error('the connection has ended')));
    // A socket that was on its way when the client was destroyed is the client's own only now, and would stay open.
    this.#client.on('connect', () => {
      if (this.#closed) this.#client.destroy();
    });
    // Counting looks instead of time: after a pause of this process the replies may be here, not yet read.
    this.#watch = setInterval(() => this.#look(), patienceMs / (silentLooks - 1)).unref();
  }

  /**
   * Rejects unless the server has answered the handshake in time: a frozen one still takes connections. Silence of
   * `patienceMs` while commands wait ends the connection, and with it all of them.
   */
  static async open(endpoint: Endpoint, access: Access, patienceMs: number): Promise<RedisConnection> {
    const connection = new RedisConnection(endpoint, access, patienceMs);
    try {
      await within(patienceMs, connection.#client.connect());
    } catch (error) {
      connection.close(error);
      throw error;
    }
    return connection;
  }

  /** Commands of one tick travel together, in the order they were sent. Rejects at once when too much waits already. */
  send(args: readonly Argument[]): Promise<Reply> {
    let bytes = 0;
    for (const { length } of args) bytes += length;
    const full = this.#waiting >= maxWaiting || this.#waitingBytes + bytes > maxWaitingBytes;
    if (full) return Promise.reject(new NotSentError(new Error('too much waits for the server already')));
    this.#waiting++;
    this.#waitingBytes += bytes;
    return this.#client.sendCommand<Reply>(args as Argument[]).then(
      (reply) => {
        this.#left(bytes, true);
        return reply;
      },
      (error) => {
        this.#left(bytes, error instanceof ErrorReply);
        // After a failover the old master is a replica: this is the wrong server now.
        if (replyCode(error) === 'READONLY') this.close(error);
        throw error;
      },
    );
  }

  /** Rejects what still waits. */
  close(reason: unknown): void {
    this.#closed = true;
    this.#lose(reason);
    clearInterval(this.#watch);
    this.#client.destroy();
  }

  /** A command waits no longer. */
  #left(bytes: number, replied: boolean): void {
    this.#waiting--;
    this.#waitingBytes -= bytes;
    if (replied) this.#replies++;
  }

  #look(): void {
    const silent = this.#waiting > 0 && this.#replies === this.#repliesAtLook;
    this.#silence = silent ? this.#silence + 1 : 0;
    this.#repliesAtLook = this.#replies;
    if (this.#silence >= silentLooks) this.close(new Error('the server has stopped answering'));
  }
}

/** Settles as the promise does, if that is in time. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// Maps and pushes of RESP 3 are not used here. The vendor's createClient makes a class for each other set of options.
const protocol = { RESP: 2 } as const;
const create = RedisClient.factory(protocol);

function clientFor(
  { host, port }: Endpoint,
  { tls, username, password, database }: Access,
  patienceMs: number,
) {
  const socket = { host, port, connectTimeout: patienceMs, reconnectStrategy: false } as const;
  const options = {
    ...protocol,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    // Servers before 7.2 answer it with an error at every connect.
    disableClientInfo: true,
    // The default timeout makes an AbortSignal for every command and covers only those that were never written.
    commandOptions: { timeout: 0, typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
    // The name is what a server behind a shared address is told apart by.
    socket: tls ? { ...socket, tls: true as const, ...(isIP(host) === 0 && { servername: host }) } : socket,
    database,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  } as const;
  return create(options);
}
