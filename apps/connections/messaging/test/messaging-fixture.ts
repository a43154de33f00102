/** A Messaging service on an empty folder behind a real socket, with clients of both faces. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Channel, type Client, createClient } from '@connections/grpc';
import { messagingService, wireMessagingService } from '@connections/proto-utils';
import {
  createComposeTools,
  createLog,
  type Metrics,
  processSettings,
  readAllSettings,
} from '@connections/runtime';
import { type RunningServices, startServices } from '@connections/runtime/host';
import { openTestChannel, TestClock, transportVariables } from '@connections/testing';
import { composeMessaging, messagingSettings, type ReadTaskStatus } from '../src/index.ts';

export interface FixtureOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly readTaskStatus?: ReadTaskStatus;
}

interface Started {
  readonly running: RunningServices;
  readonly channel: Channel;
  readonly address: string;
  readonly metrics: Metrics;
  readonly v1: Client<typeof messagingService>;
  readonly wire: Client<typeof wireMessagingService>;
}

export class MessagingFixture implements AsyncDisposable {
  readonly clock = new TestClock();
  readonly #folder: string;
  readonly #options: FixtureOptions;
  #started: Started | undefined;
  #stopped: Promise<void> | undefined;

  constructor(folder: string, options: FixtureOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  get address(): string {
    return this.#now.address;
  }

  /** `http://host:port` of the side port. */
  get httpAddress(): string {
    return `http://127.0.0.1:${this.#now.running.addresses[0]?.http?.port}`;
  }

  /** Also those of a service that was stopped. */
  get metrics(): Metrics {
    return this.#now.metrics;
  }

  get v1(): Client<typeof messagingService> {
    return this.#now.v1;
  }

  get wire(): Client<typeof wireMessagingService> {
    return this.#now.wire;
  }

  /** On the folder as it is. */
  async start(): Promise<void> {
    const settings = readAllSettings(
      { process: processSettings, messaging: messagingSettings },
      {
        ...transportVariables,
        CONNECTIONS_DATA: this.#folder,
        MESSAGING_CONNECTION_PORT: '0',
        ...this.#options.env,
      },
    );
    const tools = { clock: this.clock, log: createLog({ level: 'silent' }) };
    const { readTaskStatus } = this.#options;
    const service = await composeMessaging(settings.messaging, {
      ...createComposeTools(this.clock),
      ...(readTaskStatus && { readTaskStatus }),
    });
    const running = await startServices([service], { ...tools, settings: settings.process });
    const address = `127.0.0.1:${running.addresses[0]?.port}`;
    const channel = openTestChannel(address);
    const v1 = createClient(messagingService, channel);
    const wire = createClient(wireMessagingService, channel);
    this.#started = { running, channel, address, metrics: service.metrics, v1, wire };
    this.#stopped = undefined;
  }

  /** In order, as on SIGTERM. */
  stop(): Promise<void> {
    this.#stopped ??= this.#now.running.stop();
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#now.channel.close();
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #now(): Started {
    if (!this.#started) throw new Error('the service has not been started');
    return this.#started;
  }
}

export async function openMessaging(options: FixtureOptions = {}): Promise<MessagingFixture> {
  const fixture = new MessagingFixture(await mkdtemp(join(tmpdir(), 'connections-messaging-')), options);
  await fixture.start();
  return fixture;
}
