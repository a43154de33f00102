/** The images without an engine: their entry command, in a root that holds only what they copy, as their user. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createClient } from '@connections/grpc';
import { healthService } from '@connections/proto-utils';
import { HealthCheckResponse_ServingStatus as Status } from '@connections/proto-utils/health';
import { eventually, openTestChannel } from '@connections/testing';
import { ImageRoot } from './image-root.ts';

const images = [
  { app: 'database', services: ['DATABASE'], parts: ['database'] },
  { app: 'messaging', services: ['MESSAGING'], parts: ['messaging'] },
  { app: 'standalone', services: ['DATABASE', 'MESSAGING'], parts: ['database', 'messaging', 'standalone'] },
];
const cannot =
  process.platform !== 'linux' || process.getuid?.() !== 0
    ? 'another root folder and another user need Linux and root'
    : false;

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  server.close();
  await once(server, 'close');
  return String(address.port);
}

/** Of both outputs, when the process has ended. */
async function ended(
  child: ChildProcess,
): Promise<{ readonly code: number | null; readonly output: string }> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = await once(child, 'close');
  return { code, output };
}

for (const { app, services, parts } of images) {
  describe(`the image of ${app}`, { skip: process.env.CI ? false : cannot }, () => {
    let root: ImageRoot;
    before(() => {
      root = new ImageRoot(app);
    });
    after(() => root[Symbol.dispose]());

    it('starts, is healthy, serves and stops on TERM with its data written', {
      timeout: 60_000,
    }, async () => {
      const ports: Record<string, string> = {};
      for (const service of services) {
        ports[`${service}_CONNECTION_PORT`] = await freePort();
        ports[`${service}_HTTP_PORT`] = await freePort();
      }
      const check = () => ended(root.run(root.stage.healthcheck, ports));
      const before = await check();
      assert.equal(before.code, 1);
      assert.match(before.output, /ECONNREFUSED/);

      const main = root.run(root.stage.entrypoint, ports);
      const end = ended(main);
      await eventually(async () => assert.deepEqual(await check(), { code: 0, output: '' }), 20_000);
      for (const service of services) {
        const channel = openTestChannel(`127.0.0.1:${ports[`${service}_CONNECTION_PORT`]}`);
        const { status } = await createClient(healthService, channel).check({});
        channel.close();
        assert.equal(status, Status.SERVING);
      }
      main.kill('SIGTERM');
      const { code, output } = await end;
      assert.equal(code, 0, output);
      assert.ok(readdirSync(join(root.folder, 'data')).length > 0);
    });

    it('lets its user, who is not root, write to the data and nowhere else', {
      timeout: 30_000,
    }, async () => {
      const program = `
        const { writeFileSync } = require('node:fs');
        console.log(process.getuid(), process.getgid());
        for (const folder of ['/', '/app', '/app/apps', '/app/node_modules', '/data']) {
          try {
            writeFileSync(folder + '/written', '');
            console.log(folder);
          } catch {}
        }`;
      const [node = ''] = root.stage.entrypoint;
      const { code, output } = await ended(root.run([node, '-e', program], {}));
      assert.deepEqual({ code, output }, { code: 0, output: '65532 65532\n/data\n' });
    });

    it('holds what runs and nothing else', () => {
      const top = readdirSync(root.folder).filter((name) => !/^(lib|usr)/.test(name));
      assert.deepEqual(top.sort(), ['app', 'data', 'nodejs']);
      const content = join(root.folder, 'app');
      assert.deepEqual(readdirSync(join(content, 'apps/connections')).sort(), parts);
      const files = readdirSync(content, { recursive: true, encoding: 'utf8' });
      for (const tool of ['typescript', '@biomejs', '@moonrepo', 'fast-check', '@connections/testing']) {
        assert.ok(!files.includes(`node_modules/${tool}`), tool);
      }
      const useless = /\.(d\.)?[cm]?ts$|\.map$|^(packages|apps)\/.*\/test\//;
      assert.deepEqual(
        files.filter((file) => useless.test(file)),
        [],
      );
      assert.ok(files.includes('LICENSE'));
    });
  });
}
