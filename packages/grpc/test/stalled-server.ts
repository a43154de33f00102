/** A server in a process of its own, whose memory a test can measure: `List` yields a MiB for ever. */
import { createGrpcJsServer } from '../src/grpc-js/index.ts';
import { note, noteService, plainHandlers } from './note-service.ts';

export interface StalledServerReport {
  readonly port: number;
  readonly rssBytes: number;
  readonly generated: number;
  readonly slowConsumers: number;
}

const [maxUnsentBytes, stalledStreamMs] = process.argv.slice(2).map(Number);
let generated = 0;
let slowConsumers = 0;

const server = createGrpcJsServer({
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

function report(): void {
  const rssBytes = process.memoryUsage.rss();
  process.send?.({ port, rssBytes, generated, slowConsumers } satisfies StalledServerReport);
}

process.on('message', report);
process.on('disconnect', () => process.exit());
report();
