/** The import law is held: every kind of breach is named, on a checkout with nothing in it but the breach. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './standalone-process.ts';

const checkout = fileURLToPath(new URL('../../../', import.meta.url));
const database = 'apps/connections/database/src';
const messaging = 'apps/connections/messaging/src';

/** File, its text, and the row or rule that it breaks. */
const breaches: readonly (readonly [string, string, string])[] = [
  ['packages/grpc/src/x.ts', "import { x } from '@connections/runtime';", 'grpc'],
  ['packages/grpc/src/x.ts', "import type { x } from '@grpc/grpc-js';", 'grpc'],
  ['packages/grpc/src/x.ts', "import { x } from './grpc-js/index.ts';", 'grpc'],
  ['packages/grpc/src/x.ts', "import http2 from 'node:http2';", 'grpc'],
  ['packages/proto-utils/src/x.ts', "import { x } from '@connections/runtime';", 'proto-utils'],
  ['packages/runtime/src/x.ts', "import { x } from '@connections/database';", 'runtime'],
  ['packages/runtime/src/x.ts', "import { x } from '../../proto-utils/src/index.ts';", 'deep'],
  ['packages/runtime/src/x.ts', "import { x } from '@connections/testing';", 'test-only'],
  ['packages/runtime/src/host/x.ts', "import { x } from '@opentelemetry/api';", 'host'],
  [
    'packages/messaging-utils/src/x.ts',
    "import { x } from '@opentelemetry/sdk-trace-node';",
    'messaging-utils',
  ],
  [`${database}/port/x.ts`, "import { x } from '@connections/runtime';", 'port'],
  [`${database}/domain/x.ts`, "import { x } from 'node:fs';", 'domain'],
  [`${database}/service/x.ts`, "import { x } from '../driver/driver-registry.ts';", 'service'],
  [`${database}/service/x.ts`, "const x = await import('../transport/v1/y.ts');", 'service'],
  [`${database}/service/x.ts`, "import { x } from '@connections/grpc/grpc-js';", 'service'],
  [`${database}/service/x.ts`, "import { x } from '@connections/runtime/host';", 'service'],
  [`${database}/service/x.ts`, 'export const x = process.env.X;', 'environment'],
  [`${database}/service/x.ts`, 'export default 1;', 'surface'],
  [`${database}/transport/v1/x.ts`, "import { x } from '../../driver/embedded/y.ts';", 'transport'],
  [`${database}/driver/embedded/x.ts`, "import { x } from '../../service/y.ts';", 'driver-embedded'],
  [`${database}/driver/any/x.ts`, "import { x } from '../embedded/y.ts';", 'driver'],
  [`${database}/driver/any/x.ts`, "import { x } from '@grpc/grpc-js';", 'vendor-home'],
  [`${database}/compose.ts`, "import { x } from '@connections/messaging';", 'compose'],
  [`${database}/main.ts`, "import { x } from './driver/embedded/y.ts';", 'entry'],
  [`${database}/other.ts`, 'export const x = 1;', 'unbound'],
  [`${messaging}/service/x.ts`, "import { x } from '@connections/database';", 'service'],
  [`${messaging}/driver/grpc-tasks/x.ts`, "import { x } from '../embedded/y.ts';", 'driver-over-grpc'],
  [
    'apps/connections/database/conformance/x.ts',
    "import { x } from '../src/driver/embedded/y.ts';",
    'conformance',
  ],
  ['apps/connections/database/test/x.test.ts', "import { x } from '@grpc/grpc-js';", 'vendor-home'],
  ['apps/connections/standalone/src/x.ts', "import { x } from 'lmdb';", 'standalone'],
  ['apps/examples/src/x.ts', "import { x } from '@connections/runtime';", 'examples'],
  ['bench/src/x.ts', "import { x } from '@grpc/grpc-js';", 'vendor-home'],
  ['bench/src/x.ts', "import { x } from 'pino';", 'bench'],
  ['packages/runtime/src/x.ts', "import { x } from './x.ts';", 'cycle'],
];

describe('verify-imports', () => {
  const root = temporaryFolder();

  before(() => {
    const manifests = execFileSync('git', ['ls-files', 'scripts', '*/package.json'], {
      cwd: checkout,
      encoding: 'utf8',
    });
    for (const file of manifests.trim().split('\n')) cpSync(join(checkout, file), join(root, file));
    execFileSync('git', ['init', '--quiet'], { cwd: root });
  });
  after(() => rmSync(root, { recursive: true }));

  function verify(file: string, text: string) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), `${text}\n`);
    const { status, stderr } = spawnSync(process.execPath, ['scripts/verify-imports.mjs'], {
      cwd: root,
      encoding: 'utf8',
    });
    rmSync(join(root, file));
    return { status, stderr };
  }

  it('lets a file through that keeps to its row', () => {
    const text = "import { x } from '../service/y.ts';\nimport { z } from '@connections/runtime/errors';";
    assert.deepEqual(verify(`${database}/transport/x.ts`, text), { status: 0, stderr: '' });
  });

  for (const [file, text, rule] of breaches) {
    it(`finds ${text} in ${file}`, () => {
      const { status, stderr } = verify(file, text);
      assert.equal(status, 1);
      assert.ok(stderr.includes(`(${rule})`), stderr);
    });
  }
});
