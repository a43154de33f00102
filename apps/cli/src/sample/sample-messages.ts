/** The queue of the sample data, its messages and its dead letter, in and out. */
import type { CallOptions, Client } from '@connections/grpc';
import type { messagingService } from '@connections/proto-utils';
import {
  type SubscribeResponse_Delivery as Delivery,
  PublishResponse_Outcome as PublishOutcome,
} from '@connections/proto-utils/v1/messaging';
import { CliError } from '../cli-error.ts';
import { type QueueView, queueViews } from '../queue-view.ts';
import { type SampleOutcome, sampleMark } from './sample-outcome.ts';
import { deadId, deadReason, sampleDeadQueue, sampleQueue, waitingIds } from './sample-set.ts';
import { settleEach } from './settle-each.ts';

type Messaging = Client<typeof messagingService>;

const markHeader = 'sample';

/** By what is there: the broker takes a message twice that is published twice. */
export async function addMessages(
  messaging: Messaging,
  namespace: string,
  call: CallOptions,
): Promise<SampleOutcome[]> {
  const ask = async () => figures(await queuesOf(messaging, namespace, call));
  const wasThere = (await queuesOf(messaging, namespace, call)).has(sampleQueue);
  await messaging.declareTopology({ namespace, topology: { queues: [{ name: sampleQueue }] } }, call);
  const before = await ask();
  let buried = false;
  if (before.dead === 0) {
    if (before.waiting === 0) await publish(messaging, namespace, [deadId], call);
    buried = await bury(messaging, namespace, call);
  }
  // Last: from here on nothing is in the way of what waits.
  const isEmpty = (await ask()).waiting === 0;
  if (isEmpty) await publish(messaging, namespace, waitingIds, call);
  return [
    { did: wasThere ? 'kept' : 'added', kind: 'queue', name: sampleQueue },
    {
      did: isEmpty ? 'added' : 'kept',
      kind: 'messages',
      name: sampleQueue,
      note: isEmpty ? `${waitingIds.length} that wait` : 'some wait already',
    },
    {
      did: buried ? 'added' : 'kept',
      kind: 'dead letter',
      name: sampleDeadQueue,
      ...(!buried && before.dead === 0 && { note: 'none made: messages of others are in the way' }),
    },
  ];
}

/** The queues stay: there is no call that removes one. */
export async function removeMessages(
  messaging: Messaging,
  namespace: string,
  call: CallOptions,
): Promise<SampleOutcome[]> {
  const queues = await queuesOf(messaging, namespace, call);
  const outcomes: SampleOutcome[] = [];
  for (const [queue, kind] of [
    [sampleQueue, 'messages'],
    [sampleDeadQueue, 'dead letter'],
  ] as const) {
    const count = Number(queues.get(queue)?.ready ?? 0n);
    const judge = (delivery: Delivery) => (isSample(delivery) ? 'ack' : 'leave');
    const removed = count === 0 ? 0 : await settleEach(messaging, { namespace, queue, count }, judge, call);
    const others = count - removed;
    outcomes.push({
      did: removed > 0 ? 'removed' : others > 0 ? 'left' : 'absent',
      kind,
      name: queue,
      ...(others > 0 && { note: `${removed} of the sample removed, ${others} not of it left` }),
    });
  }
  for (const name of [sampleQueue, sampleDeadQueue]) {
    const isThere = queues.has(name);
    outcomes.push({
      did: isThere ? 'left' : 'absent',
      kind: 'queue',
      name,
      ...(isThere && { note: 'no call removes a queue' }),
    });
  }
  return outcomes;
}

async function bury(messaging: Messaging, namespace: string, call: CallOptions): Promise<boolean> {
  const judge = ({ message }: Delivery) => (message?.id === deadId ? { reject: deadReason } : 'leave');
  return (await settleEach(messaging, { namespace, queue: sampleQueue, count: 1 }, judge, call)) > 0;
}

async function publish(
  messaging: Messaging,
  namespace: string,
  ids: readonly string[],
  call: CallOptions,
): Promise<void> {
  const messages = ids.map((id) => ({
    id,
    body: Buffer.from(JSON.stringify({ order: id })),
    contentType: 'application/json',
    headers: new Map([[markHeader, sampleMark]]),
  }));
  const { results } = await messaging.publish({ namespace, routingKey: sampleQueue, messages }, call);
  const refused = results.find(({ outcome }) => outcome !== PublishOutcome.OUTCOME_CONFIRMED);
  if (refused) {
    const why = refused.reason || 'the broker gives no reason';
    throw new CliError(`message ${refused.id} was not taken into ${sampleQueue} (${why})`, {
      hint: 'look at `connections queues`, then add the sample again',
    });
  }
}

function isSample({ message }: Delivery): boolean {
  return message?.headers.get(markHeader) === sampleMark;
}

async function queuesOf(
  messaging: Messaging,
  namespace: string,
  call: CallOptions,
): Promise<ReadonlyMap<string, QueueView>> {
  const views = queueViews(await messaging.getTopology({ namespace }, call));
  return new Map(views.map((view) => [view.name, view]));
}

function figures(queues: ReadonlyMap<string, QueueView>): { waiting: number; dead: number } {
  const messagesIn = (name: string) => {
    const { ready = 0n, unsettled = 0n } = queues.get(name) ?? {};
    return Number(ready + unsettled);
  };
  return { waiting: messagesIn(sampleQueue), dead: messagesIn(sampleDeadQueue) };
}
