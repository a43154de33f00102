/** A Messaging service on an empty folder behind a real socket, with clients of both faces. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@connections/grpc';
import { createGrpcJsChannel } from '@connections/grpc/grpc-js';
import { messagingService, wireMessagingService } from '@connections/proto-utils';
import { createLog, processSettings, readAllSettings } from '@connections/runtime';
import { type RunningServices, startServices } from '@connections/runtime/host';
import { TestClock } from '@connections/testing';
import { composeMessaging, messagingSettings, type ReadTaskStatus } from '../src/index.ts';

export interface MessagingFixture extends AsyncDisposable {
  readonly clock: TestClock;
  readonly address: string;
  readonly v1: Client<typeof messagingService>;
  readonly wire: Client<typeof wireMessagingService>;
  /** A connection of its own, as another process would have. */
  connect(): Pick<MessagingFixture, 'v1' | 'wire'> & { close(): void };
  /** Stops the service, in order, and keeps the folder. */
  stop(): Promise<void>;
}

export interface FixtureOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly readTaskStatus?: ReadTaskStatus;
}

export async function openMessaging({ env = {}, readTaskStatus }: FixtureOptions = {}): Promise<MessagingFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'connections-messaging-'));
  const clock = new TestClock();
  const tables = { process: processSettings, messaging: messagingSettings };
  const settings = readAllSettings(tables, {
    CONNECTIONS_DATA: folder,
    MESSAGING_CONNECTION_PORT: '0',
    ...env,
  });
  const tools = { clock, log: createLog({ level: 'silent' }) };
  const service = await composeMessaging(settings.messaging, readTaskStatus ? { ...tools, readTaskStatus } : tools);
  const running = await startServices([service], { ...tools, settings: settings.process });
  const address = `127.0.0.1:${portOf(running)}`;
  const connections: { close(): void }[] = [];
  const connect = () => {
    const channel = createGrpcJsChannel(address);
    connections.push(channel);
    return {
      v1: createClient(messagingService, channel),
      wire: createClient(wireMessagingService, channel),
      close: () => channel.close(),
    };
  };
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= running.stop();
    return stopped;
  };
  const { v1, wire } = connect();
  return {
    clock,
    address,
    v1,
    wire,
    connect,
    stop,
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.close();
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function portOf(running: RunningServices): number {
  const [address] = running.addresses;
  if (!address) throw new Error('nothing listens');
  return address.port;
}
