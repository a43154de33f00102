/** Clients of the two services in one call: one connection each, shared by all of a service's clients. */
import { type Channel, type Client, createClient } from '@connections/grpc';
import { openServiceChannel } from './service-channel.ts';
import { cacheService, messagingService, schemaService, taskService } from './services.ts';

interface Connection extends Disposable {
  /** Resolves when the service answers; rejects with UNAVAILABLE after `timeoutMs`. */
  ready(timeoutMs: number): Promise<void>;
  close(): void;
}

export interface DatabaseClient extends Connection {
  readonly cache: Client<typeof cacheService>;
  readonly schemas: Client<typeof schemaService>;
  readonly tasks: Client<typeof taskService>;
}

export interface MessagingClient extends Connection {
  readonly messaging: Client<typeof messagingService>;
}

/**
 * Connects to a Database service.
 * @param to `host:port`, or several with commas between them, or a channel of the caller's, which is left open @default '127.0.0.1:50050'
 */
export function connectDatabase(to: string | Channel = '127.0.0.1:50050'): DatabaseClient {
  const { channel, connection } = connect(to);
  return {
    cache: createClient(cacheService, channel),
    schemas: createClient(schemaService, channel),
    tasks: createClient(taskService, channel),
    ...connection,
  };
}

/**
 * Connects to a Messaging service.
 * @param to `host:port`, or several with commas between them, or a channel of the caller's, which is left open @default '127.0.0.1:50055'
 */
export function connectMessaging(to: string | Channel = '127.0.0.1:50055'): MessagingClient {
  const { channel, connection } = connect(to);
  return {
    messaging: createClient(messagingService, channel),
    ...connection,
  };
}

function connect(to: string | Channel): { readonly channel: Channel; readonly connection: Connection } {
  const channel = typeof to === 'string' ? openServiceChannel(to) : to;
  const close = channel === to ? () => {} : () => channel.close();
  return {
    channel,
    connection: { ready: (timeoutMs) => channel.ready(timeoutMs), close, [Symbol.dispose]: close },
  };
}
