/** nghttp and h2load of nghttp2 against our own server. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { createServer } from '@connections/grpc';
import { interopHandlers } from './interop-handlers.ts';
import { interopService } from './interop-service.ts';

const run = promisify(execFile);
const missing =
  spawnSync('h2load', ['--version']).status === 0 || process.env.CI
    ? false
    : 'h2load and nghttp are in the package nghttp2-client, which is not installed';
const headers = ['-H', 'content-type: application/grpc', '-H', 'te: trailers'];

describe('nghttp2', { skip: missing }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'connections-nghttp-'));
  const body = join(folder, 'empty-message');
  const server = createServer();
  let url = '';
  before(async () => {
    writeFileSync(body, Uint8Array.of(0, 0, 0, 0, 0));
    server.add(interopService, interopHandlers);
    const port = await server.listen('127.0.0.1', 0);
    url = `http://127.0.0.1:${port}/grpc.testing.TestService/EmptyCall`;
  });
  after(async () => {
    await server.stop(1_000);
    rmSync(folder, { recursive: true });
  });

  it('nghttp reads the answer and its trailers', async () => {
    const { stdout } = await run('nghttp', ['-v', '-d', body, ...headers, url], { timeout: 20_000 });
    assert.match(stdout, /:status: 200/);
    assert.match(stdout, /grpc-status: 0/);
    assert.doesNotMatch(stdout, /RST_STREAM|error_code=(?!NO_ERROR)/);
  });

  it('h2load has 10 000 calls of 10 connections with 10 streams each answered', async () => {
    const args = ['-n', '10000', '-c', '10', '-m', '10', '-d', body, ...headers, url];
    const { stdout } = await run('h2load', args, { timeout: 60_000 });
    assert.match(stdout, /10000 succeeded, 0 failed, 0 errored, 0 timeout/);
    assert.match(stdout, /10000 2xx/);
  });
});
