/**
 * The ETL job that the services exist for, on a real file: registers a schema, submits a CSV file, follows its task.
 * Uses the services that answer on the configured addresses; when none does, starts its own on free ports and a
 * temporary folder for as long as it takes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

await prepare({ quiet: true });
const { connectDatabase, connectMessaging } = await import('@connections/proto-utils');
const { loadEnvironment } = await import('@connections/runtime');
// The services read it too: the demo has to look where they listen.
loadEnvironment(process.cwd());

const apps = fileURLToPath(new URL('../apps', import.meta.url));
const addresses = {
  DATABASE_ADDRESS: configured('DATABASE_CONNECTION', 50050),
  MESSAGING_ADDRESS: configured('MESSAGING_CONNECTION', 50055),
};
const children = [];
let folder;
let exitCode = 1;
try {
  exitCode = await Promise.race([demo(), interrupted(), unread()]);
} catch (error) {
  console.error(`the demo failed: ${error.message}`);
} finally {
  for (const child of children.reverse()) await stop(child);
  if (folder) rmSync(folder, { recursive: true, force: true });
}
process.exit(exitCode);

function configured(prefix, port) {
  const host = process.env[`${prefix}_HOST`] || '127.0.0.1';
  return `${host.includes(':') ? `[${host}]` : host}:${process.env[`${prefix}_PORT`] || port}`;
}

async function demo() {
  const found = await answer(500);
  if (!found) await startServices();
  const where = `${addresses.DATABASE_ADDRESS} and ${addresses.MESSAGING_ADDRESS}`;
  console.log(`services   ${found ? 'running' : 'started for this demo'} on ${where}`);
  const consumer = run('examples/dist/src/consumer.js', [], addresses, ['ignore', 'ignore', 'inherit']);
  const publisher = run(
    'examples/dist/src/publisher.js',
    ['customers.schema.json', 'customers.csv'].map((file) => path.join(apps, 'examples/data', file)),
    addresses,
    ['ignore', 'inherit', 'inherit'],
  );
  const [code] = await Promise.race([
    once(publisher, 'exit'),
    failsAtExit(consumer, 'the consumer stopped before the file was validated'),
  ]);
  return code ?? 1;
}

/** The exit code that a shell gives to a program that a signal ended. */
function interrupted() {
  return new Promise((resolve) => {
    process.on('SIGINT', () => resolve(130)).on('SIGTERM', () => resolve(143));
  });
}

/** Whoever read the output has seen enough, as `head` does: no failure. */
function unread() {
  return new Promise((resolve) => {
    process.stdout.on('error', () => resolve(0));
  });
}

async function failsAtExit(child, message) {
  await once(child, 'exit');
  throw new Error(message);
}

/** Whether both services do. */
async function answer(timeoutMs) {
  const clients = [
    connectDatabase(addresses.DATABASE_ADDRESS),
    connectMessaging(addresses.MESSAGING_ADDRESS),
  ];
  const results = await Promise.allSettled(clients.map((client) => client.ready(timeoutMs)));
  for (const client of clients) client.close();
  return results.every(({ status }) => status === 'fulfilled');
}

async function startServices() {
  folder = mkdtempSync(path.join(tmpdir(), 'connections-demo-'));
  const [databasePort, messagingPort] = [await freePort(), await freePort()];
  addresses.DATABASE_ADDRESS = `127.0.0.1:${databasePort}`;
  addresses.MESSAGING_ADDRESS = `127.0.0.1:${messagingPort}`;
  const services = run(
    'connections/standalone/dist/src/main.js',
    [],
    {
      CONNECTIONS_DATA: folder,
      LOG_LEVEL: 'warn',
      HTTP_ENABLED: 'false',
      DATABASE_CONNECTION_HOST: '127.0.0.1',
      DATABASE_CONNECTION_PORT: String(databasePort),
      MESSAGING_CONNECTION_HOST: '127.0.0.1',
      MESSAGING_CONNECTION_PORT: String(messagingPort),
    },
    ['ignore', 'ignore', 'inherit'],
  );
  const ready = await Promise.race([answer(10_000), failsAtExit(services, 'the services did not start')]);
  if (!ready) throw new Error('the services did not answer within 10 s');
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function run(file, args, env, stdio) {
  const child = spawn(process.execPath, [path.join(apps, file), ...args], {
    stdio,
    env: { ...process.env, ...env },
  });
  children.push(child);
  return child;
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
