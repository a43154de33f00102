/** A service with one queue, for the tests of subscriptions. */
import assert from 'node:assert/strict';
import { type MessagingFixture, openMessaging } from './messaging-fixture.ts';

export const queue = 'jobs';

export async function withQueue(env: Readonly<Record<string, string>> = {}): Promise<MessagingFixture> {
  const fixture = await openMessaging({ env });
  await fixture.v1.declareTopology({ topology: { queues: [{ name: queue, deliveryLimit: 5 }] } });
  return fixture;
}

export async function publish({ v1 }: MessagingFixture, ...ids: string[]): Promise<void> {
  const messages = ids.map((id) => ({ id, body: Buffer.from(`body of ${id}`) }));
  await v1.publish({ routingKey: queue, messages });
}

export async function figures({ v1 }: MessagingFixture, name = queue) {
  const { statistics } = await v1.getTopology({});
  const found = statistics.find((row) => row.queue === name);
  assert.ok(found, `no queue ${name}`);
  return { ready: Number(found.ready), unsettled: Number(found.unsettled), consumers: found.consumers };
}
