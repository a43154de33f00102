/** The servers and channels that the suites of calls run over, in pairs. */
import { describe } from 'node:test';
import { createGrpcJsChannel, createGrpcJsServer } from '../src/grpc-js/index.ts';
import { type Channel, createChannel, createServer, type Server, type ServerOptions } from '../src/index.ts';
import { type NoteHandlers, type ServedNotes, serveNotesOver } from './note-service.ts';

/** What may be set of every channel. */
export interface AnyChannelOptions {
  readonly maxMessageBytes?: number;
  readonly keepaliveMs?: number;
  readonly keepaliveTimeoutMs?: number;
}

export interface Transport {
  readonly name: string;
  /** What a stream takes of requests, and of responses, before somebody has read them. */
  readonly requestWindowBytes: number;
  readonly responseWindowBytes: number;
  /** By which a process may grow that holds 50 messages of 1 MiB that nobody reads. */
  readonly stalledMebibytes: number;
  createServer(options?: ServerOptions): Server;
  createChannel(address: string, options?: AnyChannelOptions): Channel;
}

const ourServer = { createServer, requestWindowBytes: 262_144, stalledMebibytes: 64 };
// It copies what it has not sent.
const grpcJsServer = { createServer: createGrpcJsServer, requestWindowBytes: 65_535, stalledMebibytes: 104 };
const grpcJsChannel = { createChannel: createGrpcJsChannel, responseWindowBytes: 65_535 };
const ourChannel = { createChannel, responseWindowBytes: 262_144 };

export const transports: readonly Transport[] = [
  { name: 'ours', ...ourServer, ...ourChannel },
  { name: 'grpc-js channel to ours', ...ourServer, ...grpcJsChannel },
  { name: 'grpc-js', ...grpcJsServer, ...grpcJsChannel },
  { name: 'our channel to grpc-js', ...grpcJsServer, ...ourChannel },
];

export interface TransportUnderTest extends Transport {
  serveNotes(handlers?: Partial<NoteHandlers>, options?: ServerOptions): Promise<ServedNotes>;
}

/** A suite for each transport. */
export function overEachTransport(subject: string, suite: (transport: TransportUnderTest) => void): void {
  for (const transport of transports) {
    describe(`${subject}, over ${transport.name}`, () => {
      suite({
        ...transport,
        serveNotes: (handlers, options) => serveNotesOver(transport, handlers, options),
      });
    });
  }
}
