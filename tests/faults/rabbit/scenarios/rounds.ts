/** Messages through every way, with kill -9 of clients, of the service and of the broker in an order that a seed decides. */
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@connections/testing';
import { promised } from '../../run/bounds.ts';
import { type Figure, held } from '../../run/figure.ts';
import { MemoryWatch } from '../../run/memory-watch.ts';
import { SeededChance } from '../../run/seeded-chance.ts';
import { checkMessages } from '../check/check-messages.ts';
import { Traffic } from '../load/traffic.ts';
import type { RabbitOptions } from '../rabbit-scenario.ts';
import { noted, openRabbitWorld, type RabbitWorld } from '../world/rabbit-world.ts';

export const rounds = { name: 'rounds', measure };

const kinds = ['client', 'service', 'broker'] as const;
type Kind = (typeof kinds)[number];

/** Between the end of one fault and the next. */
const calmMs = [2_000, 5_000] as const;
/** Until the queues are empty after the last fault: it decides nothing but that the run fails. */
const patienceMs = 120_000;
/** Confirmed before each fault: it strikes traffic, however slow the machine is to start again what was killed. */
const confirmedBetween = 5_000;
/** Of all messages, where these are few. */
const shareBetween = 0.1;
const minuteMs = 60_000;
const leastShare = 0.9;

async function measure({ messages, minutes, seed, room }: RabbitOptions): Promise<Figure> {
  const chance = new SeededChance(seed);
  await using world = await openRabbitWorld();
  const [service] = world.services;
  await noted(world);
  await using traffic = new Traffic(service.address);
  await using memory = new MemoryWatch(() => service.residentMiB());
  const kills = new Map<Kind, number>();
  const begun = performance.now();
  const end = begun + minutes * minuteMs;
  const isEnough = () =>
    traffic.history.confirmed >= messages && kills.size === kinds.length && performance.now() >= end;
  const between = Math.min(confirmedBetween, messages * shareBetween);
  let waiting: Kind[] = [];
  while (!isEnough()) {
    const before = traffic.history.confirmed;
    await traffic.goOn(chance.between(...calmMs));
    await eventually(() => {
      const confirmed = traffic.history.confirmed - before;
      if (confirmed < between) throw new Error(`${confirmed} messages were confirmed since the last fault`);
    }, patienceMs);
    if (waiting.length === 0) waiting = chance.shuffled(kinds);
    const kind = waiting.pop() ?? 'client';
    await hit(kind, world, traffic, chance);
    kills.set(kind, (kills.get(kind) ?? 0) + 1);
  }
  await traffic.finishPublishing();
  await eventually(() => traffic.drained(), patienceMs).catch(() => {});
  await traffic.finishConsuming();
  const seconds = (performance.now() - begun) / 1_000;
  const { history } = traffic;
  const channelErrors = world.log.channelErrors;
  const found = checkMessages({
    records: history.records(),
    strangers: history.strangers,
    kills,
    kinds,
    inFlight: traffic.inFlight,
    channelErrors,
    leastConfirmed: messages * leastShare,
  });
  const [early, late] = memory.peaks;
  const grown = held('memory grew by', late - early, promised.grownMiB, 'MiB', room);
  const measured = [
    `seed ${seed}`,
    `${seconds.toFixed(0)} s`,
    `kill -9 of ${kinds.map((kind) => `${kind} ${kills.get(kind) ?? 0}`).join(', ')}`,
    `messages sent ${found.sent}, confirmed ${found.confirmed}, unknown ${found.unknown}, refused ${found.refused}`,
    `received ${found.received}`,
    `lost ${found.lost.length}, untrue ${found.untrue.length}`,
    `duplicates ${found.duplicates} (at most ${traffic.inFlight} in flight x kills = ${found.mostDuplicates})`,
    `channel errors 406 ${channelErrors}`,
    `memory at most ${early.toFixed(0)}, then ${late.toFixed(0)} MiB`,
  ].join('; ');
  return { measured, broken: [...found.broken, ...grown.broken] };
}

async function hit(
  kind: Kind,
  { log, services: [service] }: RabbitWorld,
  traffic: Traffic,
  chance: SeededChance,
): Promise<void> {
  if (kind === 'client') return traffic.killOne(chance);
  if (kind === 'broker') return log.restart();
  await service.kill();
  await delay(chance.between(0, 500));
  await service.restart();
}
