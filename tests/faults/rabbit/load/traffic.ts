/** Publishing and consuming processes over the queues of the wire contract, and the history of what they told. */
import { setTimeout as delay } from 'node:timers/promises';
import { connectMessaging, type MessagingClient } from '@connections/proto-utils';
import type { SeededChance } from '../../run/seeded-chance.ts';
import { MessageHistory, type Told } from '../check/message-history.ts';
import type { ConsumingTask } from '../clients/consuming-client.ts';
import type { PublishingTask } from '../clients/publishing-client.ts';
import { ClientProcess } from '../world/client-process.ts';
import { emptyQueues } from '../world/queue-rows.ts';

const exchange = 'typechecking.exchange';
const ways = [
  { way: 'service', routingKey: 'validation.request' },
  { way: 'direct', routingKey: 'schemas.update' },
] as const;
const queues = ['typechecking.validations.queue', 'typechecking.schemas.queue'];
const consumers = 2;
const concurrency = 32;
const batch = 50;
const lanes = 4;
/** Confirmed and not received: beyond that publishers wait for consumers. */
const mostAhead = 5_000;
const paceMs = 20;

interface Client {
  process: ClientProcess;
  start(): ClientProcess;
}

export class Traffic implements AsyncDisposable {
  readonly history = new MessageHistory();
  /** Messages that all consumers together hold at most. */
  readonly inFlight = consumers * queues.length * concurrency;
  readonly #address: string;
  readonly #service: MessagingClient;
  readonly #publishers: readonly Client[];
  readonly #consumers: readonly Client[];
  readonly #pace: NodeJS.Timeout;
  #failure: { readonly error: unknown } | undefined;

  /** Begins at once. @param address of the Messaging service */
  constructor(address: string) {
    this.#address = address;
    this.#service = connectMessaging(address);
    const sent = new Map<Client, { run: number; count: number }>();
    this.#consumers = Array.from({ length: consumers }, () => started(() => this.#consumer()));
    this.#publishers = ways.map((way) => {
      const client: Client = started(() => {
        const progress = { run: this.history.openRun(), count: 0 };
        queueMicrotask(() => sent.set(client, progress));
        return this.#publisher({ ...way, run: progress.run }, (count) => {
          progress.count += count;
        });
      });
      return client;
    });
    this.#pace = setInterval(() => {
      const room = Math.max(0, mostAhead - this.history.missing);
      for (const [{ process }, { count }] of sent) process.say(count + room);
    }, paceMs);
  }

  /** Rejects when a process ended that nobody killed. */
  async goOn(ms: number): Promise<void> {
    await delay(ms);
    if (this.#failure) throw this.#failure.error;
  }

  async killOne(chance: SeededChance): Promise<void> {
    const client = chance.of([...this.#publishers, ...this.#consumers]);
    await client.process.kill();
    client.process = client.start();
  }

  async finishPublishing(): Promise<void> {
    clearInterval(this.#pace);
    await Promise.all(this.#publishers.map(({ process }) => process.finish()));
  }

  /** Throws while messages wait or are with consumers. */
  async drained(): Promise<void> {
    if (this.history.missing > 0) throw new Error(`${this.history.missing} confirmed messages have not come`);
    await emptyQueues(this.#service, queues);
  }

  async finishConsuming(): Promise<void> {
    await Promise.all(this.#consumers.map(({ process }) => process.finish()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#pace);
    this.#service.close();
    const all = [...this.#publishers, ...this.#consumers];
    await Promise.all(all.map(({ process }) => process[Symbol.asyncDispose]()));
  }

  #publisher(
    way: Pick<PublishingTask, 'way' | 'routingKey' | 'run'>,
    onSent: (count: number) => void,
  ): ClientProcess {
    const task: PublishingTask = { ...way, address: this.#address, exchange, batch, lanes };
    return this.#watched(
      new ClientProcess('publishing-client', task, ([what, run, first, count]) => {
        const messages = [Number(run), Number(first), Number(count)] as const;
        if (what === 'sent') {
          this.history.sent(...messages);
          onSent(Number(count));
        } else this.history.told(...messages, what as Told);
      }),
    );
  }

  #consumer(): ClientProcess {
    const task: ConsumingTask = { address: this.#address, queues, concurrency };
    return this.#watched(new ClientProcess('consuming-client', task, ([, id = '']) => this.history.got(id)));
  }

  #watched(process: ClientProcess): ClientProcess {
    process.ended.catch((error) => {
      this.#failure ??= { error };
    });
    return process;
  }
}

function started(start: () => ClientProcess): Client {
  return { process: start(), start };
}
