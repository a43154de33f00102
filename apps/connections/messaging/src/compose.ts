/** Puts the Messaging service together: settings, driver, services, handlers. */
import { join } from 'node:path';
import { createGrpcJsChannel } from '@connections/grpc/grpc-js';
import { messagingService, wireMessagingService } from '@connections/proto-utils';
import {
  type ComposedService,
  type ComposeTools,
  collectStores,
  type DataFolderState,
  limits,
  observedPort,
  sidePortAddress,
} from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import { inspectDriver, openBroker } from './driver/driver-registry.ts';
import { grpcTaskStatus } from './driver/grpc-tasks/grpc-task-status.ts';
import { PolledTaskTransitions, type ReadTaskStatus } from './driver/grpc-tasks/polled-task-transitions.ts';
import { type MessagingSettings, messagingSettings } from './messaging-settings.ts';
import { overdue, within } from './service/deadline.ts';
import { DeliveryBudget } from './service/delivery-budget.ts';
import { countedDeliveries, tracedDeliveries } from './service/delivery-observers.ts';
import { observedDeliveries } from './service/observed-deliveries.ts';
import { OneWayStreams } from './service/one-way-streams.ts';
import { OpenStreams } from './service/open-streams.ts';
import { PublishService } from './service/publish-service.ts';
import { collectQueues } from './service/queue-depth.ts';
import { SubscribeService } from './service/subscribe-service.ts';
import { settledByTask, settledWhenTaken, type WatchMessage } from './service/task-settlement.ts';
import { TopologyService } from './service/topology-service.ts';
import { WireService } from './service/wire-service.ts';
import { rpcScopes } from './transport/rpc-scopes.ts';
import { createMessagingHandler } from './transport/v1/messaging-handler.ts';
import { createWireMessagingHandler } from './transport/wire/wire-messaging-handler.ts';
import { brokerAddress, wireTopology } from './wire-settings.ts';

export interface MessagingTools extends ComposeTools {
  /** @default asks the Database service over gRPC */
  readonly readTaskStatus?: ReadTaskStatus;
}

/** What the start may take on a broker that is slow to answer. */
const declareTimeoutMs = 10_000;
/** How long a stream may keep a delivery in this process while others wait for its room. */
const stalledMs = 30_000;
const never = new AbortController().signal;

/** What a start would find in its data folder; undefined where it keeps its data elsewhere. Changes nothing. */
export function inspectMessaging(settings: MessagingSettings): Promise<DataFolderState | undefined> {
  return inspectDriver(settings.brokerUrl, dataFolder(settings));
}

/** Opens the broker and declares the topology of the wire contract. Takes no calls yet: the host mounts it. */
export async function composeMessaging(
  settings: MessagingSettings,
  tools: MessagingTools,
): Promise<ComposedService> {
  const { clock, metrics, observe, tracer } = tools;
  const opened = await openBroker({
    url: settings.brokerUrl,
    folder: dataFolder(settings),
    sync: settings.embeddedSync,
    maxBytes: settings.embeddedMaxBytes,
    clock,
  });
  const { driver, where } = opened;
  const broker = observedPort({ port: 'broker', driver }, opened.broker, observe);
  const tasks = taskWatch(settings, tools);
  const close = async () => {
    tasks.close();
    await broker[Symbol.asyncDispose]();
  };

  const streams = new OpenStreams();
  const budget = new DeliveryBudget({ maxBytes: limits.untakenDeliveryBytes, stalledMs, clock });
  const leaseMs = settings.leaseSeconds * 1_000;
  const topologies = new TopologyService(broker);
  const counted = observedDeliveries(broker, countedDeliveries(metrics));
  const deliveries = tracer ? observedDeliveries(counted, tracedDeliveries(tracer)) : counted;
  const maxBodyBytes = settings.maxValueBytes;
  const publishing = new PublishService({ broker, clock, metrics, maxBodyBytes, tracer });
  const subscriptions = new SubscribeService({ broker: deliveries, clock, streams, budget, leaseMs });
  const wire = new WireService({
    broker,
    topologies,
    topology: wireTopology(settings),
    address: brokerAddress(settings),
  });
  const oneWay = new OneWayStreams({
    broker: deliveries,
    clock,
    streams,
    budget,
    prefetch: settings.wirePrefetch,
    watch: tasks.watch,
  });
  try {
    const declared = await within(clock, declareTimeoutMs, never, (signal) => wire.declare(signal));
    if (declared === overdue) throw failure('STORE_UNREACHABLE', { store: 'broker' });
  } catch (error) {
    await close();
    throw error;
  }

  collectStores(metrics, opened.stores);
  collectQueues(metrics, broker, clock);
  metrics.collect((report) => report('bufferedBytes', {}, budget.bytes));

  return {
    name: 'messaging',
    host: settings.host,
    port: settings.port,
    portVariable: messagingSettings.port.env,
    http: sidePortAddress(settings, messagingSettings.httpPort.env),
    healthServices: [messagingService.fullName, wireMessagingService.fullName],
    drivers: [{ port: 'broker', driver, persists: broker.capabilities.durable, where }],
    notices:
      settings.rabbitHost !== undefined && !broker.capabilities.directPublishing
        ? ['RABBITMQ_HOST is set and not used: the embedded broker keeps the messages']
        : [],
    scopes: rpcScopes,
    mount(server) {
      server.add(messagingService, createMessagingHandler({ topologies, publishing, subscriptions }));
      server.add(wireMessagingService, createWireMessagingHandler(wire, oneWay));
    },
    async drain(graceMs) {
      await within(clock, graceMs, never, () => streams.drain(graceMs));
    },
    pings: { broker: (signal) => broker.ping(signal) },
    metrics,
    [Symbol.asyncDispose]: close,
  };
}

/** When the messages of one-way streams are settled, and what must be closed for it. */
function dataFolder(settings: MessagingSettings): string {
  return join(settings.dataFolder, 'messaging');
}

function taskWatch(
  settings: MessagingSettings,
  { clock, readTaskStatus }: MessagingTools,
): { readonly watch: WatchMessage; close(): void } {
  if (settings.wireSettle === 'transport') return { watch: settledWhenTaken, close: () => {} };
  const leaseMs = settings.leaseSeconds * 1_000;
  if (readTaskStatus) {
    const transitions = new PolledTaskTransitions(readTaskStatus, clock);
    return { watch: settledByTask({ transitions, clock, leaseMs }), close: () => {} };
  }
  const channel = createGrpcJsChannel(`${settings.databaseHost}:${settings.databasePort}`);
  const transitions = new PolledTaskTransitions(grpcTaskStatus(channel), clock);
  return { watch: settledByTask({ transitions, clock, leaseMs }), close: () => channel.close() };
}
