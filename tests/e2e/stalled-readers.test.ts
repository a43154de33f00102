/** Readers that do not read must not grow the service: its resident memory, from outside. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { connectMessaging } from '@connections/proto-utils';
import { eventually } from '@connections/testing';
import { startStandalone, temporaryFolder } from './standalone-process.ts';

const queue = 'jobs';
const readers = 300;
const bodyBytes = 1_048_576;
/**
 * Every reader's first message may be read from the store before it finds no room and goes back: garbage until it is
 * collected. 64 of them are on their way, each once as a message and once in the transport. Without a bound each
 * reader keeps two messages and an encoded one.
 */
const maxGrowthMb = readers + 2 * 64 + 72;

const measurable = existsSync('/proc/self/status');

/** Anonymous memory: the pages of the data file that the system maps are its cache, not ours. */
function residentMb(pid: number): number {
  const kib = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1_024;
}

async function* openOnly() {
  yield { frame: { $case: 'open' as const, value: { queue, credit: { messages: 8 } } } };
  await new Promise(() => {});
}

const title = `${readers} subscribers with 1 MiB messages that do not read grow the service by less than ${maxGrowthMb} MB`;
it(title, {
  skip: !measurable && 'memory is read from /proc, which this system lacks',
  timeout: 120_000,
}, async () => {
  await using service = await startStandalone({ CONNECTIONS_DATA: temporaryFolder(), LOG_LEVEL: 'silent' });
  using publisher = connectMessaging(service.messagingAddress);
  await publisher.messaging.declareTopology({ topology: { queues: [{ name: queue }] } });
  const messages = Array.from({ length: 3 }, () => ({ body: new Uint8Array(bodyBytes) }));
  for (let sent = 0; sent < readers; sent += messages.length) {
    await publisher.messaging.publish({ routingKey: queue, messages });
  }
  const before = residentMb(service.pid);

  const stop = new AbortController();
  using consumer = connectMessaging(service.messagingAddress);
  const streams = Array.from({ length: readers }, () =>
    consumer.messaging.subscribe(openOnly(), { signal: stop.signal })[Symbol.asyncIterator](),
  );
  await Promise.all(streams.map((stream) => stream.next()));
  await eventually(async () => {
    const { statistics } = await publisher.messaging.getTopology({});
    const row = statistics.find((each) => each.queue === queue);
    assert.deepEqual([row?.consumers, Number(row?.unsettled)], [readers, 64]);
  }, 30_000);
  const growth = residentMb(service.pid) - before;
  assert.ok(growth < maxGrowthMb, `it grew by ${Math.round(growth)} MB`);
  stop.abort();
});
