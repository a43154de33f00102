/**
 * Writes recorded-sessions.json anew: what clients and servers send each other, through a proxy that listens in.
 * `node packages/grpc/dist/test/fuzz/record-sessions.js [--h2spec FILE] [--grpc-go-client FILE]`, the programs that
 * `tests/interop/referees` builds.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer as createListener, type Socket } from 'node:net';
import { parseArgs, promisify } from 'node:util';
import { createClient, Metadata, StatusError } from '../../src/index.ts';
import { type NoteClient, note, noteService, notes, plainHandlers, textsOf } from '../note-service.ts';
import { type Transport, transports } from '../transports.ts';
import type { Sender } from './frame-grammar.ts';
import { recordingsUrl } from './recorded-sessions.ts';

interface Recorded {
  readonly name: string;
  readonly sender: Sender;
  readonly bytes: Buffer;
}

/** Longer sessions are left out: they are not worth the file. */
const maxSessionBytes = 3_000;
const perName = 40;

const metadata = new Metadata();
metadata.set('x-key-bin', Uint8Array.of(1, 2, 3));
const calls: readonly ((client: NoteClient) => Promise<unknown>)[] = [
  (client) => client.get(note('one')),
  (client) => client.get(note('throw')),
  (client) => client.get(note('one', new Uint8Array(500)), { timeoutMs: 20_000 }),
  (client) => client.get(note('head'), { metadata }),
  (client) => textsOf(client.list(note('5'))),
  (client) => client.collect(notes('a', 'b', 'c')),
  (client) => textsOf(client.echo(notes('a', 'late', 'c'))),
  async (client) => {
    for await (const _ of client.list(note('20'))) break;
  },
  (client) => client.get(note('wait'), { timeoutMs: 50 }),
];

const recorded: Recorded[] = [];
for (const transport of transports) {
  await using served = await recordedServer(transport, transport.name);
  for (const call of calls) await withClient(transport, served.port, call);
  await withClient(transport, served.port, (client) => Promise.allSettled(calls.map((call) => call(client))));
}
const { values } = parseArgs({
  options: { h2spec: { type: 'string' }, 'grpc-go-client': { type: 'string' } },
});
const ours = transports[0] as Transport;
if (values.h2spec) {
  await using served = await recordedServer(ours, 'h2spec');
  await run(values.h2spec, [
    '-h',
    '127.0.0.1',
    '-p',
    `${served.port}`,
    '--path',
    '/test.Notes/Get',
    '-o',
    '1',
  ]);
}
if (values['grpc-go-client']) {
  await using served = await recordedServer(ours, 'grpc-go');
  for (const test of ['empty_unary', 'ping_pong', 'special_status_message', 'unimplemented_method']) {
    const options = ['--server_host=127.0.0.1', `--server_port=${served.port}`, `--test_case=${test}`];
    await run(values['grpc-go-client'], options);
  }
}
const kept = distinct(recorded);
const rows = kept.map(({ name, sender, bytes }) =>
  JSON.stringify({ name, sender, base64: bytes.toString('base64') }),
);
writeFileSync(recordingsUrl, `[\n${rows.join(',\n')}\n]\n`);
console.log(`${kept.length} sessions`);

async function withClient(
  transport: Transport,
  port: number,
  use: (client: NoteClient) => Promise<unknown>,
): Promise<void> {
  const channel = transport.createChannel(`127.0.0.1:${port}`);
  await use(createClient(noteService, channel)).catch(() => {});
  channel.close();
}

/** A server, and the port of the proxy before it. */
async function recordedServer(
  transport: Transport,
  name: string,
): Promise<AsyncDisposable & { readonly port: number }> {
  const server = transport.createServer({});
  server.add(noteService, {
    ...plainHandlers,
    async get(request, call) {
      if (request.text === 'throw') throw new StatusError('NOT_FOUND', 'as asked: ü');
      if (request.text === 'wait') await once(call.signal, 'abort');
      call.headers.set('x-head', 'h');
      call.trailers.set('x-trailer', 't');
      return request;
    },
  });
  const port = await server.listen('127.0.0.1', 0);
  const sockets: Socket[] = [];
  const proxy = createListener((near) => {
    const far = connect(port, '127.0.0.1');
    const sides = [
      { from: near, to: far, sender: 'client' as const },
      { from: far, to: near, sender: 'server' as const },
    ];
    for (const { from, to, sender } of sides) {
      const chunks: Buffer[] = [];
      from.on('data', (chunk: Buffer) => chunks.push(chunk));
      from.on('error', () => to.destroy());
      sockets.push(from);
      from.on('close', () => {
        recorded.push({ name, sender, bytes: Buffer.concat(chunks) });
        to.end();
      });
      from.pipe(to);
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    port: (proxy.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      await server.stop(200);
      const open = sockets.filter((socket) => !socket.closed);
      const closed = open.map((socket) => once(socket.destroy(), 'close'));
      await Promise.all([...closed, new Promise((resolve) => proxy.close(resolve))]);
    },
  };
}

/** Fails, as a referee does: what it has sent by then is what counts. */
async function run(program: string, options: readonly string[]): Promise<void> {
  await promisify(execFile)(program, [...options]).catch(() => {});
}

function distinct(sessions: readonly Recorded[]): Recorded[] {
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  return sessions.filter(({ name, sender, bytes }) => {
    const key = `${sender} ${bytes.toString('latin1')}`;
    const count = counts.get(`${sender} ${name}`) ?? 0;
    if (bytes.length === 0 || bytes.length > maxSessionBytes || seen.has(key) || count >= perName)
      return false;
    seen.add(key);
    counts.set(`${sender} ${name}`, count + 1);
    return true;
  });
}
