/** h2spec, the conformance test of HTTP/2, against our own server: no case may fail. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { createServer } from '@connections/grpc';
import { buildReferees, goRefereesMissing } from './go-referees.ts';
import { interopHandlers } from './interop-handlers.ts';
import { interopService } from './interop-service.ts';

/** Seconds that a case waits for what does not come; the tool's own default is 2. */
const caseTimeoutS = 2;

describe('h2spec', { skip: goRefereesMissing }, () => {
  it('finds no case that fails', async (test) => {
    const binary = (await buildReferees())('h2spec');
    const server = createServer();
    server.add(interopService, interopHandlers);
    const port = await server.listen('127.0.0.1', 0);
    try {
      const report = await output(binary, [
        ...['--host', '127.0.0.1', '--port', `${port}`, '--timeout', `${caseTimeoutS}`],
        ...['--path', '/grpc.testing.TestService/EmptyCall'],
      ]);
      const summary = /(\d+) tests, (\d+) passed, (\d+) skipped, (\d+) failed/.exec(report);
      assert.ok(summary, report);
      test.diagnostic(summary[0]);
      assert.equal(summary[4], '0', report);
      assert.ok(Number(summary[2]) > 130, report);
    } finally {
      await server.stop(1_000);
    }
  });
});

/** Of a command that tells by its exit code that it found something. */
function output(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: 240_000, maxBuffer: 2 ** 24 }, (_, stdout) => resolve(stdout));
  });
}
