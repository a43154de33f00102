/** Calls of all shapes whose messages are bytes, so that a transport is measured without a codec. */
import type { Handlers, MessageCodec, MethodDefinition } from '@connections/grpc';

const sameBytes: MessageCodec<Uint8Array> = {
  encode: (bytes) => bytes,
  decode: (bytes) => bytes,
  create: (partial) => partial as Uint8Array,
};

function method<RequestStream extends boolean, ResponseStream extends boolean>(
  name: string,
  requestStream: RequestStream,
  responseStream: ResponseStream,
): MethodDefinition<Uint8Array, Uint8Array, RequestStream, ResponseStream> {
  const path = `/bench.Echo/${name}`;
  return { path, requestStream, responseStream, request: sameBytes, response: sameBytes };
}

export const echoService = {
  fullName: 'bench.Echo',
  methods: {
    echo: method('Echo', false, false),
    /** Takes a message and answers with nothing. */
    take: method('Take', false, false),
    /** Answers with as many bytes as it is asked for. */
    give: method('Give', false, false),
    /** As many messages as it is asked for. */
    list: method('List', false, true),
    chat: method('Chat', true, true),
    /** Messages of as many bytes as it is asked for, each made anew, without an end. */
    flood: method('Flood', false, true),
  },
} as const;

const nothing = new Uint8Array();
const listed = new Uint8Array(100).fill(0x78);

export const echoHandlers: Handlers<typeof echoService> = {
  echo: async (request) => request,
  take: async () => nothing,
  give: async (request) => new Uint8Array(countIn(request)),
  async *list(request) {
    for (let left = countIn(request); left > 0; left--) yield listed;
  },
  async *chat(requests) {
    yield* requests;
  },
  async *flood(request) {
    for (const bytes = countIn(request); ; ) yield new Uint8Array(bytes).fill(0x78);
  },
};

/** What `give`, `list` and `flood` are asked with. */
export function askFor(count: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(count);
  return bytes;
}

export function countIn(request: Uint8Array): number {
  return new DataView(request.buffer, request.byteOffset, request.byteLength).getUint32(0);
}
