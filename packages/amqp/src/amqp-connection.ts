/** One connection to a broker: opened within a deadline, watched until it ends, and then gone from the kernel, too. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, ChannelModel, ConfirmChannel, SocketOptions } from 'amqplib';
import { connectFailure } from './connect-failure.ts';

/** Where a broker is, and who we are there. */
export interface AmqpAddress {
  readonly host: string;
  readonly port: number;
  readonly virtualHost: string;
  readonly username: string;
  readonly password: string;
  /** @default false */
  readonly tls?: boolean;
}

/** A broker that is silent for two to three of these is gone; the default of RabbitMQ is a minute. */
const heartbeatSeconds = 10;
/** A broker that does not answer a close is left to find out by itself. */
const closeMs = 1_000;

export class AmqpConnection {
  /** Resolves with what ended it. */
  readonly ended: Promise<unknown>;
  /** What the broker says it is, as `3.10.8`. */
  readonly version: string;
  readonly #model: ChannelModel;
  readonly #socket: AbortController;
  #blocked: string | undefined;

  private constructor(model: ChannelModel, socket: AbortController) {
    this.#model = model;
    this.#socket = socket;
    this.version = model.connection.serverProperties.version;
    this.ended = new Promise((resolve) => {
      model.on('error', resolve);
      model.on('close', (error) => {
        resolve(error ?? new Error('the connection was closed'));
        // amqplib only ends the socket: before a frozen broker it would stay, with all that was written.
        socket.abort();
      });
    });
    model.on('blocked', (reason) => {
      this.#blocked = reason;
    });
    model.on('unblocked', () => {
      this.#blocked = undefined;
    });
  }

  /**
   * `name` is what operators see in the broker's list of connections. The signal ends the attempt, and has no effect on a
   * connection that is open.
   */
  static async open(address: AmqpAddress, name: string, signal: AbortSignal): Promise<AmqpConnection> {
    // Loaded by those who connect: a program that never does pays nothing for it.
    const { connect } = await import('amqplib');
    signal.throwIfAborted();
    const { host: hostname, port, virtualHost: vhost, username, password, tls = false } = address;
    const socket = new AbortController();
    const abort = () => socket.abort(signal.reason);
    signal.addEventListener('abort', abort);
    const clientProperties = { connection_name: name };
    const options: SocketOptions & { signal: AbortSignal } = {
      noDelay: true,
      clientProperties,
      signal: socket.signal,
    };
    try {
      const protocol = tls ? 'amqps' : 'amqp';
      const url = { protocol, hostname, port, vhost: encodeURIComponent(vhost), username, password };
      return new AmqpConnection(await connect({ ...url, heartbeat: heartbeatSeconds }, options), socket);
    } catch (error) {
      throw signal.aborted ? signal.reason : connectFailure(error, address);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Why the broker takes no messages at the moment; it says so to a connection that has tried to publish. */
  get blocked(): string | undefined {
    return this.#blocked;
  }

  /** Errors of the channel are told by its calls and by its `close`. */
  async openChannel(): Promise<Channel> {
    return (await this.#model.createChannel()).on('error', () => {});
  }

  async openConfirmChannel(): Promise<ConfirmChannel> {
    return this.#model.createConfirmChannel();
  }

  /** Says goodbye, then ends it. */
  async close(): Promise<void> {
    const closed = this.#model.close().catch(() => {});
    await Promise.race([closed, sleep(closeMs, undefined, { ref: false })]);
    this.destroy();
  }

  /** Ends it without a word. */
  destroy(): void {
    this.#socket.abort();
  }
}
