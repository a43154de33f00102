/** A process that publishes one message over TLS, and prints its outcome or why there was none. Usage: PORT. */
import { ConfirmedPublisher } from '../src/index.ts';

const address = {
  host: '127.0.0.1',
  port: Number(process.argv[2]),
  virtualHost: '/',
  username: 'guest',
  password: 'guest',
  tls: true,
};
await using publisher = new ConfirmedPublisher({ name: 'tls', locate: async () => address });
const message = { id: 'a', body: Buffer.from('b'), contentType: '', headers: {}, publishedAt: 0 };
const target = { exchange: '', routingKey: 'nowhere' };
try {
  const [outcome] = await publisher.publish(target, [message], { timeoutMs: 30_000 });
  console.log(outcome?.outcome);
} catch (error) {
  console.log(error instanceof Error ? error.cause : error);
}
