/** Our server with all around its calls that the real one has, or without: an echo, or the Database service. */

import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { composeDatabase, databaseSettings } from '@connections/database';
import type { Interceptor, MessageCodec, Server } from '@connections/grpc';
import { cacheService, wireDatabaseService } from '@connections/proto-utils';
import {
  createComposeTools,
  createLog,
  limits,
  type Metrics,
  readSettings,
  systemClock,
} from '@connections/runtime';
import { inStages } from '@connections/runtime/host';
import { answerParent } from '../child/answer-parent.ts';
import { temporaryFolder } from '../child/temporary-folder.ts';
import { serverOn, type TransportName } from './grpc/transport.ts';
import { servedStages } from './served-stages.ts';

export type ComposedQuestion = {
  readonly transport: TransportName;
  /** Log, metrics, limits and the rest, as the host has them. */
  readonly stages: boolean;
} & (
  | { readonly serve: 'echo'; readonly path: string; readonly replyBytes: number }
  | {
      readonly serve: 'database';
      readonly folder: string;
      /** Beside the defaults. */
      readonly settings?: Readonly<Record<string, string>>;
    }
);

const sameBytes: MessageCodec<Uint8Array> = {
  encode: (bytes) => bytes,
  decode: (bytes) => bytes,
  create: (partial) => partial as Uint8Array,
};

/** Answers with the address it listens on. */
answerParent<ComposedQuestion, string>(async (question) => {
  const server = question.serve === 'echo' ? echoServer(question) : await databaseServer(question);
  return `127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
});

function echoServer({ transport, stages, path, replyBytes }: ComposedQuestion & { readonly serve: 'echo' }) {
  const scopes = new Map([[path, 'cache:read']]);
  const server = newServer(transport, stages ? [around(scopes)] : []);
  const reply = new Uint8Array(replyBytes);
  const shape = { requestStream: false, responseStream: false } as const;
  const method = { path, ...shape, request: sameBytes, response: sameBytes };
  server.add({ fullName: cacheService.fullName, methods: { echo: method } }, { echo: async () => reply });
  return server;
}

async function databaseServer(question: ComposedQuestion & { readonly serve: 'database' }) {
  const { transport, folder, stages, settings } = question;
  const read = readSettings(databaseSettings, { CONNECTIONS_DATA: folder, ...settings });
  const database = await composeDatabase(read, createComposeTools(systemClock));
  const server = newServer(transport, stages ? [around(database.scopes, database.metrics)] : []);
  database.mount(server);
  return server;
}

function newServer(transport: TransportName, interceptors: readonly Interceptor[]): Server {
  const { messageBytes, metadataBytes } = limits;
  return serverOn(transport, {
    maxMessageBytes: messageBytes,
    maxMetadataBytes: metadataBytes,
    interceptors,
  });
}

function around(scopes: ReadonlyMap<string, string>, metrics?: Metrics): Interceptor {
  const services = [cacheService, wireDatabaseService];
  // The log goes where a deployment's goes: not to a terminal.
  const lines = createWriteStream(join(temporaryFolder(), 'service.log'));
  const log = createLog({ write: (line) => lines.write(line) });
  const stages = servedStages({ services, scopes, log, ...(metrics && { metrics }) });
  return inStages(stages.map(({ stage }) => stage));
}
