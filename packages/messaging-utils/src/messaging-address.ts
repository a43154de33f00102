/** How a publisher or consumer reaches the Messaging service: a channel that is there, or one of its own. */
import type { Channel } from '@connections/grpc';
import { openServiceChannel } from '@connections/proto-utils';

export interface MessagingAddress {
  /** Shared with others and left open, whatever transport it is. Wins over `address`. */
  readonly channel?: Channel;
  /** `host:port`, or those of several replicas with commas between them. @default '127.0.0.1:50055' */
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
  const own = openServiceChannel(address ?? '127.0.0.1:50055');
  return { channel: own, namespace, close: () => own.close() };
}
