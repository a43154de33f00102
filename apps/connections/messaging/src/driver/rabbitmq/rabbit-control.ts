/** Questions and declarations: one after the other on a channel of their own, which an error of the broker closes. */
import { type AmqpConnection, type AmqpLink, type Channel, heeding, replyCode } from '@connections/amqp';
import { connectionOf, unreachable } from './rabbit-errors.ts';

interface OpenChannel {
  readonly connection: AmqpConnection;
  readonly channel: Channel;
}

export class RabbitControl {
  readonly #link: AmqpLink;
  #open: OpenChannel | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(link: AmqpLink) {
    this.#link = link;
  }

  /**
   * A refusal of the broker comes as the client's error, with its `replyCode`; the loss of the connection as
   * STORE_UNREACHABLE. What has not begun when the signal aborts is left out.
   */
  run<T>(signal: AbortSignal, ask: (channel: Channel) => Promise<T>): Promise<T> {
    const turn = this.#last.then(async () => {
      signal.throwIfAborted();
      try {
        return await ask(await this.#channel());
      } catch (error) {
        throw replyCode(error) === undefined ? unreachable(error) : error;
      }
    });
    this.#last = turn.catch(() => {});
    return heeding(signal, turn);
  }

  async #channel(): Promise<Channel> {
    const connection = connectionOf(this.#link);
    if (this.#open?.connection === connection) return this.#open.channel;
    const channel = await connection.openChannel();
    const open = { connection, channel };
    channel.on('close', () => {
      if (this.#open === open) this.#open = undefined;
    });
    this.#open = open;
    return channel;
  }
}
