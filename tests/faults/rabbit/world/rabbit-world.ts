/** A broker of its own with Messaging services on it. */
import { eventually, type RabbitServer, startRabbit } from '@connections/testing';
import { FaultedService } from '../../world/faulted-service.ts';
import { openedTogether } from '../../world/opened-together.ts';
import { BrokerLog } from './broker-log.ts';

export interface RabbitWorld extends AsyncDisposable {
  readonly broker: RabbitServer;
  readonly log: BrokerLog;
  readonly services: readonly [FaultedService, ...FaultedService[]];
}

export interface RabbitWorldOptions {
  /** Of the Messaging services. @default 1 */
  readonly replicas?: number;
  /** Variables of theirs beside the broker's URL. @default none */
  readonly settings?: Readonly<Record<string, string>>;
}

/** All of it runs, and has what the wire contract declares, when this resolves. */
export async function openRabbitWorld(options: RabbitWorldOptions = {}): Promise<RabbitWorld> {
  const { replicas = 1, settings } = options;
  return openedTogether(async (keep) => {
    const broker = await keep(startRabbit({ own: true }));
    const start = () =>
      keep(FaultedService.start('messaging', { MESSAGING_BROKER_URL: broker.url, ...settings }));
    const first = await start();
    const others: FaultedService[] = [];
    while (others.length < replicas - 1) others.push(await start());
    return { broker, log: new BrokerLog(broker), services: [first, ...others] as const };
  });
}

/**
 * RabbitMQ 3.10 notes some seconds late which log belongs to a new quorum queue; a lone broker that is killed before that
 * loses what the queue has, confirmed messages included (docs/decisions/0012). This has it noted at once.
 */
export async function noted({ broker }: RabbitWorld): Promise<void> {
  await eventually(() => broker.control('eval', '[dets:sync(Table) || Table <- dets:all()].'));
}
