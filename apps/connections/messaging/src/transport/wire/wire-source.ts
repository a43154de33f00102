/** What the two streams of the wire contract deliver, and what they refuse to. */
import type { MessageCodec } from '@connections/grpc';
import { wireMessagingService } from '@connections/proto-utils';
import { limits } from '@connections/runtime';
import type { Message } from '../../port/broker.ts';
import type { OneWaySource, Translated } from '../../service/one-way-stream.ts';
import { schemaMessage } from './schema-body.ts';
import { validationMessage } from './validation-body.ts';

const { streamSchemaMessages, streamValidationMessages } = wireMessagingService.methods;

/** Bodies below this cannot become a message that the transport refuses, whatever their mapping adds. */
const surelySmallBytes = limits.messageBytes / 8;

export const schemaSource = (queue: string) =>
  ({
    queue,
    category: 'schemas',
    translate: translation(schemaMessage, streamSchemaMessages.response),
  }) satisfies OneWaySource<unknown>;

export const validationSource = (queue: string) =>
  ({
    queue,
    category: 'validation',
    translate: translation(validationMessage, streamValidationMessages.response),
  }) satisfies OneWaySource<unknown>;

function translation<T extends { readonly id: string }>(
  read: (message: Message) => T,
  codec: MessageCodec<T>,
): (message: Message) => Translated<T> {
  return (message) => {
    let value: T;
    try {
      value = read(message);
    } catch {
      return { refused: 'unparseable' };
    }
    if (message.body.length > surelySmallBytes && codec.encode(value).length > limits.messageBytes) {
      return { refused: 'too_large' };
    }
    return { value, taskId: value.id };
  };
}
