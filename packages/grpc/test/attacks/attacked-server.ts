/**
 * A process with a server on our own transport, that tells its parent what it costs, and calls a server of the attacker when it
 * is told to: `fork`ed by attacked.ts.
 */
import { createChannel, createClient, createServer } from '../../src/index.ts';
import { noteService, plainHandlers, textsOf } from '../note-service.ts';

const sampleMs = 10;
let peakRssBytes = 0;
setInterval(() => {
  peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
}, sampleMs).unref();

const server = createServer();
server.add(noteService, plainHandlers);
const port = await server.listen('127.0.0.1', 0);
process.on('message', (order: { readonly call: number } | 'cost') => {
  if (typeof order === 'object') {
    const client = createClient(noteService, createChannel(`127.0.0.1:${order.call}`));
    // How it fails says the attacker's connection.
    textsOf(client.list({})).catch(() => {});
    return;
  }
  const { user, system } = process.cpuUsage();
  process.send?.({ rssBytes: process.memoryUsage.rss(), peakRssBytes, cpuUs: user + system });
  peakRssBytes = 0;
});
process.on('disconnect', () => process.exit());
process.send?.({ port });
