/** A message as it goes over AMQP, and what the protocol can carry of one. */
import type { Options } from 'amqplib';
import type { HeaderTable } from './message-headers.ts';
import { isShortText, shortTextBytes } from './short-text.ts';

export interface AmqpMessage {
  /**
   * May be empty. Names it among those in flight, together with the key among its headers if it has one: two under way at
   * once with the same are copies of one message.
   */
  readonly id: string;
  readonly body: Uint8Array;
  /** UTF-8 text without a type. */
  readonly contentType: string;
  readonly headers: HeaderTable;
  /** Epoch milliseconds; the property has seconds. */
  readonly publishedAt: number;
}

/** Empty for the exchange without a name, which routes to the queue of the key's name. */
export interface AmqpTarget {
  readonly exchange: string;
  readonly routingKey: string;
}

export type AmqpOutcome =
  | { readonly outcome: 'CONFIRMED' }
  /** No queue is bound for the routing key; nothing is kept. */
  | { readonly outcome: 'UNROUTABLE' }
  /** The broker refused it; nothing is kept. */
  | { readonly outcome: 'REJECTED'; readonly reason: string }
  /** No answer: it may be there. */
  | { readonly outcome: 'UNKNOWN'; readonly reason: string };

/** What RabbitMQ 4 takes by default; earlier ones take more. A larger one would close the channel for all others. */
const maxBodyBytes = 16_777_216;
/** Of names and values: what amqplib has room for, 64 KiB with their lengths. */
const maxHeaderBytes = 65_532;
/** Of one header, besides its name and its text: two lengths and a type. */
const headerOverheadBytes = 6;
/** What one message counts besides its body: frames, properties and its share of the memory that waits for a confirm. */
const overheadBytes = 512;
const numberBytes = 8;

/** Why it cannot be sent; undefined when it can. Sent all the same, it would cost every other message its confirm. */
export function messageTrouble({ id, body, contentType, headers }: AmqpMessage): string | undefined {
  if (!isShortText(id)) return `the id has more than ${shortTextBytes} bytes`;
  if (!isShortText(contentType)) return `the content type has more than ${shortTextBytes} bytes`;
  if (body.length > maxBodyBytes) return `the body has more than ${maxBodyBytes} bytes`;
  if (headerBytes(headers) > maxHeaderBytes) return `the headers have more than ${maxHeaderBytes} bytes`;
  return undefined;
}

function headerBytes(headers: HeaderTable): number {
  let bytes = 0;
  for (const name in headers) {
    const value = headers[name];
    bytes += Buffer.byteLength(name) + headerOverheadBytes;
    bytes += typeof value === 'string' ? Buffer.byteLength(value) : numberBytes;
  }
  return bytes;
}

export function targetTrouble({ exchange, routingKey }: AmqpTarget): string | undefined {
  if (!isShortText(exchange)) return `the exchange has more than ${shortTextBytes} bytes`;
  if (!isShortText(routingKey)) return `the routing key has more than ${shortTextBytes} bytes`;
  return undefined;
}

export function messageBytes({ body, headers }: AmqpMessage): number {
  let bytes = body.length + overheadBytes;
  for (const name in headers) {
    const value = headers[name];
    bytes += name.length + (typeof value === 'string' ? value.length : numberBytes);
  }
  return bytes;
}

/** Persistent, and returned when no queue is bound for it. */
export function properties({ id, contentType, headers, publishedAt }: AmqpMessage): Options.Publish {
  const timestamp = Math.floor(publishedAt / 1_000);
  const options: Options.Publish = { persistent: true, mandatory: true, timestamp, headers };
  if (id !== '') options.messageId = id;
  if (contentType !== '') options.contentType = contentType;
  return options;
}
