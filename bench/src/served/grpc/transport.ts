/** The transports that the bench compares, on either end. */
import {
  type Channel,
  type ClientTls,
  createChannel,
  createServer,
  type Server,
  type ServerOptions,
} from '@connections/grpc';
import { createGrpcJsChannel, createGrpcJsServer } from '@connections/grpc/grpc-js';

export type TransportName = 'own' | 'grpc-js';

export function serverOn(transport: TransportName, options?: ServerOptions): Server {
  return transport === 'own' ? createServer(options) : createGrpcJsServer(options);
}

/** The channel of grpc-js takes no TLS. */
export function channelOn(transport: TransportName, address: string, tls?: ClientTls): Channel {
  if (transport === 'own') return createChannel(address, tls && { tls });
  if (tls) throw new RangeError('the channel of grpc-js takes no TLS');
  return createGrpcJsChannel(address);
}
