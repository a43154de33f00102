/** The frames of a subscription as v1 messages, and back. */
import {
  type Credit,
  SubscribeResponse_Lost_Why as LostWhy,
  SubscribeRequest_Nack_Why as NackWhy,
  SubscribeResponse_Settled_Result as Result,
  type SubscribeRequest,
  type SubscribeResponse,
} from '@connections/proto-utils/v1/messaging';
import { invalidField } from '@connections/runtime/errors';
import type { Window } from '../../domain/delivery-ledger.ts';
import type { ClientFrame, ServerFrame } from '../../service/subscribe-frame.ts';

type Duration = NonNullable<SubscribeRequest['frame'] & { $case: 'extend' }>['value']['lease'];

const nackCounts = new Map<number, boolean>([
  [NackWhy.WHY_UNSPECIFIED, true],
  [NackWhy.WHY_FAILED, true],
  [NackWhy.WHY_BUSY, false],
]);
const lostWhys = {
  LEASE_EXPIRED: LostWhy.WHY_LEASE_EXPIRED,
  BROKER_LOST: LostWhy.WHY_BROKER_LOST,
} as const;
const results = { OK: Result.RESULT_OK, STALE: Result.RESULT_STALE } as const;

export async function* subscribeRequests(
  requests: AsyncIterable<SubscribeRequest>,
): AsyncGenerator<ClientFrame, void> {
  for await (const { frame } of requests) {
    if (!frame) throw invalidField('frame', 'must be set');
    yield clientFrame(frame);
  }
}

function clientFrame(frame: NonNullable<SubscribeRequest['frame']>): ClientFrame {
  switch (frame.$case) {
    case 'open': {
      const { namespace, queue, credit, lease } = frame.value;
      return { kind: 'open', namespace, queue, credit: windowOf(credit), leaseMs: milliseconds(lease) };
    }
    case 'ack':
      return { kind: 'ack', ids: frame.value.ids };
    case 'nack': {
      const counts = nackCounts.get(frame.value.why);
      if (counts === undefined) throw invalidField('nack.why', 'is none of the values of Why');
      return { kind: 'nack', ids: frame.value.ids, counts };
    }
    case 'reject':
      return { kind: 'reject', ids: frame.value.ids, reason: frame.value.reason || 'rejected' };
    case 'extend':
      return { kind: 'extend', ids: frame.value.ids, leaseMs: milliseconds(frame.value.lease) };
    case 'credit':
      return { kind: 'credit', credit: windowOf(frame.value) };
    case 'drain':
      return { kind: 'drain' };
  }
}

export function subscribeResponse(frame: ServerFrame): SubscribeResponse {
  switch (frame.kind) {
    case 'opened': {
      const { session, window, leaseMs } = frame;
      const limits = { messages: window.messages, bytes: BigInt(window.bytes) };
      return { frame: { $case: 'opened', value: { session, limits, lease: duration(leaseMs) } } };
    }
    case 'delivery': {
      const { id, delivery, leaseUntil } = frame;
      const { message, exchange, routingKey, attempt } = delivery;
      const { publishedAt, headers, ...rest } = message;
      const value = {
        id,
        message: { ...rest, headers: new Map(headers), publishTime: new Date(publishedAt) },
        exchange,
        routingKey,
        attempt,
        leaseExpireTime: new Date(leaseUntil),
      };
      return { frame: { $case: 'delivery', value } };
    }
    case 'settled':
      return { frame: { $case: 'settled', value: { ids: [...frame.ids], result: results[frame.result] } } };
    case 'lost':
      return { frame: { $case: 'lost', value: { ids: [...frame.ids], why: lostWhys[frame.why] } } };
    case 'draining':
      return { frame: { $case: 'draining', value: { grace: duration(frame.graceMs) } } };
  }
}

function windowOf(credit: Credit | undefined): Window {
  return { messages: credit?.messages ?? 0, bytes: Number(credit?.bytes ?? 0n) };
}

function milliseconds(duration: Duration): number | undefined {
  return duration && Number(duration.seconds) * 1_000 + duration.nanos / 1_000_000;
}

function duration(ms: number): NonNullable<Duration> {
  return { seconds: BigInt(Math.trunc(ms / 1_000)), nanos: (ms % 1_000) * 1_000_000 };
}
