/** Channels behind TLS: whom they trust, who they say they are, and certificates that are replaced. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import {
  type ChannelOptions,
  type ClientTls,
  createChannel,
  createClient,
  createServer,
  type Peer,
  type ServerTls,
  type StatusError,
} from '../src/index.ts';
import { makeAuthority, opensslMissing } from './certificates.ts';
import { noteService, plainHandlers } from './note-service.ts';
import { failureOf } from './wait-until.ts';

const missing = opensslMissing();
if (missing && process.env.CI) throw new Error(missing);

async function serve(tls?: ServerTls) {
  const server = createServer(tls ? { tls } : {});
  const peers: Peer[] = [];
  server.add(noteService, {
    ...plainHandlers,
    async get(request, call) {
      peers.push(call.peer);
      return request;
    },
  });
  const port = await server.listen('127.0.0.1', 0);
  return { server, port, peers, [Symbol.asyncDispose]: () => server.stop(0) };
}

async function call(target: string | number, options: ChannelOptions): Promise<string> {
  const channel = createChannel(typeof target === 'number' ? `127.0.0.1:${target}` : target, options);
  try {
    return (await createClient(noteService, channel).get({ text: 'hi' })).text;
  } finally {
    channel.close();
  }
}

async function refusal(target: string | number, options: ChannelOptions): Promise<StatusError> {
  const failure = await failureOf(call(target, options));
  assert.equal(failure.status, 'UNAVAILABLE');
  return failure;
}

describe('a channel over TLS', { skip: missing }, () => {
  it('trusts servers by their authority and their name', async () => {
    const authority = makeAuthority();
    const { ca } = authority;
    await using byAddress = await serve(authority.issue('by address', 'IP:127.0.0.1'));
    await using byName = await serve(authority.issue('by name', 'DNS:db.test,DNS:localhost'));
    assert.equal(await call(byAddress.port, { tls: { ca } }), 'hi');
    assert.ok(byAddress.peers[0]?.secure);
    assert.match((await refusal(byAddress.port, { tls: {} })).message, /certificate/);
    assert.match((await refusal(byAddress.port, { tls: { ca: makeAuthority().ca } })).message, /certificate/);
    assert.match((await refusal(byName.port, { tls: { ca } })).message, /127\.0\.0\.1/);
    assert.equal(await call(byName.port, { tls: { ca, serverName: 'db.test' } }), 'hi');
    assert.equal(await call(`localhost:${byName.port}`, { tls: { ca: Buffer.from(ca) } }), 'hi');
    const wrong = await refusal(`localhost:${byName.port}`, { tls: { ca, serverName: 'other.test' } });
    assert.match(wrong.message, /other\.test/);
  });

  it('says who it is to servers that ask', async () => {
    const authority = makeAuthority();
    const { ca } = authority;
    await using served = await serve({ ...authority.issue('server'), ca, requireClientCertificate: true });
    const caller = authority.issue('caller', 'URI:spiffe://test/caller');
    assert.equal(await call(served.port, { tls: { ca, ...caller } }), 'hi');
    assert.match(JSON.stringify(served.peers[0]?.certificate ?? {}), /spiffe:\/\/test\/caller/);
    await refusal(served.port, { tls: { ca } });
    await refusal(served.port, { tls: { ca, ...makeAuthority().issue('stranger') } });
  });

  it('asks for its certificates again for each connection', async () => {
    const [before, after] = [makeAuthority(), makeAuthority()];
    let tls: ClientTls = { ca: before.ca };
    let asked = 0;
    await using served = await serve(before.issue('server'));
    const channel = createChannel(`127.0.0.1:${served.port}`, {
      backoff: { initialMs: 5, maxMs: 10 },
      tls: async () => {
        asked++;
        return tls;
      },
    });
    const client = createClient(noteService, channel);
    await client.get({});
    await client.get({});
    assert.equal(asked, 1);
    await served.server.stop(0);
    const again = createServer({ tls: after.issue('server') });
    again.add(noteService, plainHandlers);
    await again.listen('127.0.0.1', served.port);
    assert.match((await failureOf(client.get({}))).message, /certificate/);
    tls = { ca: after.ca };
    assert.equal((await client.get({ text: 'again' }, { waitForReady: true })).text, 'again');
    channel.close();
    await again.stop(0);
  });

  it('fails with what its certificates cannot be made of, and with what kept them from being read', async () => {
    await using served = await serve(makeAuthority().issue('server'));
    await refusal(served.port, { tls: { ca: 'no certificate', cert: 'none', key: 'none' } });
    const failure = await refusal(served.port, {
      tls: () => {
        throw new Error('the disk is gone');
      },
    });
    assert.match(failure.message, /the disk is gone/);
  });

  it('refuses servers that do not agree to HTTP/2, and servers without TLS', async () => {
    const authority = makeAuthority();
    const { ca } = authority;
    const server = createTlsServer(authority.issue('server'), (socket) => socket.on('error', () => {}));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    assert.match((await refusal(port, { tls: { ca } })).message, /HTTP\/2/);
    server.close();
    await using plain = await serve();
    await refusal(plain.port, { tls: { ca } });
    await using secure = await serve(authority.issue('server'));
    await refusal(secure.port, {});
  });
});
