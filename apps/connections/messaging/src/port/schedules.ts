/** The port for messages that are to come later: scheduled, and returned with a delay. No driver declares it yet. */
import type { Message, PublishOutcome } from './broker.ts';

export interface Schedules {
  /**
   * Publishes at `dueAt` (epoch milliseconds) or as soon after it as the broker can, never before. CONFIRMED once the
   * schedule is as durable as a message would be; what is UNROUTABLE when it is due goes to the dead letters.
   */
  publish(
    namespace: string,
    target: { readonly exchange: string; readonly routingKey: string },
    message: Message,
    dueAt: number,
    signal: AbortSignal,
  ): Promise<PublishOutcome>;
  /** By the id of the message. False when it was published already, or never scheduled. */
  cancel(namespace: string, id: string, signal: AbortSignal): Promise<boolean>;
}
