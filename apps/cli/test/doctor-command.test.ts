/** `connections doctor` on machines that are ready, that run the services, and that are in the way. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { healthService } from '@connections/proto-utils';
import { HealthCheckResponse_ServingStatus as Status } from '@connections/proto-utils/health';
import { createTestServer } from '@connections/testing';
import { type Check, checkLines } from '../src/doctor/check.ts';
import { checkNode, wantedNode } from '../src/doctor/node-check.ts';
import { runBin, type ServicesProcess, startServices, temporaryFolder } from './bin-process.ts';
import { cli } from './cli-run.ts';

interface Doctored {
  readonly code: number;
  readonly stderr: string;
  readonly checks: readonly Check[];
  /** The status and the message of the only check of that name. */
  of(name: string): readonly [Check['status'], string];
}

async function doctor(env: Readonly<Record<string, string>>, flags = ''): Promise<Doctored> {
  const { code, stdout, stderr } = await cli(`doctor --json ${flags}`, { env });
  const { checks }: { readonly checks: readonly Check[] } = JSON.parse(stdout);
  return {
    code,
    stderr,
    checks,
    of(name) {
      const [found, ...more] = checks.filter(({ check }) => check === name);
      assert.ok(found && more.length === 0, `${name} in ${stdout}`);
      return [found.status, found.message];
    },
  };
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const folders = temporaryFolder();

function newFolder(): string {
  return mkdtempSync(join(folders, 'data-'));
}

/** All of them at once, so that no two are the same. */
async function freePorts(): Promise<Readonly<Record<string, string>>> {
  const names = [
    'DATABASE_CONNECTION_PORT',
    'DATABASE_HTTP_PORT',
    'MESSAGING_CONNECTION_PORT',
    'MESSAGING_HTTP_PORT',
  ];
  const servers = names.map(() => createServer());
  const ports = await Promise.all(servers.map(listening));
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return Object.fromEntries(names.map((name, index) => [name, String(ports[index])]));
}

describe('doctor before the first start', () => {
  it('fails nothing, warns of services that do not run, and makes no folder', async () => {
    const folder = join(newFolder(), 'not/yet');
    const env: Readonly<Record<string, string>> = { ...(await freePorts()), CONNECTIONS_DATA: folder };
    const found = await doctor(env);
    assert.deepEqual([found.code, found.stderr], [0, '']);
    assert.deepEqual(found.of('Node.js')[0], 'ok');
    assert.deepEqual(found.of('database port'), [
      'ok',
      `${env.DATABASE_CONNECTION_PORT} on 127.0.0.1 is free`,
    ]);
    assert.deepEqual(found.of('messaging side port'), [
      'ok',
      `${env.MESSAGING_HTTP_PORT} on 127.0.0.1 is free`,
    ]);
    assert.deepEqual(found.of('database data'), ['ok', `${folder}/database is made at the first start`]);
    assert.match(
      found.of('messaging service').join(),
      /^warn,.*nothing listens: start it with `connections up`$/,
    );
    assert.equal(existsSync(folder), false);
  });

  it('is as well with every port left to the system, and with no side ports', async () => {
    const env = { DATABASE_CONNECTION_PORT: '0', MESSAGING_CONNECTION_PORT: '0', HTTP_ENABLED: 'false' };
    const found = await doctor({ ...env, CONNECTIONS_DATA: newFolder() });
    assert.equal(found.code, 0);
    assert.match(found.of('database port').join(), /^ok,a free one/);
    assert.match(found.of('database service').join(), /^warn,not asked, .*: set a port/);
    assert.ok(found.checks.every(({ check }) => !check.endsWith('side port')));
  });

  it('warns of tools that are not there', async () => {
    const found = await doctor({
      ...(await freePorts()),
      CONNECTIONS_DATA: newFolder(),
      PATH: '/nowhere',
    });
    assert.equal(found.code, 0);
    assert.match(found.of('docker').join(), /^warn,.*: start or install Docker$/);
    assert.match(found.of('moon').join(), /^warn,not found, /);
  });

  it('prints a line for each check, in columns, and colours the status', () => {
    const checks: readonly Check[] = [
      { check: 'a', status: 'ok', message: 'fine' },
      { check: 'longer', status: 'FAIL', message: 'wrong: \u001b[1mmend it' },
    ];
    assert.equal(checkLines(checks, false), 'ok    a       fine\nFAIL  longer  wrong: \\u{1b}[1mmend it');
    const [first, second] = checkLines(checks, true).split('\n');
    assert.equal(first, '\u001b[32mok\u001b[39m    a       fine');
    assert.ok(second?.startsWith('\u001b[31mFAIL\u001b[39m  longer'));
  });

  it('knows a Node.js that is too old', () => {
    const wanted = wantedNode();
    assert.match(wanted, /^>=\d+\.\d+$/);
    assert.equal(checkNode(process.versions.node, wanted).status, 'ok');
    assert.equal(checkNode('20.19.0', '>=20.19').status, 'ok');
    assert.equal(checkNode('24.0.1', '>=20.19').status, 'ok');
    assert.deepEqual(checkNode('20.18.3', '>=20.19'), {
      check: 'Node.js',
      status: 'FAIL',
      message: '20.18.3 is older than >=20.19: install a newer release from nodejs.org',
    });
    assert.equal(checkNode('18.20.4', '>=20.19').status, 'FAIL');
  });
});

describe('doctor where something is in the way', () => {
  it('shows every problem of the settings, and looks at the rest with the defaults', async () => {
    const folder = newFolder();
    const env = { ...(await freePorts()), CONNECTIONS_DATA: folder, LOG_LEVEL: 'loud', CONNECTIONS_DTA: 'x' };
    const { code, stdout, stderr } = await cli('doctor', { env });
    assert.equal(code, 1);
    assert.equal(stdout.match(/^FAIL {2}settings /gm)?.length, 2);
    assert.match(stdout, /^FAIL {2}settings +LOG_LEVEL is "loud", expected one of /m);
    assert.match(
      stdout,
      /^FAIL {2}settings +CONNECTIONS_DTA: no such setting; did you mean CONNECTIONS_DATA\?$/m,
    );
    assert.match(stdout, /^ok {4}database port +\d+ on 127\.0\.0\.1 is free$/m);
    assert.match(stderr, /^2 of \d+ checks failed: [^\n]+\n$/);
  });

  it('names who holds a port, and which variable to change', async () => {
    // Never answers, and has no part in either service.
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket));
    const port = await listening(silent);
    try {
      const env = { ...(await freePorts()), CONNECTIONS_DATA: newFolder() };
      const found = await doctor(env, `--timeout 0.5 --database-port ${port}`);
      const [status, message] = found.of('database port');
      const holder = process.platform === 'linux' ? ` by process ${process.pid} \\(.+\\)` : '';
      assert.match(
        message,
        new RegExp(
          `^port ${port} is in use${holder}: stop it, or set DATABASE_CONNECTION_PORT to another port$`,
        ),
      );
      assert.deepEqual([found.code, status], [1, 'FAIL']);
      assert.notEqual(found.of('database service')[0], 'ok');
    } finally {
      silent.close();
      for (const socket of sockets) socket.destroy();
    }
  });

  it('sees two services that are set to one port, before either runs', async () => {
    const { DATABASE_CONNECTION_PORT, ...others } = await freePorts();
    const port = `${DATABASE_CONNECTION_PORT}`;
    const found = await doctor(
      { ...others, CONNECTIONS_DATA: newFolder() },
      `--database-port ${port} --messaging-http-port ${port}`,
    );
    assert.deepEqual(found.of('messaging side port'), [
      'FAIL',
      `${port} is the database port too: set MESSAGING_HTTP_PORT to another port`,
    ]);
  });

  it('says of a data folder what a start would say', async () => {
    const ports = await freePorts();
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    const inFile = await doctor({ ...ports, CONNECTIONS_DATA: file });
    assert.match(
      inFile.of('database data').join(),
      /^FAIL,.* cannot be written \(.*\): .*choose another folder$/,
    );
    const folder = newFolder();
    mkdirSync(join(folder, 'messaging'));
    writeFileSync(join(folder, 'messaging/store.mdb'), 'x');
    const damaged = await doctor({ ...ports, CONNECTIONS_DATA: folder });
    assert.equal(damaged.of('database data')[0], 'ok');
    assert.match(damaged.of('messaging data').join(), /^FAIL,.* has data but no format\.json: restore .*$/);
    assert.deepEqual(readdirSync(folder, { recursive: true }).sort(), ['messaging', 'messaging/store.mdb']);
  });

  it('gives the reason of a service that runs and does not serve, or not all', async () => {
    let status: Status = Status.NOT_SERVING;
    let readiness = { ready: false, degraded: false, reason: 'the tasks store does not answer' };
    const server = createTestServer({ maxMessageBytes: 4_096, maxMetadataBytes: 8_192, interceptors: [] });
    server.add(healthService, {
      check: async () => ({ status }),
      watch: () => {
        throw new Error('nobody watches here');
      },
    });
    const side = createHttpServer((_, response) => {
      response.writeHead(readiness.ready ? 200 : 503).end(JSON.stringify(readiness));
    });
    const port = await server.listen('127.0.0.1', 0);
    const httpPort = await listening(side);
    try {
      const env = { ...(await freePorts()), CONNECTIONS_DATA: newFolder() };
      const found = await doctor(env, `--database-port ${port} --database-http-port ${httpPort}`);
      assert.deepEqual(found.of('database service'), [
        'FAIL',
        `runs on 127.0.0.1:${port} but does not serve, the tasks store does not answer: its log has the cause`,
      ]);
      assert.equal(found.of('database port')[0], 'ok');
      assert.equal(found.of('database side port')[0], 'ok');
      status = Status.SERVING;
      readiness = { ready: true, degraded: true, reason: 'degraded: the tasks store does not answer' };
      const degraded = await doctor(env, `--database-port ${port} --database-http-port ${httpPort}`);
      assert.deepEqual(degraded.of('database service'), [
        'warn',
        `serves on 127.0.0.1:${port}, degraded: the tasks store does not answer`,
      ]);
    } finally {
      side.close();
      await server.stop(0);
    }
  });
});

describe('doctor while the services run', () => {
  let services: ServicesProcess;
  let env: Readonly<Record<string, string>>;

  before(async () => {
    env = { ...(await freePorts()), CONNECTIONS_DATA: newFolder() };
    services = await startServices(env);
  });

  after(async () => services?.[Symbol.asyncDispose]());

  it('finds its own services behind the ports and the data', async () => {
    const { code, stdout, stderr } = await runBin('doctor', env);
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(
      stdout.match(/^ok {4}.* port +\d+ on 127\.0\.0\.1 is held by the running service$/gm)?.length,
      4,
    );
    assert.equal(stdout.match(/^ok {4}.* data +\S+ is open in the running service$/gm)?.length, 2);
    assert.equal(stdout.match(/^ok {4}.* service +serves on 127\.0\.0\.1:\d+$/gm)?.length, 2);
  });

  it('names the process that has the data open, where other ports are asked for', async () => {
    const found = await doctor({ ...env, ...(await freePorts()) });
    assert.equal(found.code, 1);
    assert.match(found.of('database data').join(), /^FAIL,.* is in use by process \d+: stop that process, /);
  });

  it('does not take one of the services for the other', async () => {
    const found = await doctor(env, `--database-port ${env.MESSAGING_CONNECTION_PORT} --messaging-port 0`);
    assert.match(found.of('database service').join(), /^FAIL,.* is not the database service: /);
    assert.match(found.of('database port').join(), /^FAIL,port \d+ is in use.*DATABASE_CONNECTION_PORT/);
  });
});
