/** A service of all four shapes with a codec made by hand, and a server and client for it on a free port. */
import {
  type Client,
  createClient,
  type Handlers,
  type MessageCodec,
  type MethodDefinition,
  type ServerOptions,
} from '../src/index.ts';
import type { Transport } from './transports.ts';

export interface Note {
  readonly text: string;
  readonly blob: Uint8Array;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** Four bytes of the text's length, the text, the blob. */
export const noteCodec: MessageCodec<Note> = {
  encode({ text, blob }) {
    const utf8 = new TextEncoder().encode(text);
    const bytes = new Uint8Array(4 + utf8.length + blob.length);
    new DataView(bytes.buffer).setUint32(0, utf8.length);
    bytes.set(utf8, 4);
    bytes.set(blob, 4 + utf8.length);
    return bytes;
  },
  decode(bytes) {
    const end = 4 + new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
    if (end > bytes.length) throw new RangeError('the text is cut short');
    return { text: strictUtf8.decode(bytes.subarray(4, end)), blob: bytes.slice(end) };
  },
  create: (partial) => ({ text: partial.text ?? '', blob: partial.blob ?? new Uint8Array() }),
};

function method<RequestStream extends boolean, ResponseStream extends boolean>(
  name: string,
  requestStream: RequestStream,
  responseStream: ResponseStream,
): MethodDefinition<Note, Note, RequestStream, ResponseStream> {
  return {
    path: `/test.Notes/${name}`,
    requestStream,
    responseStream,
    request: noteCodec,
    response: noteCodec,
  };
}

export const noteService = {
  fullName: 'test.Notes',
  methods: {
    get: method('Get', false, false),
    list: method('List', false, true),
    collect: method('Collect', true, false),
    echo: method('Echo', true, true),
  },
} as const;

export type NoteHandlers = Handlers<typeof noteService>;
export type NoteClient = Client<typeof noteService>;

export function note(text: string, blob: Uint8Array = new Uint8Array()): Note {
  return { text, blob };
}

export async function* notes(...texts: string[]): AsyncIterable<Note> {
  for (const text of texts) yield note(text);
}

export async function textsOf(responses: AsyncIterable<Note>): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of responses) texts.push(text);
  return texts;
}

/** Answers what it is asked; `list` counts to the number in the request's text. */
export const plainHandlers: NoteHandlers = {
  get: async (request) => request,
  async *list({ text }) {
    for (let i = 1; i <= Number(text); i++) yield note(`${i}`);
  },
  async collect(requests) {
    return note((await textsOf(requests)).join(' '));
  },
  async *echo(requests) {
    yield* requests;
  },
};

export interface ServedNotes extends AsyncDisposable {
  readonly client: NoteClient;
  readonly port: number;
  stop(graceMs: number): Promise<void>;
}

export async function serveNotesOver(
  transport: Transport,
  handlers: Partial<NoteHandlers> = {},
  options: ServerOptions = {},
): Promise<ServedNotes> {
  const server = transport.createServer(options);
  server.add(noteService, { ...plainHandlers, ...handlers });
  const port = await server.listen('127.0.0.1', 0);
  const channel = transport.createChannel(`127.0.0.1:${port}`, { maxMessageBytes: 8_388_608 });
  return {
    client: createClient(noteService, channel),
    port,
    stop: (graceMs) => server.stop(graceMs),
    async [Symbol.asyncDispose]() {
      channel.close();
      await server.stop(0);
    },
  };
}
