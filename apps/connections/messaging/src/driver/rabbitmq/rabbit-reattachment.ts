/** Attaches a subscription again after its channel was lost, for as long as it takes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AmqpLink } from '@connections/amqp';
import { type AttachmentParts, RabbitAttachment } from './rabbit-attachment.ts';
import { isMissing } from './rabbit-errors.ts';

const retryMs = 250;
/** A queue that a restarted broker does not have may be declared again by then. */
const missingTries = 20;

/** Undefined when the queue is gone, or the signal has aborted. */
export async function attachAgain(
  link: AmqpLink,
  parts: () => Omit<AttachmentParts, 'connection'>,
  signal: AbortSignal,
): Promise<RabbitAttachment | undefined> {
  for (let missing = 0; missing < missingTries && !signal.aborted; ) {
    try {
      const attachment = await RabbitAttachment.open({ ...parts(), connection: await link.ready(signal) });
      if (!signal.aborted) return attachment;
      await attachment.close(() => {});
    } catch (error) {
      if (isMissing(error)) missing += 1;
      await sleep(retryMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }
  return undefined;
}
