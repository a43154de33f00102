export { type ConsumeOptions, type Consumer, createConsumer } from './consumer.ts';
export { createDirectPublisher, type DirectAddress, type DirectPublisher } from './direct-publisher.ts';
export type { HandlerVerdict, MessageHandler, ReceivedDelivery } from './handler.ts';
export type { MessagingAddress } from './messaging-address.ts';
export type { OutgoingMessage, Publisher, PublishOptions } from './outgoing-message.ts';
export { PublishError, type Unconfirmed } from './publish-error.ts';
export { createPublisher } from './publisher.ts';
export {
  type SchemaRequest,
  schemaRequest,
  type ValidationRequest,
  validationRequest,
} from './wire-requests.ts';
