/** What carries the calls of a process: our own HTTP/2, or grpc-js, which is loaded only where it is asked for. */
import {
  type Channel,
  type ClientTls,
  createServer,
  type Server,
  type ServerOptions,
} from '@connections/grpc';
import { openServiceChannel } from '@connections/proto-utils';
import type { Settings } from '../settings/settings-table.ts';
import type { transportSettings } from '../settings/transport-settings.ts';

export type TransportName = Settings<typeof transportSettings>['grpcTransport'];

export interface Transport {
  createServer(options?: ServerOptions): Server;
  /**
   * A channel to a service of ours, by `host:port`, or several with commas between them.
   * @param tls is asked for each connection by our own transport, once by grpc-js @default none, plain text
   */
  openChannel(address: string, tls?: () => ClientTls): Channel;
}

const builtIn: Transport = { createServer, openChannel: openServiceChannel };

export async function loadTransport(name: TransportName): Promise<Transport> {
  if (name === 'built-in') return builtIn;
  const { createGrpcJsChannel, createGrpcJsServer } = await import('@connections/grpc/grpc-js');
  return {
    createServer: createGrpcJsServer,
    openChannel: (address, tls) => createGrpcJsChannel(address, tls && { tls: tls() }),
  };
}
