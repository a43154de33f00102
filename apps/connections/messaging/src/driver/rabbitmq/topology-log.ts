/** What is declared, kept on the broker itself, which without its management plugin tells nobody what it has. */
import { type AmqpLink, heeding } from '@connections/amqp';
import { emptyTopology, mergeTopology } from '../../domain/topology-merge.ts';
import type { Topology } from '../../port/broker.ts';
import { FollowedStream } from './followed-stream.ts';
import { connectionOf } from './rabbit-errors.ts';
import { topologyStream } from './rabbit-names.ts';
import type { RabbitPublisher } from './rabbit-publisher.ts';
import { parseRecord, recordText } from './topology-record.ts';

export interface TopologyLogParts {
  readonly link: AmqpLink;
  readonly publisher: RabbitPublisher;
  /** Called when the log of a new connection has been read. */
  readonly onRead: () => void;
}

export class TopologyLog implements AsyncDisposable {
  readonly #link: AmqpLink;
  readonly #stream: FollowedStream;
  /** Resolves when the view has been read for the first time. */
  readonly #read: Promise<void>;
  #view = new Map<string, Topology>();
  #isRead = false;

  constructor({ link, publisher, onRead }: TopologyLogParts) {
    this.#link = link;
    let reading = this.#view;
    let read = () => {};
    this.#read = new Promise((resolve) => {
      read = resolve;
    });
    this.#stream = new FollowedStream({
      name: topologyStream,
      // Nothing of it is ever let go: it grows by declarations and by one mark for each connection.
      arguments: {},
      link,
      publisher,
      onBegin: () => {
        reading = new Map();
      },
      onRecord: (body) => add(reading, body),
      onRead: () => {
        if (this.#stream.missing === undefined) this.#view = reading;
        this.#isRead = true;
        read();
        onRead();
      },
    });
  }

  /** Why declarations are known to this process alone; undefined where they are kept on the broker. */
  get concern(): string | undefined {
    const { missing } = this.#stream;
    return missing && `declarations are forgotten when this process ends: ${missing}`;
  }

  /** Everything that is declared in a namespace. What was read once stands while the broker is away. */
  async topology(namespace: string, signal: AbortSignal): Promise<Topology> {
    if (!this.#isRead) {
      // Without a connection there is nothing to wait for.
      connectionOf(this.#link);
      await heeding(signal, this.#read);
    }
    return this.#view.get(namespace) ?? emptyTopology;
  }

  /** Throws TOPOLOGY_CONFLICT, QUEUE_NOT_FOUND or EXCHANGE_NOT_FOUND where the declaration does not fit. */
  async append(namespace: string, topology: Topology, signal: AbortSignal): Promise<void> {
    const known = this.#view.get(namespace) ?? emptyTopology;
    if (mergeTopology(known, topology) === known) return;
    await this.#stream.append(recordText(namespace, topology), signal);
    const current = this.#view.get(namespace) ?? emptyTopology;
    this.#view.set(namespace, mergeTopology(current, topology));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stream[Symbol.asyncDispose]();
  }
}

/** Those that do not fit what is there already came too late. */
function add(view: Map<string, Topology>, body: Buffer): void {
  const record = parseRecord(body);
  if (!record) return;
  const { namespace, topology } = record;
  try {
    view.set(namespace, mergeTopology(view.get(namespace) ?? emptyTopology, topology));
  } catch {
    // The broker refused it, too, or took it from somebody who knew less.
  }
}
