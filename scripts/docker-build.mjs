/** Builds the image of an app: `node scripts/docker-build.mjs database`. Exit 1 with one line where there is no engine. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [app = ''] = process.argv.slice(2);
const apps = ['database', 'messaging', 'standalone'];
if (!apps.includes(app)) {
  console.error(`docker-build builds one of ${apps.join(', ')}, not ${JSON.stringify(app)}`);
  process.exit(2);
}
requireEngine();

const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const image = `connections-${app}:${version}`;
const { status } = spawnSync(
  'docker',
  [
    'build',
    '--file',
    `apps/connections/${app}/Dockerfile`,
    '--tag',
    image,
    '--build-arg',
    `VERSION=${version}`,
    '.',
  ],
  // The Dockerfiles use what only BuildKit knows.
  { cwd: root, stdio: 'inherit', env: { ...process.env, DOCKER_BUILDKIT: '1' } },
);
if (status === 0) console.log(`built ${image}`);
process.exitCode = status === 0 ? 0 : 1;

function requireEngine() {
  const { error, status, stderr } = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], {
    encoding: 'utf8',
  });
  if (status === 0) return;
  if (error) fail('docker is not installed: install Docker Engine or Docker Desktop');
  // The first line is what the server answers to the question, the reason comes last.
  const [reason = ''] = stderr.trim().split('\n').slice(-1);
  fail(`docker has no engine to build with: start one, or name it in DOCKER_HOST (${reason})`);
}

function fail(line) {
  console.error(line);
  process.exit(1);
}
