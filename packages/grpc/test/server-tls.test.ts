/** Servers behind TLS: whom they let in, what handlers know of who came, and certificates that are replaced. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect, type SecureClientSessionOptions } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { describe, it } from 'node:test';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { createGrpcJsServer } from '../src/grpc-js/index.ts';
import { createServer, type Peer, type Server, type ServerTls } from '../src/index.ts';
import { type Authority, type KeyPair, makeAuthority, opensslMissing } from './certificates.ts';
import { note, noteCodec, noteService, plainHandlers } from './note-service.ts';
import { frame, openRaw, statusOf } from './raw-call.ts';
import { waitUntil } from './wait-until.ts';

const missing = opensslMissing();
if (missing && process.env.CI) throw new Error(missing);

interface Served extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  readonly peers: readonly Peer[];
}

async function serve(server: Server): Promise<Served> {
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

function connectSecure(port: number, options: SecureClientSessionOptions): ClientHttp2Session & Disposable {
  const session = connect(`https://127.0.0.1:${port}`, options);
  session.on('error', () => {});
  return Object.assign(session, { [Symbol.dispose]: () => session.destroy() });
}

async function statusOfCall(session: ClientHttp2Session): Promise<string | undefined> {
  const stream = openRaw(session, '/test.Notes/Get');
  stream.end(frame(noteCodec.encode(note('hi'))));
  return `${(await statusOf(stream))['grpc-status']}`;
}

/** Of a client that is refused in the handshake, or right after it. */
async function isRefused(port: number, options: SecureClientSessionOptions): Promise<boolean> {
  using session = connectSecure(port, options);
  return statusOfCall(session).then(
    () => false,
    () => true,
  );
}

function serialOf(session: ClientHttp2Session): string {
  return (session.socket as TLSSocket).getPeerCertificate().serialNumber;
}

for (const [name, create] of [
  ['ours', createServer],
  ['grpc-js', createGrpcJsServer],
] as const) {
  describe(`a server behind TLS, over ${name}`, { skip: missing }, () => {
    const authority: Authority = makeAuthority();
    const { ca } = authority;
    const pair: KeyPair = authority.issue('server');
    const alternativeNames = 'URI:spiffe://example.org/orders,DNS:orders.test';
    const client = authority.issue('orders', alternativeNames);
    const stranger = makeAuthority().issue('orders', alternativeNames);

    it('takes calls, and tells handlers that they are encrypted', async () => {
      await using served = await serve(create({ tls: pair }));
      using session = connectSecure(served.port, { ca });
      assert.equal(await statusOfCall(session), '0');
      const [peer] = served.peers;
      assert.match(peer?.address ?? '', /^127\.0\.0\.1:\d+$/);
      assert.deepEqual([peer?.secure, peer?.loopback, peer?.certificate], [true, true, undefined]);
    });

    it('closes connections that are plain, and those that do not agree on HTTP/2', async () => {
      await using served = await serve(create({ tls: pair }));
      const plain = connectSocket(served.port, '127.0.0.1');
      plain.on('error', () => {});
      plain.resume().write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0');
      await once(plain, 'close');
      for (const ALPNProtocols of [undefined, ['http/1.1']]) {
        const options: ConnectionOptions = { ca, ...(ALPNProtocols && { ALPNProtocols }) };
        const socket = connectTls(served.port, '127.0.0.1', options);
        socket.on('error', () => {});
        let closed = false;
        socket.resume().on('close', () => {
          closed = true;
        });
        await waitUntil('the connection is closed', () => closed);
      }
    });

    it('knows its clients by certificates, and takes none without one', async () => {
      const tls: ServerTls = { ...pair, ca, requireClientCertificate: true };
      await using served = await serve(create({ tls }));
      using session = connectSecure(served.port, { ca, ...client });
      assert.equal(await statusOfCall(session), '0');
      const certificate = served.peers[0]?.certificate;
      assert.equal(certificate?.commonName, 'orders');
      assert.deepEqual(certificate?.subjectAltNames, ['URI:spiffe://example.org/orders', 'DNS:orders.test']);
      assert.match(certificate?.fingerprint256 ?? '', /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
      assert.equal(await isRefused(served.port, { ca }), true);
      assert.equal(await isRefused(served.port, { ca, ...stranger }), true);
      assert.equal(served.peers.length, 1);
    });

    it('presents a new certificate to new connections, while the others go on', async () => {
      await using served = await serve(create({ tls: pair }));
      using before = connectSecure(served.port, { ca });
      assert.equal(await statusOfCall(before), '0');
      served.server.reloadTls(authority.issue('server again'));
      using after = connectSecure(served.port, { ca });
      assert.equal(await statusOfCall(after), '0');
      assert.equal(await statusOfCall(before), '0');
      assert.notEqual(serialOf(before), serialOf(after));
    });

    it('keeps its certificate when another does not fit its key', async () => {
      await using served = await serve(create({ tls: pair }));
      const other = authority.issue('server again');
      assert.throws(() => served.server.reloadTls({ key: pair.key, cert: other.cert }));
      assert.throws(() => served.server.reloadTls({ key: 'no key', cert: other.cert }));
      using session = connectSecure(served.port, { ca });
      assert.equal(await statusOfCall(session), '0');
    });
  });

  describe(`a plain server, over ${name}`, () => {
    it('has no certificate to replace', () => {
      assert.throws(() => create().reloadTls({ key: '', cert: '' }), /takes no TLS/);
    });
  });
}

describe('a server of ours behind TLS that asks for certificates and requires none', {
  skip: missing,
}, () => {
  it('takes clients without one, and those whose certificate it trusts', async () => {
    const authority = makeAuthority();
    const { ca } = authority;
    await using served = await serve(createServer({ tls: { ...authority.issue('server'), ca } }));
    using anonymous = connectSecure(served.port, { ca });
    using known = connectSecure(served.port, { ca, ...authority.issue('orders') });
    assert.equal(await statusOfCall(anonymous), '0');
    assert.equal(await statusOfCall(known), '0');
    assert.deepEqual(
      served.peers.map(({ certificate }) => certificate?.commonName),
      [undefined, 'orders'],
    );
    assert.equal(await isRefused(served.port, { ca, ...makeAuthority().issue('orders') }), true);
  });
});
