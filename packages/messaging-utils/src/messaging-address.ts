/** How a publisher or consumer reaches the Messaging service: a channel that is there, or one of its own. */
import type { Channel } from '@connections/grpc';
import { createGrpcJsChannel } from '@connections/grpc/grpc-js';

export interface MessagingAddress {
  /** Shared with others and left open. Wins over `address`. */
  readonly channel?: Channel;
  /** `host:port`. @default '127.0.0.1:50055' */
  readonly address?: string;
  /** Of every queue and exchange named. @default 'default' */
  readonly namespace?: string;
}

export interface MessagingConnection {
  readonly channel: Channel;
  readonly namespace: string;
  close(): void;
}

export function openConnection({ channel, address, namespace = '' }: MessagingAddress): MessagingConnection {
  if (channel) return { channel, namespace, close: () => {} };
  const own = createGrpcJsChannel(address ?? '127.0.0.1:50055');
  return { channel: own, namespace, close: () => own.close() };
}
