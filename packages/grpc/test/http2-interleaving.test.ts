/** Random senders, readers and windows: every byte arrives in order, and no window is ever exceeded. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { clientOn, Http2World, type Recorder } from './http2-world.ts';
import { RawPeer, rawHeaders, rawRequest, rawSettings, rawTypes, rawWindowUpdate } from './raw-http2-peer.ts';
import { waitUntil } from './wait-until.ts';

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      stream: fc.nat(4),
      bytes: fc.integer({ min: 1, max: 40_000 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('widen' as const),
      stream: fc.nat(4),
      bytes: fc.integer({ min: 1, max: 30_000 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('widen all' as const),
      bytes: fc.integer({ min: 1, max: 60_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('set windows' as const), bytes: fc.nat(20_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('look' as const) }) },
);

/** Sends its messages one after the other, as the seam asks for. */
class Sender {
  readonly #recorder: Recorder;
  readonly #queue: Buffer[] = [];
  #busy = false;
  #at = 0;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
    recorder.onTaken = () => {
      this.#busy = false;
      this.#next();
    };
  }

  send(bytes: number): void {
    const message = Buffer.alloc(bytes);
    for (let index = 0; index < bytes; index++) message[index] = this.#at++ % 251;
    this.#queue.push(message);
    if (!this.#busy) this.#next();
  }

  #next(): void {
    for (let message = this.#queue.shift(); message; message = this.#queue.shift()) {
      this.#busy = !this.#recorder.stream?.sendData(message.subarray(0, 5), message.subarray(5), false);
      if (this.#busy) return;
    }
  }
}

function inOrder(bytes: Buffer): boolean {
  return bytes.every((byte, index) => byte === index % 251);
}

describe('streams that share a connection', () => {
  it('send no more than any window allows, and every byte in order', async () => {
    await using world = await Http2World.start();
    const property = fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.nat(20_000),
      async (steps, initial) => {
        const opened = world.streams.length;
        using peer = await RawPeer.client(world.port, [[4, initial]]);
        const ids = [1, 3, 5, 7, 9];
        peer.send(...ids.map((id) => rawHeaders(id, rawRequest)));
        await peer.sync();
        const senders = world.streams.slice(opened).map((recorder) => new Sender(recorder));
        const sent = ids.map(() => 0);
        const windows = ids.map(() => initial);
        let window = 65_535;
        let current = initial;
        // Windows only hold what has come by a time at which the server knew of all that was sent before.
        const look = async () => {
          await peer.sync();
          for (const [index, id] of ids.entries()) {
            const { length } = peer.dataOf(id);
            assert.ok(length <= (sent[index] ?? 0) && length <= largest(index), `stream ${id} has ${length}`);
          }
          const total = peer.framesOf('DATA').reduce((sum, { payload }) => sum + payload.length, 0);
          assert.ok(total <= window);
          assert.ok(
            peer.received.every(({ type, payload }) => type !== rawTypes.DATA || payload.length <= 16_384),
          );
        };
        const widest = [...windows];
        const largest = (index: number) => widest[index] ?? 0;
        for (const action of steps) {
          if (action.do === 'send') {
            sent[action.stream] = (sent[action.stream] ?? 0) + action.bytes;
            senders[action.stream]?.send(action.bytes);
          } else if (action.do === 'widen') {
            windows[action.stream] = (windows[action.stream] ?? 0) + action.bytes;
            peer.send(rawWindowUpdate(ids[action.stream] as number, action.bytes));
          } else if (action.do === 'widen all') {
            window += action.bytes;
            peer.send(rawWindowUpdate(0, action.bytes));
          } else if (action.do === 'set windows') {
            for (const index of windows.keys())
              windows[index] = (windows[index] ?? 0) + action.bytes - current;
            current = action.bytes;
            peer.send(rawSettings([[4, current]]));
          }
          for (const [index, size] of windows.entries()) widest[index] = Math.max(widest[index] ?? 0, size);
          if (action.do === 'look') await look();
        }
        await look();
        // Nothing that a window allows is held back.
        peer.send(rawWindowUpdate(0, 2 ** 30), ...ids.map((id) => rawWindowUpdate(id, 2 ** 30)));
        await peer.sync();
        await waitUntil('everything has come', () =>
          ids.every((id, index) => peer.dataOf(id).length === sent[index]),
        );
        assert.ok(ids.every((id) => inOrder(peer.dataOf(id))));
      },
    );
    await fc.assert(property, { numRuns: 40 });
  });

  it('carry bytes both ways at once, with readers that release late and little', async () => {
    await using world = await Http2World.start(
      { streamWindowBytes: 20_000, connectionWindowBytes: 70_000 },
      (recorder) => {
        recorder.releases = false;
      },
    );
    const property = fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(4), fc.integer({ min: 5, max: 50_000 }), fc.boolean()), {
        minLength: 1,
        maxLength: 40,
      }),
      fc.infiniteStream(fc.integer({ min: 1, max: 9_000 })),
      async (sends, releases) => {
        const opened = world.streams.length;
        const socket = connect(world.port, '127.0.0.1');
        const client = clientOn(socket, { streamWindowBytes: 30_000, connectionWindowBytes: 65_535 });
        const callers = [0, 1, 2, 3, 4].map(() => client.open());
        for (const caller of callers) caller.releases = false;
        await waitUntil('all are open', () => world.streams.length === opened + 5);
        const served = world.streams.slice(opened);
        const up = callers.map((recorder) => new Sender(recorder));
        const down = served.map((recorder) => new Sender(recorder));
        for (const { stream } of served)
          stream?.sendHeaders([{ name: ':status', value: '200' }], undefined, false);
        const expected = new Map<Recorder, number>();
        for (const [index, bytes, fromClient] of sends) {
          const receiver = (fromClient ? served : callers)[index] as Recorder;
          expected.set(receiver, (expected.get(receiver) ?? 0) + bytes);
          (fromClient ? up : down)[index]?.send(bytes);
        }
        const released = new Map<Recorder, number>();
        await waitUntil('everything has come', () => {
          for (const recorder of [...served, ...callers]) {
            const held = recorder.bytes.length - (released.get(recorder) ?? 0);
            const now = Math.min(held, releases.next().value ?? 1);
            recorder.stream?.release(now);
            released.set(recorder, (released.get(recorder) ?? 0) + now);
          }
          return [...expected].every(([recorder, bytes]) => recorder.bytes.length === bytes);
        });
        assert.ok([...served, ...callers].every(({ bytes }) => inOrder(bytes)));
        socket.destroy();
      },
    );
    await fc.assert(property, { numRuns: 8 });
  });
});
