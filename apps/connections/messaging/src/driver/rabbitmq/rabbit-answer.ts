/** Whether a broker answers, asked without a service and without a change to it. */
import { AmqpConnection, heeding } from '@connections/amqp';
import { parseRabbitUrl } from './rabbit-url.ts';

/** Rejects with why it does not answer. Throws a RangeError for a URL that is none of RabbitMQ's. */
export async function askRabbit(url: string, signal: AbortSignal): Promise<void> {
  const connection = await AmqpConnection.open(parseRabbitUrl(url), 'connections-doctor', signal);
  try {
    await heeding(signal, ask(connection));
  } finally {
    void connection.close();
  }
}

async function ask(connection: AmqpConnection): Promise<void> {
  const channel = await connection.openChannel();
  await channel.checkExchange('amq.direct');
}
