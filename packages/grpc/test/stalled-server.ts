/** A server in a process of its own, whose memory a test can measure: `List` yields a MiB for ever. */
import { note, noteService, plainHandlers } from './note-service.ts';
import { transports } from './transports.ts';

export interface StalledServerReport {
  readonly port: number;
  readonly rssBytes: number;
  readonly generated: number;
  readonly slowConsumers: number;
  readonly unsentBytes: number;
}

const [name, ...limits] = process.argv.slice(2);
const transport = transports.find((one) => one.name === name);
if (!transport) throw new Error(`there is no transport ${name}`);
const [maxUnsentBytes, stalledStreamMs] = limits.map(Number);
let generated = 0;
let slowConsumers = 0;

const server = transport.createServer({
  ...(maxUnsentBytes && { maxUnsentBytes }),
  ...(stalledStreamMs && { stalledStreamMs }),
});
server.add(noteService, {
  ...plainHandlers,
  async *list(_request, call) {
    try {
      for (;;) {
        generated++;
        yield note('', new Uint8Array(1_048_576).fill(generated));
      }
    } finally {
      if (call.signal.reason?.reason === 'SLOW_CONSUMER') slowConsumers++;
    }
  },
});
const port = await server.listen('127.0.0.1', 0);

/** Of what is held, without what is garbage already: the parent allows it to collect. */
function report(): void {
  globalThis.gc?.();
  const rssBytes = process.memoryUsage.rss();
  process.send?.({
    port,
    rssBytes,
    generated,
    slowConsumers,
    unsentBytes: server.unsentBytes,
  } satisfies StalledServerReport);
}

process.on('message', report);
process.on('disconnect', () => process.exit());
report();
