/** A server of ours with the note service, and its answers as they are on the wire. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { createServer, type ServerOptions } from '../src/index.ts';
import { messagePrefix } from '../src/protocol/message-prefix.ts';
import { MessageReader } from '../src/protocol/message-reader.ts';
import { type NoteHandlers, note, noteCodec, noteService, plainHandlers } from './note-service.ts';
import { openRaw, statusOf } from './raw-call.ts';

export async function serve(options: ServerOptions = {}, handlers: Partial<NoteHandlers> = {}) {
  const server = createServer(options);
  server.add(noteService, { ...plainHandlers, ...handlers });
  const port = await server.listen('127.0.0.1', 0);
  return { server, port, [Symbol.asyncDispose]: () => server.stop(0) };
}

export interface Answer {
  readonly head: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export async function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  let head: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  const pieces: Buffer[] = [];
  stream.on('response', (headers) => {
    head = headers;
  });
  stream.on('trailers', (headers) => {
    trailers = headers;
  });
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  stream.resume();
  await once(stream, 'close');
  return { head, trailers, body: Buffer.concat(pieces) };
}

export function messagesOf(body: Buffer): { readonly compressed: boolean; readonly bytes: Uint8Array }[] {
  const reader = new MessageReader(1_000_000);
  reader.give(body, 0, body.length);
  const messages = [];
  for (let bytes = reader.next(); bytes; bytes = reader.next())
    messages.push({ compressed: reader.compressed, bytes });
  assert.equal(reader.heldBytes, 0);
  return messages;
}

export const hello = noteCodec.encode(note('hello'));

export function compressed(bytes: Uint8Array): Buffer {
  return Buffer.concat([messagePrefix(bytes.length, true), bytes]);
}

export async function statusAfter(
  session: ClientHttp2Session,
  headers: Record<string, string>,
  ...pieces: Uint8Array[]
): Promise<IncomingHttpHeaders> {
  const stream = openRaw(session, '/test.Notes/Get', headers);
  for (const piece of pieces) stream.write(piece);
  stream.end();
  return statusOf(stream);
}
