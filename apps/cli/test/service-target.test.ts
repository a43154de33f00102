/** Where commands look for the services, and what they say when nothing is there. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { createClient, StatusError } from '@connections/grpc';
import { healthService } from '@connections/proto-utils';
import { CliError } from '../src/cli-error.ts';
import { databaseTarget, messagingTarget, UnreachableError, withChannel } from '../src/service-target.ts';
import { captureTerminal } from './captured-terminal.ts';

const addressIn = (env: Record<string, string>) => databaseTarget({}, captureTerminal({ env })).address;

describe('the address of a service', () => {
  it('is that of the option, of the environment, or the usual one', () => {
    const terminal = captureTerminal({
      env: { MESSAGING_CONNECTION_PORT: '7', MESSAGING_CONNECTION_HOST: 'mq' },
    });
    assert.equal(messagingTarget({ messaging: 'h:1' }, terminal).address, 'h:1');
    assert.equal(messagingTarget({}, terminal).address, 'mq:7');
    assert.equal(addressIn({}), '127.0.0.1:50050');
    assert.equal(
      addressIn({ DATABASE_CONNECTION_PORT: '', DATABASE_CONNECTION_HOST: '' }),
      '127.0.0.1:50050',
    );
  });

  it('is one of this machine where the service listens on all', () => {
    assert.equal(addressIn({ DATABASE_CONNECTION_HOST: '0.0.0.0' }), '127.0.0.1:50050');
    assert.equal(addressIn({ DATABASE_CONNECTION_HOST: '::' }), '[::1]:50050');
    assert.equal(addressIn({ DATABASE_CONNECTION_HOST: '::1' }), '[::1]:50050');
  });

  it('is asked for where the port of the environment is any free one', () => {
    assert.throws(
      () => addressIn({ DATABASE_CONNECTION_PORT: '0' }),
      (error) => {
        assert.ok(error instanceof CliError);
        assert.equal(error.exitCode, 2);
        assert.match(error.hint ?? '', /--database/);
        return true;
      },
    );
  });
});

describe('withChannel', () => {
  it('says which address cannot be reached, with the flag and the variables that change it', async () => {
    const check = withChannel({ name: 'messaging', address: '127.0.0.1:1' }, (channel) =>
      createClient(healthService, channel).check({}, { timeoutMs: 5_000 }),
    );
    await assert.rejects(check, (error) => {
      assert.ok(error instanceof UnreachableError);
      assert.equal(error.exitCode, 78);
      assert.match(error.message, /127\.0\.0\.1:1, where nothing listens$/);
      assert.match(error.hint ?? '', /connections up.*--messaging.*MESSAGING_CONNECTION_HOST/);
      return true;
    });
  });

  it('says that a server is late, or speaks something else', async () => {
    const cases: readonly [greeting: string, exitCode: number, message: RegExp][] = [
      ['', 68, /^the server on 127\.0\.0\.1:\d+ has not answered in time$/],
      ['220 ready\r\n', 78, /^the server cannot be reached on .*, where something else answers$/],
    ];
    for (const [greeting, exitCode, message] of cases) {
      const server = createServer((socket) => socket.write(greeting)).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const connected = once(server, 'connection');
      const { port } = server.address() as AddressInfo;
      const check = withChannel({ name: undefined, address: `127.0.0.1:${port}` }, (channel) =>
        createClient(healthService, channel).check({}, { timeoutMs: 1_000 }),
      );
      await assert.rejects(check, (error) => {
        assert.ok(error instanceof UnreachableError);
        assert.equal(error.exitCode, exitCode);
        assert.match(error.message, message);
        return true;
      });
      const [socket] = await connected;
      socket.destroy();
      server.close();
    }
  });

  it('says that an address is none', async () => {
    const call = withChannel({ name: undefined, address: 'nowhere' }, () => Promise.resolve());
    await assert.rejects(call, /"nowhere" is no address of a server/);
  });

  it('leaves what a service answers as it is', async () => {
    const stopping = new StatusError('UNAVAILABLE', 'the service is stopping', {
      details: [{ kind: 'ErrorInfo', reason: 'SHUTTING_DOWN', domain: 'connections', metadata: {} }],
    });
    const call = withChannel({ name: 'database', address: '127.0.0.1:1' }, () => Promise.reject(stopping));
    await assert.rejects(call, (error) => error === stopping);
  });
});
