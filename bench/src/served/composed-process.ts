/** Our server with less around its calls than the real one has: an echo without, the Database service without. */

import { composeDatabase, databaseSettings } from '@connections/database';
import type { MessageCodec } from '@connections/grpc';
import { createGrpcJsServer } from '@connections/grpc/grpc-js';
import { createComposeTools, readSettings, systemClock } from '@connections/runtime';
import { answerParent } from '../child/answer-parent.ts';

export type ComposedQuestion =
  | { readonly serve: 'echo'; readonly path: string; readonly replyBytes: number }
  | { readonly serve: 'database'; readonly folder: string };

const sameBytes: MessageCodec<Uint8Array> = {
  encode: (bytes) => bytes,
  decode: (bytes) => bytes,
  create: (partial) => partial as Uint8Array,
};

/** Answers with the address it listens on. */
answerParent<ComposedQuestion, string>(async (question) => {
  const server = createGrpcJsServer();
  if (question.serve === 'echo') {
    const { path, replyBytes } = question;
    const reply = new Uint8Array(replyBytes);
    const shape = { requestStream: false, responseStream: false } as const;
    const method = { path, ...shape, request: sameBytes, response: sameBytes };
    server.add({ fullName: 'bench.Echo', methods: { echo: method } }, { echo: async () => reply });
  } else {
    const settings = readSettings(databaseSettings, { CONNECTIONS_DATA: question.folder });
    const database = await composeDatabase(settings, createComposeTools(systemClock));
    database.mount(server);
  }
  return `127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
});
