/** Keeps a connection to a broker until disposed of: opens, prepares, watches and replaces it, for ever. */
import { type AmqpAddress, AmqpConnection } from './amqp-connection.ts';
import { heeding } from './call-signal.ts';
import { NotSentError } from './not-sent-error.ts';
import { reconnectDelay } from './reconnect-delay.ts';

export interface AmqpLinkOptions {
  /** What operators see in the broker's list of connections. */
  readonly name: string;
  /** Where the broker is and who we are there, asked before each attempt: both may have changed. Bounds itself. */
  readonly locate: (signal: AbortSignal) => Promise<AmqpAddress>;
  /** Makes what calls need of a connection, before they have it. What it rejects with ends the attempt. */
  readonly prepare?: (connection: AmqpConnection) => Promise<void>;
}

/** For a connect with its handshake and its preparation. */
const openMs = 5_000;
/** A connection that was lost sooner counts as a failed attempt. */
const steadyMs = 5_000;

export class AmqpLink implements AsyncDisposable {
  /** Resolves after the first attempt, whatever that brought. */
  readonly tried: Promise<void>;
  readonly #options: AmqpLinkOptions;
  readonly #closing = new AbortController();
  readonly #supervision: Promise<void>;
  #connection: AmqpConnection | undefined;
  #attempt = new Attempt();
  /** The last attempt came to nothing. */
  #failed = false;
  #trouble: unknown;

  constructor(options: AmqpLinkOptions) {
    this.#options = options;
    this.tried = this.#attempt.outcome.then(
      () => {},
      () => {},
    );
    this.#supervision = this.#supervise();
  }

  /** Undefined while there is none. */
  get connection(): AmqpConnection | undefined {
    return this.#connection;
  }

  /** Why there is none. */
  get trouble(): unknown {
    return this.#trouble;
  }

  /** Waits as long as it takes. Rejects with the signal's reason, or with a NotSentError when this is closed. */
  async ready(signal: AbortSignal): Promise<AmqpConnection> {
    for (;;) {
      signal.throwIfAborted();
      this.#closing.signal.throwIfAborted();
      if (this.#connection) return this.#connection;
      await heeding(
        signal,
        this.#attempt.outcome.catch(() => {}),
      );
    }
  }

  /**
   * Waits for the first attempt, and for the first one after a connection was lost. Rejects with a NotSentError when that
   * fails, and from then on at once until there is a connection again.
   */
  async reach(): Promise<AmqpConnection> {
    if (this.#connection) return this.#connection;
    this.#closing.signal.throwIfAborted();
    if (this.#failed) throw unreachable(this.#trouble);
    return this.#attempt.outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(closed());
    await this.#supervision;
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted; ) {
      const livedMs = await this.#live();
      failures = livedMs > steadyMs ? 0 : failures + 1;
      if (!signal.aborted) await reconnectDelay(failures, signal);
    }
    this.#attempt.fail(closed());
  }

  /** One connection from its opening to its end; resolves with how long it was of use. */
  async #live(): Promise<number> {
    const { signal } = this.#closing;
    let connection: AmqpConnection;
    try {
      connection = await this.#open(signal);
    } catch (cause) {
      this.#failed = true;
      this.#trouble = cause;
      this.#attempt.fail(unreachable(cause));
      this.#attempt = new Attempt();
      return 0;
    }
    const since = performance.now();
    const close = () => void connection.close();
    signal.addEventListener('abort', close);
    if (signal.aborted) close();
    this.#trouble = await connection.ended;
    signal.removeEventListener('abort', close);
    connection.destroy();
    this.#connection = undefined;
    return performance.now() - since;
  }

  async #open(closing: AbortSignal): Promise<AmqpConnection> {
    const address = await this.#options.locate(closing);
    const opening = AbortSignal.any([closing, AbortSignal.timeout(openMs)]);
    const connection = await AmqpConnection.open(address, this.#options.name, opening);
    const abort = () => connection.destroy();
    opening.addEventListener('abort', abort);
    try {
      opening.throwIfAborted();
      await this.#options.prepare?.(connection);
      this.#connection = connection;
      this.#failed = false;
      this.#attempt.succeed(connection);
      this.#attempt = new Attempt();
      return connection;
    } catch (error) {
      connection.destroy();
      throw opening.aborted ? opening.reason : error;
    } finally {
      opening.removeEventListener('abort', abort);
    }
  }
}

/** What calls wait for. */
class Attempt {
  readonly outcome: Promise<AmqpConnection>;
  succeed: (connection: AmqpConnection) => void = () => {};
  fail: (error: Error) => void = () => {};

  constructor() {
    this.outcome = new Promise((resolve, reject) => {
      this.succeed = resolve;
      this.fail = reject;
    });
    // Nobody may be waiting.
    this.outcome.catch(() => {});
  }
}

function unreachable(cause: unknown): NotSentError {
  return new NotSentError('unreachable', 'there is no connection to the broker', { cause });
}

function closed(): NotSentError {
  return new NotSentError('closed', 'this is closed');
}
