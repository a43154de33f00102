/** Calls the echo service over one channel, so many at once, again and again. */
import { type Client, createClient } from '@connections/grpc';
import { credentials, Client as GrpcJsClient } from '@grpc/grpc-js';
import { answerParent } from '../../child/answer-parent.ts';
import { median } from '../../measure/statistics.ts';
import { closedLoop, type LoopResult } from '../closed-loop.ts';
import { askFor, echoService } from './echo-service.ts';
import { channelOn, type TransportName } from './transport.ts';

/** Up and down: a large message in the request, and in the response. */
export type EchoWork = 'echo' | 'up' | 'down' | 'list' | 'chat';

export interface EchoCallerOrder {
  /** With grpc-js alone it makes unary calls only. */
  readonly on: TransportName | 'bare grpc-js';
  readonly address: string;
  /** Of the server, which takes TLS then. */
  readonly ca?: string;
  readonly work: EchoWork;
  /** Of a message. */
  readonly bytes: number;
  readonly inFlight: number;
  readonly runMs: number;
}

export interface EchoCallerResult extends LoopResult {
  /** The median of the times of single calls, told when there is one at a time. */
  readonly callMs?: number;
}

/** Of one stream. */
const streamMessages = 250;
type Perform = () => Promise<unknown>;
type Echo = Client<typeof echoService>;

const opened = new Map<string, Echo | GrpcJsClient>();

answerParent<EchoCallerOrder, EchoCallerResult>(async (order) => {
  const { on, work, inFlight, runMs } = order;
  const perform = on === 'bare grpc-js' ? bareCall(order) : callOf(order);
  // One call first, so that no run pays for a connection.
  await perform();
  const callsEach = work === 'list' || work === 'chat' ? streamMessages : 1;
  if (inFlight > 1) return await closedLoop({ inFlight, runMs, callsEach }, perform);
  const times: number[] = [];
  const result = await closedLoop({ inFlight, runMs, callsEach }, async () => {
    const begin = performance.now();
    await perform();
    times.push(performance.now() - begin);
  });
  return { ...result, callMs: median(times) };
});

function callOf({ on, address, ca, work, bytes }: EchoCallerOrder): Perform {
  if (on === 'bare grpc-js') throw new RangeError('that has no channel of ours');
  const client = once(`${on} ${address}`, () =>
    createClient(echoService, channelOn(on, address, ca === undefined ? undefined : { ca })),
  ) as Echo;
  const message = new Uint8Array(bytes).fill(0x78);
  switch (work) {
    case 'echo':
      return () => client.echo(message);
    case 'up':
      return () => client.take(message);
    case 'down': {
      const size = askFor(bytes);
      return () => client.give(size);
    }
    case 'list': {
      const count = askFor(streamMessages);
      return () => counted(client.list(count));
    }
    case 'chat':
      return () => counted(client.chat(repeated(message)));
  }
}

function bareCall({ address, work, bytes }: EchoCallerOrder): Perform {
  if (work !== 'echo') throw new RangeError('grpc-js alone makes unary calls');
  const client = once(address, () => new GrpcJsClient(address, credentials.createInsecure())) as GrpcJsClient;
  const message = Buffer.alloc(bytes, 'x');
  const same = (buffer: Buffer) => buffer;
  const { path } = echoService.methods.echo;
  return () =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, same, same, message, (error, reply) => {
        if (error) reject(error);
        else resolve(reply);
      });
    });
}

function once<T extends Echo | GrpcJsClient>(key: string, open: () => T): Echo | GrpcJsClient {
  const client = opened.get(key) ?? open();
  opened.set(key, client);
  return client;
}

async function* repeated(message: Uint8Array): AsyncIterable<Uint8Array> {
  for (let left = streamMessages; left > 0; left--) yield message;
}

async function counted(messages: AsyncIterable<Uint8Array>): Promise<void> {
  let count = 0;
  for await (const _ of messages) count++;
  if (count !== streamMessages) throw new Error(`${count} messages came`);
}
