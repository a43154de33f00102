/** A process that reads a stream of the wire contract, works on each message for a while, and tells its id when that is done. */

import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@connections/grpc';
import { createGrpcJsChannel } from '@connections/grpc/grpc-js';
import { connectDatabase, wireMessagingService } from '@connections/proto-utils';
import { report, taskOf } from './client-report.ts';

export interface StreamingTask {
  readonly address: string;
  /** Where the task of a message is moved once it is done; nothing is where there is none. */
  readonly databaseAddress?: string;
  readonly workMs: number;
}

/** Before each message of gRPC. */
const prefixBytes = 5;
const { address, databaseAddress, workMs } = taskOf<StreamingTask>();
const database = databaseAddress === undefined ? undefined : connectDatabase(databaseAddress);
// The window of the clients that were there before is HTTP/2's first one, as that of this channel: our own takes four times as much.
const { response } = wireMessagingService.methods.streamSchemaMessages;
const wireBytes = (message: Parameters<typeof response.encode>[0]) =>
  response.encode(message).length + prefixBytes;
const messages = createClient(wireMessagingService, createGrpcJsChannel(address)).streamSchemaMessages({});
report('open');
for await (const message of messages) {
  const { id } = message;
  await delay(workMs);
  report('got', id, `${wireBytes(message)}`);
  // Another status than that of a process before, which was killed between this and its settlement.
  const state = { status: `done by ${process.pid}` };
  await database?.tasks.put({ category: 'schemas', id, state }, { timeoutMs: 10_000 });
}
