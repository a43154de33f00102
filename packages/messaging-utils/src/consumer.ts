/** Consumes a queue for as long as it is asked to, over however many connections that takes. */
import { reconnectDelay } from '@connections/amqp';
import { createClient, StatusError } from '@connections/grpc';
import { messagingService } from '@connections/proto-utils';
import { ConsumerStream } from './consumer-stream.ts';
import type { MessageHandler, ReceivedDelivery } from './handler.ts';
import { type MessagingAddress, openConnection } from './messaging-address.ts';
import { isPassing } from './passing-failure.ts';
import { Slots } from './slots.ts';

export interface ConsumeOptions {
  /** Ends the run: takes no more messages, lets running handlers finish. */
  readonly signal: AbortSignal;
  /** Handlers at once; no message is taken before there is one free for it. 1 to 256. @default 8 */
  readonly concurrency?: number;
  /** How long a silent process keeps a message from the others; extended while a handler runs. 1 to 600. @default 60 */
  readonly leaseSeconds?: number;
  /** How long a handler may run before its message is given to another; the service's limit is 1 200. @default 1 200 */
  readonly maxLeaseSeconds?: number;
  /** Told what a handler threw. @default a process warning */
  readonly onError?: (error: unknown, delivery: ReceivedDelivery) => void;
}

export interface Consumer extends Disposable {
  /**
   * Hands every message of the queue to the handler. Connects again when the connection or the service goes away, so a
   * message may come again while an earlier run of its handler, whose `signal` has aborted, is still busy.
   *
   * Resolves after the signal aborted, when the last handler has finished and its verdict stands. Rejects with a
   * StatusError for what connecting again does not mend: an unknown queue, a missing permission, a bad option.
   */
  run(queue: string, handler: MessageHandler, options: ConsumeOptions): Promise<void>;
  /** Closes the connection, unless it was given. Runs are ended by their signals, before. */
  close(): void;
}

export function createConsumer(options: MessagingAddress = {}): Consumer {
  const { channel, namespace, close } = openConnection(options);
  const client = createClient(messagingService, channel);
  return {
    async run(
      queue,
      handler,
      { signal, concurrency = 8, leaseSeconds = 60, maxLeaseSeconds = 1_200, onError = warn },
    ) {
      checkRange('concurrency', concurrency, 256);
      checkRange('leaseSeconds', leaseSeconds, 600);
      const slots = new Slots(concurrency);
      const streams = new Map<ConsumerStream, Promise<void>>();
      const drain = () => {
        for (const stream of streams.keys()) stream.drain();
      };
      const open = () => {
        const stream = new ConsumerStream({
          client,
          namespace,
          queue,
          credit: concurrency,
          leaseSeconds,
          maxLeaseSeconds,
          slots,
          handler,
          onError,
        });
        streams.set(
          stream,
          stream.run().finally(() => streams.delete(stream)),
        );
        return stream;
      };
      signal.addEventListener('abort', drain);
      try {
        for (let failures = 0; !signal.aborted; failures++) {
          const stream = open();
          const failure = await stream.retired;
          if (failure !== undefined && !isPassing(failure)) throw failure;
          if (stream.opened) failures = 0;
          if (!signal.aborted) await reconnectDelay(failures, signal);
        }
      } finally {
        signal.removeEventListener('abort', drain);
        drain();
        await Promise.all(streams.values());
      }
    },
    close,
    [Symbol.dispose]: close,
  };
}

function checkRange(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= max) return;
  throw new StatusError('INVALID_ARGUMENT', `${name} must be a whole number from 1 to ${max}`);
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
