/** Where the Messaging service says that the broker is, and with whose credentials; as it said last while it is away. */
import type { AmqpAddress } from '@connections/amqp';
import { type Client, StatusError } from '@connections/grpc';
import type { wireMessagingService } from '@connections/proto-utils';
import type { ExchangeInfo } from '@connections/proto-utils/wire/dtypes';
import { isPassing } from './passing-failure.ts';

/** A service that does not answer by then is away: the broker may be there. */
const timeoutMs = 2_000;
/** Of RabbitMQ by default; the parameters do not say it otherwise. */
const tlsPort = 5_671;

export class BrokerParameters {
  readonly #service: Client<typeof wireMessagingService>;
  readonly #tls: boolean | undefined;
  #last: AmqpAddress | undefined;

  constructor(service: Client<typeof wireMessagingService>, tls: boolean | undefined) {
    this.#service = service;
    this.#tls = tls;
  }

  /** Asks each time: addresses and passwords change. A service that refuses them now is not overruled by what it said. */
  async locate(signal: AbortSignal): Promise<AmqpAddress> {
    try {
      const { host, port, virtualHost, username, password } = await this.#ask(signal);
      this.#last = { host, port, virtualHost, username, password, tls: this.#tls ?? port === tlsPort };
      return this.#last;
    } catch (error) {
      if (!this.#last || !isPassing(error)) throw error;
      return this.#last;
    }
  }

  /** The exchange of the wire contract with its queues, in the order of the contract. */
  async topology(signal?: AbortSignal): Promise<ExchangeInfo> {
    const { exchange } = await this.#ask(signal);
    if (!exchange) throw new StatusError('INTERNAL', 'the Messaging service told no exchange');
    return exchange;
  }

  #ask(signal?: AbortSignal) {
    return this.#service.getMessagingParams({}, { timeoutMs, ...(signal && { signal }) });
  }
}
