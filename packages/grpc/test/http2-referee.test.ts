/** Both ends of our HTTP/2 against those of node:http2. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  createServer as createHttp2Server,
  type IncomingHttpHeaders,
} from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { clientOn, echo, Http2World, noBytes, okTrailers } from './http2-world.ts';
import { waitUntil } from './wait-until.ts';

const sizes = [0, 1, 5, 16_383, 16_384, 16_385, 65_535, 65_536, 300_000, 1_500_000];

const patterned = (bytes: number) => Buffer.from(Array.from({ length: bytes }, (_, index) => index % 251));

async function post(
  session: ClientHttp2Session,
  body: Buffer,
  headers: Record<string, string> = {},
): Promise<{ status: unknown; body: Buffer; trailers: IncomingHttpHeaders }> {
  const stream = session.request({ ':method': 'POST', ':path': '/notes/Add', te: 'trailers', ...headers });
  const head = once(stream, 'response');
  const trailers = once(stream, 'trailers');
  stream.end(body);
  const bytes = await buffer(stream);
  return {
    status: (await head)[0][':status'],
    body: bytes,
    trailers: (await trailers)[0],
  };
}

describe("node's HTTP/2", () => {
  it('calls our server: every size, many at once, headers again and new ones', async () => {
    await using world = await Http2World.start({}, echo);
    const session = connectHttp2(`http://127.0.0.1:${world.port}`);
    for (const size of sizes) {
      const body = patterned(size);
      const answer = await post(session, body, { 'x-size': `${size}` });
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.body, body);
      assert.equal(answer.trailers['grpc-status'], '0');
    }
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        post(session, patterned(index * 97), { 'x-call': `${index % 7}` }),
      ),
    );
    assert.ok(answers.every(({ body }, index) => body.equals(patterned(index * 97))));
    assert.equal(world.connection.openStreams, 0);
    session.close();
    await once(session, 'close');
    await waitUntil('it is closed', () => world.closed.length === 1);
    assert.deepEqual(world.closed, [undefined]);
  });

  it('changes its settings while calls are open', async () => {
    await using world = await Http2World.start({}, echo);
    const session = connectHttp2(`http://127.0.0.1:${world.port}`, { settings: { initialWindowSize: 0 } });
    const body = patterned(200_000);
    const answers = Promise.all(Array.from({ length: 10 }, () => post(session, body)));
    await waitUntil(
      'the calls have come',
      () => world.streams.filter(({ bytes }) => bytes.length === body.length).length === 10,
    );
    for (const initialWindowSize of [10, 5_000, 1, 1_000_000]) {
      await new Promise<void>((resolve) =>
        session.settings({ initialWindowSize, headerTableSize: initialWindowSize % 4_096 }, () => resolve()),
      );
    }
    for (const answer of await answers) assert.ok(answer.body.equals(body));
    session.close();
  });

  it('is drained by our server without the loss of a call', async () => {
    await using world = await Http2World.start({}, echo);
    const session = connectHttp2(`http://127.0.0.1:${world.port}`);
    const before = Promise.all(Array.from({ length: 20 }, () => post(session, patterned(50_000))));
    await waitUntil('calls have come', () => world.streams.length === 20);
    world.connection.drain();
    for (const answer of await before) assert.equal(answer.body.length, 50_000);
    await once(session, 'close');
    assert.equal(session.destroyed, true);
  });

  it('answers our client: every size, many at once', async () => {
    const server = createHttp2Server({ settings: { maxConcurrentStreams: 1_000 } });
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.pipe(stream);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const client = clientOn(socket);
    await waitUntil('it is ready', () => client.events.includes('ready'));
    const bodies = [
      ...sizes.map(patterned),
      ...Array.from({ length: 200 }, (_, index) => patterned(index * 89)),
    ];
    const calls = bodies.map((body) => {
      const call = client.open();
      call.stream?.sendData(body.subarray(0, 5), body.subarray(5), true);
      return call;
    });
    await waitUntil('all are answered', () => calls.every(({ closings }) => closings === 1), 20_000);
    for (const [index, call] of calls.entries()) {
      assert.equal(call.failure, undefined);
      assert.ok(call.bytes.equals(bodies[index] ?? noBytes));
      assert.equal(call.head?.fields[0]?.value, '200');
      assert.equal(call.told.at(-2), `trailers ${okTrailers[0]?.name}`);
    }
    client.connection.drain();
    await waitUntil('it is closed', () => client.events.includes('closed'));
    await new Promise((resolve) => server.close(resolve));
  });
});
