/** The package as it is published: what is in it, and that it needs nothing beside it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../..', import.meta.url));

const program = `
import { createChannel, createClient, createServer } from '@connections/grpc';
const codec = { encode: (bytes) => bytes, decode: (bytes) => bytes, create: (bytes) => bytes };
const get = { path: '/a.B/Get', requestStream: false, responseStream: false, request: codec, response: codec };
const service = { fullName: 'a.B', methods: { get } };
const server = createServer();
server.add(service, { get: async (bytes) => bytes });
const channel = createChannel('127.0.0.1:' + (await server.listen('127.0.0.1', 0)));
const answer = await createClient(service, channel).get(new Uint8Array([1, 2, 3]));
channel.close();
await server.stop(0);
console.log(answer.join());
`;

describe('the package', () => {
  it('makes a call where nothing else is installed', (test) => {
    const folder = mkdtempSync(join(tmpdir(), 'grpc-alone-'));
    test.after(() => rmSync(folder, { recursive: true, force: true }));
    execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: source, stdio: 'pipe' });
    const [archive = ''] = readdirSync(folder);
    const installed = join(folder, 'node_modules/@connections/grpc');
    mkdirSync(installed, { recursive: true });
    execFileSync('tar', ['-xzf', join(folder, archive), '--strip-components=1', '-C', installed]);
    assert.deepEqual(readdirSync(installed).sort(), ['LICENSE', 'README.md', 'dist', 'package.json']);
    assert.deepEqual(readdirSync(join(installed, 'dist')), ['src']);
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.equal(output.trim(), '1,2,3');
  });
});
