/** Puts the Messaging service together: settings, driver, services, handlers. */
import { join } from 'node:path';
import { messagingService, openServiceChannel, wireMessagingService } from '@connections/proto-utils';
import {
  addressWithoutPassword,
  budgetedPort,
  type ComposedService,
  type ComposeTools,
  collectStores,
  type DataFolderState,
  limits,
  observedPort,
  SettingsError,
  sidePortAddress,
  withoutPasswords,
} from '@connections/runtime';
import { brokerAddress, brokerUrlVariable, unusedRabbitHost } from './broker-settings.ts';
import { askBroker, type BrokerAnswer, inspectDriver, openBroker } from './driver/driver-registry.ts';
import { grpcTaskStatus } from './driver/grpc-tasks/grpc-task-status.ts';
import { PolledTaskTransitions, type ReadTaskStatus } from './driver/grpc-tasks/polled-task-transitions.ts';
import { exposureNotices } from './exposure-settings.ts';
import { type MessagingSettings, messagingSettings } from './messaging-settings.ts';
import { within } from './service/deadline.ts';
import { countedDeliveries, tracedDeliveries } from './service/delivery-observers.ts';
import { DeliveryRoom } from './service/delivery-room.ts';
import { observedDeliveries } from './service/observed-deliveries.ts';
import { OneWayStreams } from './service/one-way-streams.ts';
import { OpenStreams } from './service/open-streams.ts';
import { PublishService } from './service/publish-service.ts';
import { collectQueues } from './service/queue-depth.ts';
import { SubscribeService } from './service/subscribe-service.ts';
import { settledByTask, settledWhenTaken, type WatchMessage } from './service/task-settlement.ts';
import { TopologyService } from './service/topology-service.ts';
import { WireDeclaration } from './service/wire-declaration.ts';
import { WireService } from './service/wire-service.ts';
import { rpcScopes } from './transport/rpc-scopes.ts';
import { createMessagingHandler } from './transport/v1/messaging-handler.ts';
import { createWireMessagingHandler } from './transport/wire/wire-messaging-handler.ts';
import { wireTopology } from './wire-settings.ts';

export type { BrokerAnswer };

export interface MessagingTools extends ComposeTools {
  /** @default asks the Database service over gRPC */
  readonly readTaskStatus?: ReadTaskStatus;
}

/** How long a stream may keep a delivery in this process while others wait for its room. */
const stalledMs = 30_000;
const never = new AbortController().signal;

/** What a start would find in its data folder; undefined where it keeps its data elsewhere. Changes nothing. */
export function inspectMessaging(settings: MessagingSettings): Promise<DataFolderState | undefined> {
  return inspectDriver(settings.brokerUrl, dataFolder(settings));
}

/** Whether the server of the broker answers; undefined where that is in the process. Changes nothing. */
export function askMessaging(
  settings: MessagingSettings,
  signal: AbortSignal,
): Promise<BrokerAnswer | undefined> {
  return withUrl(settings, () => askBroker(settings.brokerUrl, signal));
}

/** Opens the broker and declares the topology of the wire contract. Takes no calls yet: the host mounts it. */
export async function composeMessaging(
  settings: MessagingSettings,
  tools: MessagingTools,
): Promise<ComposedService> {
  const { clock, metrics, observe, tracer } = tools;
  const { brokerUrl: url, embeddedSync: sync, embeddedMaxBytes: maxBytes } = settings;
  const opened = await withUrl(settings, () =>
    openBroker({ url, folder: dataFolder(settings), sync, maxBytes, clock }),
  );
  const { driver, where, remote } = opened;
  const budget = { clock, limitMs: limits.storeCallMs };
  const bounded = remote ? budgetedPort('broker', opened.broker, budget) : opened.broker;
  const broker = observedPort({ port: 'broker', driver }, bounded, observe);
  const tasks = taskWatch(settings, tools);
  const streams = new OpenStreams();
  const deliveryRoom = new DeliveryRoom({ maxBytes: limits.untakenDeliveryBytes, stalledMs, clock });
  const leaseMs = settings.leaseSeconds * 1_000;
  const topologies = new TopologyService(broker);
  const counted = observedDeliveries(broker, countedDeliveries(metrics));
  const deliveries = tracer ? observedDeliveries(counted, tracedDeliveries(tracer)) : counted;
  const maxBodyBytes = settings.maxValueBytes;
  const publishing = new PublishService({ broker, clock, metrics, maxBodyBytes, tracer });
  const subscriptions = new SubscribeService({
    broker: deliveries,
    clock,
    streams,
    budget: deliveryRoom,
    leaseMs,
  });
  const wire = new WireService({
    broker,
    topologies,
    topology: wireTopology(settings),
    address: brokerAddress(settings),
    exposure: settings.exposeCredentials,
  });
  const oneWay = new OneWayStreams({
    broker: deliveries,
    clock,
    streams,
    budget: deliveryRoom,
    prefetch: settings.wirePrefetch,
    watch: tasks.watch,
  });
  const declaration = new WireDeclaration((signal) => wire.declare(signal), clock);
  const problem = await declaration.tried;
  const close = async () => {
    declaration[Symbol.dispose]();
    tasks.close();
    await broker[Symbol.asyncDispose]();
  };
  // A server may be away, or come to its senses; the process's own broker is as it is.
  if (problem !== undefined && !remote) {
    await close();
    throw problem;
  }

  collectStores(metrics, opened.stores);
  collectQueues(metrics, broker, clock);
  metrics.collect((report) => report('bufferedBytes', {}, deliveryRoom.bytes));

  return {
    name: 'messaging',
    host: settings.host,
    port: settings.port,
    portVariable: messagingSettings.port.env,
    http: sidePortAddress(settings, messagingSettings.httpPort.env),
    healthServices: [messagingService.fullName, wireMessagingService.fullName],
    drivers: [{ port: 'broker', driver, persists: broker.capabilities.durable, where }],
    notices: [
      ...unusedRabbitHost(settings),
      ...(broker.capabilities.directPublishing ? exposureNotices(settings, settings) : []),
    ],
    scopes: rpcScopes,
    mount(server) {
      server.add(messagingService, createMessagingHandler({ topologies, publishing, subscriptions }));
      server.add(wireMessagingService, createWireMessagingHandler(wire, oneWay));
    },
    async drain(graceMs) {
      await within(clock, graceMs, never, () => streams.drain(graceMs));
    },
    pings: { broker: (signal) => broker.ping(signal) },
    concerns: {
      broker: () => [
        ...opened.concerns(),
        ...(declaration.concern === undefined ? [] : [declaration.concern]),
      ],
    },
    metrics,
    [Symbol.asyncDispose]: close,
  };
}

/** A URL that its driver does not understand is an error of the settings. */
async function withUrl<T>(settings: MessagingSettings, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const given = addressWithoutPassword(settings.brokerUrl);
    const expected = `a URL that its driver understands: ${withoutPasswords(error.message)}`;
    throw new SettingsError([{ variable: brokerUrlVariable(settings), given, expected }]);
  }
}

function dataFolder(settings: MessagingSettings): string {
  return join(settings.dataFolder, 'messaging');
}

/** When the messages of one-way streams are settled, and what must be closed for it. */
function taskWatch(
  settings: MessagingSettings,
  { clock, readTaskStatus, openChannel = openServiceChannel }: MessagingTools,
): { readonly watch: WatchMessage; close(): void } {
  if (settings.wireSettle === 'transport') return { watch: settledWhenTaken, close: () => {} };
  const leaseMs = settings.leaseSeconds * 1_000;
  if (readTaskStatus) {
    const transitions = new PolledTaskTransitions(readTaskStatus, clock);
    return { watch: settledByTask({ transitions, clock, leaseMs }), close: () => {} };
  }
  const channel = openChannel(`${settings.databaseHost}:${settings.databasePort}`);
  const transitions = new PolledTaskTransitions(grpcTaskStatus(channel), clock);
  return { watch: settledByTask({ transitions, clock, leaseMs }), close: () => channel.close() };
}
