/** grpc-go's interoperability tests: its client against our servers, our clients against its server. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { createClient } from '@connections/grpc';
import { eventually, freePort } from '@connections/testing';
import { buildReferees, goRefereesMissing, type Referee } from './go-referees.ts';
import { interopCases } from './interop-cases.ts';
import { interopHandlers } from './interop-handlers.ts';
import { interopService, unimplemented } from './interop-service.ts';
import { channels, servers } from './transports.ts';

const run = promisify(execFile);
/** What grpc-go's client knows beyond our own list of cases. */
const goCases = [...interopCases.keys(), 'pick_first_unary'];

describe('grpc-go interop', { skip: goRefereesMissing }, () => {
  let binary: (name: Referee) => string;
  before(async () => {
    binary = await buildReferees();
  });

  for (const [name, createServer] of servers) {
    describe(`its client against the ${name} server`, () => {
      const server = createServer();
      let port = 0;
      before(async () => {
        server.add(interopService, interopHandlers);
        port = await server.listen('127.0.0.1', 0);
      });
      after(() => server.stop(1_000));

      for (const testCase of goCases) {
        it(testCase, async () => {
          const args = ['--server_host=127.0.0.1', `--server_port=${port}`, `--test_case=${testCase}`];
          await run(binary('client'), args, { timeout: 30_000 });
        });
      }
    });
  }

  describe('its server', () => {
    let server: ChildProcess;
    let port = 0;
    before(async () => {
      port = await freePort();
      server = spawn(binary('server'), [`--port=${port}`], { stdio: 'ignore' });
    });
    after(async () => {
      server.kill('SIGKILL');
      await once(server, 'close');
    });

    for (const [name, createChannel] of channels) {
      describe(`against the ${name} client`, () => {
        for (const [testCase, check] of interopCases) {
          it(testCase, async () => {
            const channel = createChannel(`127.0.0.1:${port}`);
            try {
              await eventually(() => channel.ready(1_000), 20_000);
              await check({
                test: createClient(interopService, channel),
                unimplemented: createClient(unimplemented, channel),
              });
            } finally {
              channel.close();
            }
          });
        }
      });
    }
  });

  it('knows no case that is not run here', async () => {
    const help = await run(binary('client'), ['--help']).catch((error: { stderr: string }) => error);
    const known = [...help.stderr.matchAll(/^\s+(\w+)\s?: /gm)].map(([, testCase]) => testCase ?? '');
    const elsewhere = /creds|oauth|credentials|orca|soak/;
    assert.deepEqual(known.filter((testCase) => !elsewhere.test(testCase)).sort(), goCases.sort());
  });
});
