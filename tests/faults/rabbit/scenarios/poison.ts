/** Messages that fail each time, or take their consumer down each time, among others that do not. */
import { createPublisher } from '@connections/messaging-utils';
import { connectMessaging } from '@connections/proto-utils';
import { eventually } from '@connections/testing';
import { patienceMs } from '../../run/bounds.ts';
import type { Figure } from '../../run/figure.ts';
import { checkPoison, type PoisonEvidence } from '../check/check-poison.ts';
import type { ConsumingTask } from '../clients/consuming-client.ts';
import type { RabbitOptions } from '../rabbit-scenario.ts';
import { ClientProcess } from '../world/client-process.ts';
import { emptyQueues, queueRow } from '../world/queue-rows.ts';
import { openRabbitWorld, type RabbitWorld } from '../world/rabbit-world.ts';

export const poison = { name: 'poison', measure };

const limit = 5;
const concurrency = 8;
const innocents = 100;
/** Of the deliveries of a poison: at each third one the service is killed under it. */
const killEvery = 3;

interface Act {
  readonly name: string;
  readonly task: Pick<ConsumingTask, 'diesOf' | 'failsAt'>;
  readonly killsService: boolean;
}

const acts: readonly Act[] = [
  { name: 'fails', task: { failsAt: 'poison' }, killsService: false },
  { name: 'kills its consumer', task: { diesOf: 'poison' }, killsService: false },
  { name: 'kills its consumer, beside kills of the service', task: { diesOf: 'poison' }, killsService: true },
];

async function measure({ times }: RabbitOptions): Promise<Figure> {
  await using world = await openRabbitWorld();
  const lines: string[] = [];
  const broken: string[] = [];
  for (const [at, act] of acts.entries()) {
    const found: PoisonEvidence[] = [];
    for (let time = 0; time < times; time++) found.push(await parkOne(world, `faults-${at}-${time}`, act));
    const deliveries = found.map((each) => each.deliveries);
    const parked = found.reduce((sum, each) => sum + each.innocentsParked, 0);
    lines.push(
      `one that ${act.name}: parked after ${deliveries.join(', ')} deliveries (limit ${limit}), innocents parked ${parked} of ${innocents * times}`,
    );
    broken.push(...found.flatMap(checkPoison).map((what) => `one that ${act.name}: ${what}`));
  }
  return { measured: lines.join('; '), broken };
}

/** A queue of its own with a poison in the middle of others; resolves when nothing is left in it. */
async function parkOne(world: RabbitWorld, queue: string, act: Act): Promise<PoisonEvidence> {
  const [service] = world.services;
  using client = connectMessaging(service.address);
  using publisher = createPublisher({ address: service.address });
  await client.messaging.declareTopology({ topology: { queues: [{ name: queue, deliveryLimit: limit }] } });
  const ids = Array.from({ length: innocents }, (_, at) => `innocent-${at}`).toSpliced(
    innocents / 2,
    0,
    'poison',
  );
  await publisher.publish(
    '',
    queue,
    ids.map((id) => ({ id, body: id })),
  );
  const got: string[] = [];
  let serviceKills = 0;
  let restarting: Promise<void> | undefined;
  const consume = (name: string, changes: Partial<ConsumingTask>) =>
    new ClientProcess(
      'consuming-client',
      { address: service.address, queues: [name], concurrency, ...changes } satisfies ConsumingTask,
      ([, id = '']) => {
        got.push(id);
        const isPoison = id === 'poison' && name === queue;
        if (!isPoison || !act.killsService || restarting || deliveriesOf(got) % killEvery !== 0) return;
        serviceKills++;
        restarting = service.restart().finally(() => {
          restarting = undefined;
        });
      },
    );
  await using consumer = new Restarted(() => consume(queue, act.task));
  await eventually(async () => {
    await restarting;
    const { ready } = await queueRow(client, `${queue}.dead`);
    if (ready === 0) throw new Error('nothing is parked');
    await emptyQueues(client, [queue]);
  }, patienceMs);
  await consumer.finish();
  const deliveries = deliveriesOf(got);
  const { ready } = await queueRow(client, `${queue}.dead`);
  const acknowledged = new Set(got.filter((id) => id !== 'poison'));
  const parked: string[] = [];
  await using morgue = new ClientProcess(
    'consuming-client',
    { address: service.address, queues: [`${queue}.dead`], concurrency } satisfies ConsumingTask,
    ([, id = '']) => parked.push(id),
  );
  await eventually(() => {
    if (parked.length < ready) throw new Error(`${parked.length} of ${ready} dead letters came`);
  }, patienceMs);
  await morgue.finish();
  return {
    limit,
    deliveries,
    serviceKills,
    wantsServiceKills: act.killsService,
    innocents,
    innocentsDone: acknowledged.size,
    innocentsParked: parked.filter((id) => id !== 'poison').length,
    poisonsParked: new Set(parked.filter((id) => id === 'poison')).size,
  };
}

function deliveriesOf(got: readonly string[]): number {
  return got.filter((id) => id === 'poison').length;
}

/** A consumer that is started again whenever it has died. */
class Restarted implements AsyncDisposable {
  readonly #start: () => ClientProcess;
  #process: ClientProcess;
  #over = false;
  readonly #running: Promise<void>;

  constructor(start: () => ClientProcess) {
    this.#start = start;
    this.#process = start();
    this.#running = this.#run();
  }

  /** When nothing is left that it could die of. */
  async finish(): Promise<void> {
    this.#over = true;
    await this.#process.finish();
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    await this.#process[Symbol.asyncDispose]();
  }

  async #run(): Promise<void> {
    while ((await this.#process.ended.catch(() => 'failed')) === 'killed' && !this.#over) {
      this.#process = this.#start();
    }
  }
}
