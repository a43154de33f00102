export type { Channel, ConsumeMessage } from 'amqplib';
export { type AmqpAddress, AmqpConnection } from './amqp-connection.ts';
export { AmqpLink, type AmqpLinkOptions } from './amqp-link.ts';
export {
  type AmqpMessage,
  type AmqpOutcome,
  type AmqpTarget,
  messageTrouble,
  targetTrouble,
} from './amqp-message.ts';
export { heeding } from './call-signal.ts';
export {
  ConfirmedPublisher,
  type ConfirmedPublisherOptions,
  type Patience,
} from './confirmed-publisher.ts';
export { encodeHeaders, type HeaderTable, ownHeaders } from './message-headers.ts';
export { NotSentError, type NotSentWhy } from './not-sent-error.ts';
export { decodeHeaders, numberIn, type ReceivedTable, textIn, textOf } from './received-headers.ts';
export { reconnectDelay } from './reconnect-delay.ts';
export { accessRefused, notFound, notImplemented, preconditionFailed, replyCode } from './reply-code.ts';
export { isShortText, shortTextBytes } from './short-text.ts';
