/** A Messaging service on an empty folder behind a real socket, which can be stopped and started again on its port. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@connections/grpc';
import { composeMessaging, messagingSettings } from '@connections/messaging';
import { messagingService } from '@connections/proto-utils';
import {
  createComposeTools,
  createLog,
  processSettings,
  readAllSettings,
  systemClock,
} from '@connections/runtime';
import { type RunningServices, startServices } from '@connections/runtime/host';
import { openTestChannel, transportVariables } from '@connections/testing';

export const queue = 'jobs';

export class MessagingService implements AsyncDisposable {
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  #port = 0;
  #running: RunningServices | undefined;

  private constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#env = env;
  }

  /** Running, with a queue in it. */
  static async open(env: Readonly<Record<string, string>> = {}): Promise<MessagingService> {
    const service = new MessagingService(await mkdtemp(join(tmpdir(), 'connections-messaging-utils-')), env);
    await service.start();
    await service.call((v1) =>
      v1.declareTopology({
        topology: {
          exchanges: [{ name: 'x' }],
          queues: [{ name: queue, deliveryLimit: 3 }],
          bindings: [{ exchange: 'x', queue, routingKey: 'job.#' }],
        },
      }),
    );
    return service;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const settings = readAllSettings(
      { process: processSettings, messaging: messagingSettings },
      {
        ...transportVariables,
        CONNECTIONS_DATA: this.#folder,
        MESSAGING_CONNECTION_PORT: String(this.#port),
        MESSAGING_HTTP_PORT: '0',
        ...this.#env,
      },
    );
    const tools = { clock: systemClock, log: createLog({ level: 'silent' }) };
    const service = await composeMessaging(settings.messaging, createComposeTools(systemClock));
    this.#running = await startServices([service], { ...tools, settings: settings.process });
    this.#port = this.#running.addresses[0]?.port ?? 0;
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }

  async call<T>(use: (v1: Client<typeof messagingService>) => Promise<T>): Promise<T> {
    const channel = openTestChannel(this.address);
    try {
      return await use(createClient(messagingService, channel));
    } finally {
      channel.close();
    }
  }

  /** Messages of a queue: waiting, and delivered but not settled. */
  async figures(name = queue): Promise<{ readonly ready: number; readonly unsettled: number }> {
    const { statistics } = await this.call((v1) => v1.getTopology({}));
    const found = statistics.find((row) => row.queue === name);
    return { ready: Number(found?.ready), unsettled: Number(found?.unsettled) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
