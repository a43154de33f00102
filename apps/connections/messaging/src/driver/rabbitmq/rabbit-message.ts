/** Messages of the port as AMQP carries them, and back. */
import { randomBytes } from 'node:crypto';
import {
  type AmqpMessage,
  type ConsumeMessage,
  decodeHeaders,
  encodeHeaders,
  isShortText,
  numberIn,
  ownHeaders as own,
  type ReceivedTable,
  textIn,
  textOf,
} from '@connections/amqp';
import type { Message } from '../../port/broker.ts';
import { deathOf, withDeath } from './rabbit-death.ts';
import { logicalName } from './rabbit-names.ts';

/** What came over the wire. */
export interface Incoming {
  readonly message: Message;
  readonly exchange: string;
  readonly routingKey: string;
  /** Of the publication, or of the message where others published it; undefined where it has nothing to be known by. */
  readonly key: string | undefined;
  /** What the broker counted, for whatever reason. */
  readonly returns: number;
  readonly redelivered: boolean;
}

/** Where a message stood before this driver placed it anew. */
export interface Origin {
  readonly exchange: string;
  readonly routingKey: string;
}

/** The end of the year 9999. */
const lastMs = 253_402_300_799_999;

const process = randomBytes(9).toString('base64url');
let publications = 0;

/** Unique among all processes. */
function publicationKey(): string {
  publications += 1;
  return `${process}.${publications.toString(36)}`;
}

export function toAmqp(message: Message, origin?: Origin): AmqpMessage {
  const { id, body, contentType, subject, publishedAt } = message;
  const headers = encodeHeaders(message.headers, subject);
  headers[own.key] = publicationKey();
  headers[own.publishedAt] = publishedAt;
  if (!isShortText(id)) headers[own.id] = id;
  if (!isShortText(contentType)) headers[own.contentType] = contentType;
  if (origin) {
    headers[own.exchange] = origin.exchange;
    headers[own.routingKey] = origin.routingKey;
  }
  return {
    id: isShortText(id) ? id : '',
    body,
    contentType: isShortText(contentType) ? contentType : '',
    headers,
    publishedAt,
  };
}

export function fromAmqp(namespace: string, { content, fields, properties }: ConsumeMessage): Incoming {
  const table: ReceivedTable = properties.headers ?? {};
  const headers = decodeHeaders(table);
  const death = deathOf(namespace, table);
  if (death) withDeath(headers, death);
  const messageId = textOf(properties.messageId);
  const seconds: unknown = properties.timestamp;
  const exchange = textIn(table, own.exchange) ?? death?.exchange ?? logicalName(namespace, fields.exchange);
  return {
    message: {
      id: textIn(table, own.id) ?? messageId,
      body: content,
      contentType: textIn(table, own.contentType) ?? textOf(properties.contentType),
      headers,
      subject: textIn(table, own.subject) ?? '',
      publishedAt: timeIn(numberIn(table, own.publishedAt) ?? 1_000 * Number(seconds)),
    },
    exchange,
    routingKey:
      textIn(table, own.routingKey) ?? death?.routingKey ?? keyOf(namespace, exchange, fields.routingKey),
    key: textIn(table, own.key) ?? (messageId === '' ? undefined : `${messageId} ${textOf(seconds)}`),
    returns: numberIn(table, 'x-delivery-count') ?? 0,
    redelivered: fields.redelivered,
  };
}

/** 0 for none, and for what has no timestamp in protobuf: no transport could carry the message. */
function timeIn(ms: number): number {
  return ms >= 0 && ms <= lastMs ? ms : 0;
}

/** Through the exchange without a name the key is the name of a queue. */
function keyOf(namespace: string, exchange: string, routingKey: string): string {
  return exchange === '' ? logicalName(namespace, routingKey) : routingKey;
}
