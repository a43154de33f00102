/** A Database service of its own for each test of v1: the real host on a socket, the embedded driver in a new folder. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AnyMethod, createClient, type FailureStatus, isStatusError } from '@connections/grpc';
import { cacheService, schemaService, taskService } from '@connections/proto-utils';
import {
  createComposeTools,
  createLog,
  type Environment,
  processSettings,
  readAllSettings,
} from '@connections/runtime';
import { startServices } from '@connections/runtime/host';
import { openTestChannel, TestClock, transportVariables } from '@connections/testing';
import { composeDatabase } from '../src/compose.ts';
import { databaseSettings } from '../src/database-settings.ts';

export async function startDatabase(env: Environment = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'connections-v1-'));
  const given = { ...transportVariables, CONNECTIONS_DATA: folder, DATABASE_CONNECTION_PORT: '0', ...env };
  const settings = readAllSettings({ process: processSettings, database: databaseSettings }, given);
  const clock = new TestClock();
  const service = await composeDatabase(settings.database, createComposeTools(clock));
  const log = createLog({ level: 'silent' });
  const running = await startServices([service], { log, clock, settings: settings.process });
  const channel = openTestChannel(`127.0.0.1:${running.addresses[0]?.port}`);
  return {
    cache: createClient(cacheService, channel),
    schemas: createClient(schemaService, channel),
    tasks: createClient(taskService, channel),
    service,
    clock,
    /** Calls a method with bytes that its stub would not send. */
    send: (method: AnyMethod, bytes: Uint8Array) =>
      channel.unary({ ...method, request: { ...method.request, encode: () => bytes } }, {}, {}),
    async [Symbol.asyncDispose]() {
      channel.close();
      await running.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** How a call failed. */
export interface Refusal {
  readonly status: FailureStatus;
  readonly reason: string | undefined;
  readonly message: string;
  /** Of the BadRequest detail: what is wrong with each field. */
  readonly fields: ReadonlyMap<string, string>;
}

export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  const error = await call.then(
    () => assert.fail('the call succeeded'),
    (reason: unknown) => reason,
  );
  assert.ok(isStatusError(error), String(error));
  const { status, reason, message, details } = error;
  assert.ok(
    details.some((detail) => detail.kind === 'ErrorInfo' && detail.domain === 'connections'),
    `${message} has no ErrorInfo`,
  );
  const fields = details
    .filter((detail) => detail.kind === 'BadRequest')
    .flatMap(({ violations }) => violations)
    .map(({ field, description }) => [field, description] as const);
  return { status, reason, message, fields: new Map(fields) };
}

/** The call is INVALID_ARGUMENT and says so of exactly these fields. */
export async function refusesFields(call: Promise<unknown>, ...fields: readonly string[]): Promise<void> {
  const refusal = await refusalOf(call);
  assert.equal(refusal.status, 'INVALID_ARGUMENT', refusal.message);
  assert.equal(refusal.reason, 'INVALID_REQUEST');
  assert.deepEqual([...refusal.fields.keys()], fields);
}

/** The call fails with this status and reason. */
export async function refuses(call: Promise<unknown>, status: FailureStatus, reason: string): Promise<void> {
  const refusal = await refusalOf(call);
  assert.deepEqual([refusal.status, refusal.reason], [status, reason], refusal.message);
}

/** Names that have a meaning to something underneath, and the longest one in text of four bytes a character. */
export const oddNames = [
  '__proto__',
  'constructor',
  'a.b',
  '$x',
  'a/b',
  '%00',
  ' ',
  'größe',
  '🚚'.repeat(128),
];

/** One length-delimited field of protobuf, up to 127 bytes. */
export function rawField(number: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of((number << 3) | 2, bytes.length), bytes]);
}

export const notUtf8 = Buffer.of(0x61, 0xff, 0x62);
