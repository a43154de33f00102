export { type ConsumeOptions, type Consumer, createConsumer } from './consumer.ts';
export type { HandlerVerdict, MessageHandler, ReceivedDelivery } from './handler.ts';
export type { MessagingAddress } from './messaging-address.ts';
export { PublishError, type Unconfirmed } from './publish-error.ts';
export { createPublisher, type OutgoingMessage, type Publisher, type PublishOptions } from './publisher.ts';
