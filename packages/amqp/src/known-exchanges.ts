/** Which exchanges there are: publishing to one that is not there closes the channel, and costs all others their confirms. */
import type { AmqpConnection } from './amqp-connection.ts';
import { notFound, replyCode } from './reply-code.ts';

export class KnownExchanges {
  readonly #connection: AmqpConnection;
  /** Those that were found. The one without a name is in every broker. */
  readonly #found = new Set(['']);
  readonly #asking = new Map<string, Promise<boolean>>();

  constructor(connection: AmqpConnection) {
    this.#connection = connection;
  }

  /** Without asking. */
  has(exchange: string): boolean {
    return this.#found.has(exchange);
  }

  /** One that is not there is asked for again next time. Rejects when the connection is lost. */
  find(exchange: string): Promise<boolean> {
    if (this.has(exchange)) return Promise.resolve(true);
    const asking = this.#asking.get(exchange) ?? this.#ask(exchange);
    this.#asking.set(exchange, asking);
    return asking;
  }

  async #ask(exchange: string): Promise<boolean> {
    try {
      const channel = await this.#connection.openChannel();
      await channel.checkExchange(exchange);
      await channel.close();
      // Last, so that nobody overtakes those who waited for the answer.
      this.#found.add(exchange);
      return true;
    } catch (error) {
      if (replyCode(error) === notFound) return false;
      throw error;
    } finally {
      this.#asking.delete(exchange);
    }
  }
}
