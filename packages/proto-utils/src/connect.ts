/** Clients of the two services in one call: one connection each, shared by all of a service's clients. */
import { type Client, createClient } from '@connections/grpc';
import { createGrpcJsChannel } from '@connections/grpc/grpc-js';
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

/** Connects to a Database service. @param address `host:port` @default '127.0.0.1:50050' */
export function connectDatabase(address = '127.0.0.1:50050'): DatabaseClient {
  const channel = createGrpcJsChannel(address);
  return {
    cache: createClient(cacheService, channel),
    schemas: createClient(schemaService, channel),
    tasks: createClient(taskService, channel),
    ready: (timeoutMs) => channel.ready(timeoutMs),
    close: () => channel.close(),
    [Symbol.dispose]: () => channel.close(),
  };
}

/** Connects to a Messaging service. @param address `host:port` @default '127.0.0.1:50055' */
export function connectMessaging(address = '127.0.0.1:50055'): MessagingClient {
  const channel = createGrpcJsChannel(address);
  return {
    messaging: createClient(messagingService, channel),
    ready: (timeoutMs) => channel.ready(timeoutMs),
    close: () => channel.close(),
    [Symbol.dispose]: () => channel.close(),
  };
}
