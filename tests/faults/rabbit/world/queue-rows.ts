/** What a Messaging service tells of its queues. */
import type { MessagingClient } from '@connections/proto-utils';

const timeoutMs = 10_000;

/** Throws unless each of them is empty, and nothing of it is with a consumer. */
export async function emptyQueues(service: MessagingClient, queues: readonly string[]): Promise<void> {
  for (const queue of queues) {
    const { ready, unsettled } = await queueRow(service, queue);
    if (ready + unsettled > 0) throw new Error(`${queue}: ${ready} are ready, ${unsettled} unsettled`);
  }
}

export async function queueRow(
  { messaging }: MessagingClient,
  queue: string,
): Promise<{ readonly ready: number; readonly unsettled: number; readonly consumers: number }> {
  const { statistics } = await messaging.getTopology({}, { timeoutMs });
  const row = statistics.find((each) => each.queue === queue);
  if (!row) throw new Error(`there is no queue ${queue}`);
  return { ready: Number(row.ready), unsettled: Number(row.unsettled), consumers: row.consumers };
}
