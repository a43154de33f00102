/** What a consumer's user writes: a function from a delivery to a verdict. */
import type { Message } from '@connections/proto-utils/v1/messaging';

export interface ReceivedDelivery {
  readonly message: Message;
  readonly exchange: string;
  readonly routingKey: string;
  /** 1 for the first delivery. */
  readonly attempt: number;
  /** Aborts when the delivery is lost: its lease or the stream has ended, and it will be delivered again. */
  readonly signal: AbortSignal;
}

/**
 * `ack`: done. `retry`: deliver it again; counts towards the queue's delivery limit. `reject`: never again, to the
 * dead-letter queue.
 */
export type HandlerVerdict = 'ack' | 'retry' | 'reject';

/**
 * A handler that throws means `retry`. A message may come more than once: its id tells. It runs in the OpenTelemetry context
 * that the message carries.
 */
export type MessageHandler = (delivery: ReceivedDelivery) => Promise<HandlerVerdict>;
