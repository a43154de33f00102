/** Looks at the messages of a queue and settles each as it is told. */
import { PassThrough } from 'node:stream';
import type { CallOptions, Client, Partially } from '@connections/grpc';
import type { messagingService } from '@connections/proto-utils';
import {
  type SubscribeResponse_Delivery as Delivery,
  SubscribeRequest_Nack_Why as NackWhy,
  type SubscribeRequest,
} from '@connections/proto-utils/v1/messaging';

export type Settlement = 'ack' | 'leave' | { readonly reject: string };

export interface LookedAt {
  readonly namespace: string;
  readonly queue: string;
  /** At most so many messages: what waits there now. */
  readonly count: number;
}

type Frame = NonNullable<SubscribeRequest['frame']>;

/** Of a service: more may not be open at once. */
const maxOpen = 256;
/** Others may take what waited: the rest is not awaited longer than this. */
const idleMs = 1_000;

/**
 * Each message once: one that is left stays open until the end, and then goes back uncounted. Resolves with how many
 * were settled otherwise, when that stands in the broker.
 */
export async function settleEach(
  client: Client<typeof messagingService>,
  { namespace, queue, count }: LookedAt,
  judge: (delivery: Delivery) => Settlement,
  call: CallOptions,
): Promise<number> {
  const frames = new PassThrough({ objectMode: true });
  const send = (frame: Partially<Frame>) => frames.write({ frame });
  const left: string[] = [];
  let seen = 0;
  let settled = 0;
  let draining = false;
  const leave = (ids: readonly string[]) => {
    if (ids.length > 0) send({ $case: 'nack', value: { ids, why: NackWhy.WHY_BUSY } });
  };
  const finish = () => {
    if (draining) return;
    draining = true;
    // First, or what goes back comes again.
    send({ $case: 'drain', value: {} });
    leave(left);
  };
  const idle = setTimeout(finish, idleMs);
  send({
    $case: 'open',
    value: { namespace, queue, credit: { messages: Math.min(count, maxOpen), bytes: 0n } },
  });
  try {
    for await (const { frame } of client.subscribe(frames, call)) {
      if (frame?.$case === 'draining') finish();
      if (frame?.$case !== 'delivery') continue;
      idle.refresh();
      const { id } = frame.value;
      const settlement = draining ? 'leave' : judge(frame.value);
      if (settlement === 'leave') {
        if (draining) leave([id]);
        else left.push(id);
      } else {
        settled++;
        if (settlement === 'ack') send({ $case: 'ack', value: { ids: [id] } });
        else send({ $case: 'reject', value: { ids: [id], reason: settlement.reject } });
      }
      if (++seen >= count || left.length >= maxOpen) finish();
    }
    return settled;
  } finally {
    clearTimeout(idle);
    frames.destroy();
  }
}
