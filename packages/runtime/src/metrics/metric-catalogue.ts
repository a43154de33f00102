/**
 * Every metric that a service exports, as data: the types of the code and docs/metrics.md follow from it. Each label
 * says what bounds its values: nothing that a caller can make up becomes a label without a bound.
 */

interface Entry {
  /** As Prometheus knows it, with the unit in it. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** By name: the values, as words of a sentence that bound them. */
  readonly labels: Readonly<Record<string, string>>;
  /** Of a histogram: upper bounds, ascending. */
  readonly buckets?: readonly number[];
}

const rpc = { service: 'the mounted gRPC services', method: 'their methods' } as const;
const driverCall = {
  port: 'the ports of the service',
  driver: 'the drivers behind them',
  operation: 'the methods of the port',
} as const;
const seconds = [
  0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

export const metricCatalogue = {
  rpcs: {
    name: 'connections_rpcs_total',
    type: 'counter',
    help: 'Rpcs that have ended, by the status they ended with. Not counted are those of no mounted method, and those that end before their request is there.',
    labels: { ...rpc, code: 'the 17 statuses of gRPC' },
  },
  rpcFailures: {
    name: 'connections_rpc_failures_total',
    type: 'counter',
    help: 'Rpcs that failed, by reason. In band: the status is OK and the failure stands in the reply, as the wire contract asks. TOO_MANY_CALLS and TOO_MANY_STREAMS are refusals by admission.',
    labels: { ...rpc, reason: 'the reasons of docs/errors.md, or NONE', in_band: 'true, false' },
  },
  rpcSeconds: {
    name: 'connections_rpc_duration_seconds',
    type: 'histogram',
    help: 'How long unary rpcs took, from the whole request to the response.',
    labels: rpc,
    buckets: seconds,
  },
  rpcsInFlight: {
    name: 'connections_rpcs_in_flight',
    type: 'gauge',
    help: 'Rpcs in progress. Those of kind stream are the open streams.',
    labels: { ...rpc, kind: 'unary, stream' },
  },
  driverCalls: {
    name: 'connections_driver_calls_total',
    type: 'counter',
    help: 'Calls of a port to its driver that have ended, by the status they ended with. Of a consumer its subscribing only: what follows is in the deliveries and settlements.',
    labels: { ...driverCall, code: 'the 17 statuses of gRPC; UNKNOWN for an error of the driver itself' },
  },
  driverSeconds: {
    name: 'connections_driver_call_duration_seconds',
    type: 'histogram',
    help: 'How long calls of a port to its driver took.',
    labels: driverCall,
    buckets: seconds,
  },
  storeUsedBytes: {
    name: 'connections_store_used_bytes',
    type: 'gauge',
    help: 'Bytes that the tables of an embedded store hold; its file may be larger.',
    labels: { driver: 'the embedded drivers of the service' },
  },
  storeLimitBytes: {
    name: 'connections_store_limit_bytes',
    type: 'gauge',
    help: 'The limit of those bytes, EMBEDDED_MAX_BYTES.',
    labels: { driver: 'the embedded drivers of the service' },
  },
  viewFills: {
    name: 'connections_task_view_fills_total',
    type: 'counter',
    help: 'Tasks that were read from MongoDB and put into their view on Redis.',
    labels: {},
  },
  viewLeaseWaits: {
    name: 'connections_task_view_lease_waits_total',
    type: 'counter',
    help: 'Reads that missed a task in the view and waited for another process to fill it.',
    labels: {},
  },
  viewLag: {
    name: 'connections_task_view_lag_seconds',
    type: 'gauge',
    help: 'Time since the view last had all changes of MongoDB, or knew that there were none, in the partitions that this process repairs. Not there while other processes repair all of them.',
    labels: {},
  },
  viewInterruptions: {
    name: 'connections_task_view_interruptions_total',
    type: 'counter',
    help: 'How often the repair of the view was interrupted, by the loss of one of its stores or of the feed of changes.',
    labels: {},
  },
  viewCheckpointsMoved: {
    name: 'connections_task_view_checkpoints_moved_total',
    type: 'counter',
    help: 'How often the view knew of other changes than were written to it last: Redis fell back to an older image, or two processes repaired one partition.',
    labels: {},
  },
  viewHistoryLost: {
    name: 'connections_task_view_history_lost_total',
    type: 'counter',
    help: 'How often MongoDB no longer knew what changed since the view was repaired last, so that the view forgot what it had.',
    labels: {},
  },
  viewUnsafe: {
    name: 'connections_task_view_unsafe_total',
    type: 'counter',
    help: 'Writes that were not buffered because Redis might drop them: its maxmemory-policy, or a user that may not read INFO.',
    labels: {},
  },
  viewSamples: {
    name: 'connections_task_view_samples_total',
    type: 'counter',
    help: 'Comparisons of the view with MongoDB, of one in a thousand tasks that were written to MongoDB, so long after the write. One that the view does not have, or that is buffered, differs in nothing.',
    labels: { age: '1s, 5s, 60s' },
  },
  viewDivergences: {
    name: 'connections_task_view_divergences_total',
    type: 'counter',
    help: 'Those of the comparisons after which the view still had what was not on MongoDB any more.',
    labels: { age: '1s, 5s, 60s' },
  },
  bufferedWrites: {
    name: 'connections_task_buffered_writes_total',
    type: 'counter',
    help: 'Writes that were buffered on Redis while MongoDB was away.',
    labels: {},
  },
  bufferedTasks: {
    name: 'connections_task_buffered_tasks',
    type: 'gauge',
    help: 'Tasks with buffered writes, on all of Redis, as this process counted them last: every second while Redis answers.',
    labels: {},
  },
  taskBufferBytes: {
    name: 'connections_task_buffered_bytes',
    type: 'gauge',
    help: 'Bytes of their entries and buffered writes.',
    labels: {},
  },
  taskBufferAge: {
    name: 'connections_task_buffered_age_seconds',
    type: 'gauge',
    help: 'For how long the oldest of them has had a buffered write; 0 without any.',
    labels: {},
  },
  buffersDrained: {
    name: 'connections_task_buffers_drained_total',
    type: 'counter',
    help: 'Tasks whose buffered writes have left Redis: they are on MongoDB, or in a conflict.',
    labels: {},
  },
  buffersNotDrained: {
    name: 'connections_task_buffer_drain_failures_total',
    type: 'counter',
    help: 'Tries to bring the buffered writes of a task to MongoDB that did not succeed; each is made again.',
    labels: {},
  },
  taskConflicts: {
    name: 'connections_task_conflicts_total',
    type: 'counter',
    help: 'Tasks whose buffered writes did not fit onto what was on MongoDB by then; `connections conflicts list` has those that wait for a decision.',
    labels: {},
  },
  unsentBytes: {
    name: 'connections_unsent_bytes',
    type: 'gauge',
    help: 'Bytes of responses that the transport was given and has not taken; small unary responses are not counted.',
    labels: {},
  },
  serving: {
    name: 'connections_serving',
    type: 'gauge',
    help: '1 while the service takes calls, as its health and /readyz say.',
    labels: {},
  },
  degraded: {
    name: 'connections_degraded',
    type: 'gauge',
    help: '1 while the service takes calls and a store behind it does not answer or lacks something; /readyz has the reasons.',
    labels: {},
  },
  portUp: {
    name: 'connections_port_up',
    type: 'gauge',
    help: '1 while what stands behind the port answers.',
    labels: { port: 'the ports of the service' },
  },
  portConcerns: {
    name: 'connections_port_concerns',
    type: 'gauge',
    help: 'How many things the store behind the port lacks though it answers; /readyz and the log name them.',
    labels: { port: 'the ports of the service' },
  },
  queueMessages: {
    name: 'connections_queue_messages',
    type: 'gauge',
    help: 'Messages in the queues of the default namespace.',
    labels: { queue: 'the 100 deepest; `other` sums the rest', state: 'ready, unsettled' },
  },
  queueConsumers: {
    name: 'connections_queue_consumers',
    type: 'gauge',
    help: 'Consumers of the queues of the default namespace.',
    labels: { queue: 'as above' },
  },
  published: {
    name: 'connections_messages_published_total',
    type: 'counter',
    help: 'Messages that were published through this service, by what became of them.',
    labels: { outcome: 'CONFIRMED, UNROUTABLE, REJECTED, UNKNOWN' },
  },
  deliveries: {
    name: 'connections_deliveries_total',
    type: 'counter',
    help: 'Deliveries that consumers were given by the broker. Repeated: the message had been seen and failed before.',
    labels: { repeated: 'true, false' },
  },
  settlements: {
    name: 'connections_settlements_total',
    type: 'counter',
    help: 'Deliveries that were settled. Requeued ones count towards the delivery limit, at which the broker dead-letters the message instead; returned ones do not.',
    labels: { outcome: 'acknowledged, requeued, returned, dead-lettered' },
  },
  bufferedBytes: {
    name: 'connections_delivery_buffered_bytes',
    type: 'gauge',
    help: 'Bytes of deliveries that were taken from the broker and that no transport has taken yet.',
    labels: {},
  },
  residentBytes: {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Resident memory of the process; pages of a mapped data file that the system caches are in it.',
    labels: {},
  },
  memoryBytes: {
    name: 'nodejs_memory_bytes',
    type: 'gauge',
    help: 'Memory of the JavaScript engine.',
    labels: { kind: 'heap_used, heap_total, external' },
  },
  cpuSeconds: {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'Processor time of the process, user and system.',
    labels: {},
  },
  startTime: {
    name: 'process_start_time_seconds',
    type: 'gauge',
    help: 'When the process was started, in seconds since 1970.',
    labels: {},
  },
  eventLoopDelay: {
    name: 'nodejs_event_loop_delay_seconds',
    type: 'gauge',
    help: 'By how much timers fired late since the scrape before: how long the event loop was held.',
    labels: { quantile: '0.5, 0.99, 1' },
  },
  buildInfo: {
    name: 'connections_build_info',
    type: 'gauge',
    help: '1, with the versions of this release and of Node.',
    labels: { version: 'one', node: 'one' },
  },
} as const satisfies Record<string, Entry>;

type Catalogue = typeof metricCatalogue;
export type MetricKey = keyof Catalogue;
export type MetricType = Entry['type'];
export type MetricKeyOf<Type extends MetricType> = {
  [Key in MetricKey]: Catalogue[Key]['type'] extends Type ? Key : never;
}[MetricKey];
/** A value for each label of the metric. */
export type Labels<Key extends MetricKey> = { readonly [Name in keyof Catalogue[Key]['labels']]: string };

/** The same rows under one type, for code that treats all metrics alike. */
export const metricRows: Readonly<Record<MetricKey, Entry>> = metricCatalogue;
