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
import { prepare } from './prepare.mjs';

await prepare({ quiet: true });
const { connectDatabase, connectMessaging } = await import('@connections/proto-utils');

const addresses = {
  DATABASE_ADDRESS: `${process.env.DATABASE_CONNECTION_HOST ?? '127.0.0.1'}:${process.env.DATABASE_CONNECTION_PORT ?? 50050}`,
  MESSAGING_ADDRESS: `${process.env.MESSAGING_CONNECTION_HOST ?? '127.0.0.1'}:${process.env.MESSAGING_CONNECTION_PORT ?? 50055}`,
};
const children = [];
let folder;
let exitCode = 1;
try {
  if (await answer(addresses, 500)) {
    console.log(`services   running on ${addresses.DATABASE_ADDRESS} and ${addresses.MESSAGING_ADDRESS}`);
  } else {
    folder = mkdtempSync(path.join(tmpdir(), 'connections-demo-'));
    await startServices(folder);
    console.log(
      `services   started for this demo on ${addresses.DATABASE_ADDRESS} and ${addresses.MESSAGING_ADDRESS}`,
    );
  }
  const consumer = run('apps/examples/dist/src/consumer.js', [], addresses, ['ignore', 'ignore', 'inherit']);
  const publisher = run(
    'apps/examples/dist/src/publisher.js',
    ['apps/examples/data/customers.schema.json', 'apps/examples/data/customers.csv'],
    addresses,
    ['ignore', 'inherit', 'inherit'],
  );
  const lost = once(consumer, 'exit').then(() => 'the consumer stopped before the file was validated');
  const ended = once(publisher, 'exit').then(([code]) => code);
  const outcome = await Promise.race([ended, lost]);
  if (typeof outcome === 'string') console.error(outcome);
  else exitCode = outcome ?? 1;
} catch (error) {
  console.error(`the demo failed: ${error.message}`);
} finally {
  for (const child of children.reverse()) await stop(child);
  if (folder) rmSync(folder, { recursive: true, force: true });
}
process.exit(exitCode);

async function answer({ DATABASE_ADDRESS, MESSAGING_ADDRESS }, timeoutMs) {
  const clients = [connectDatabase(DATABASE_ADDRESS), connectMessaging(MESSAGING_ADDRESS)];
  const results = await Promise.allSettled(clients.map((client) => client.ready(timeoutMs)));
  for (const client of clients) client.close();
  return results.every(({ status }) => status === 'fulfilled');
}

async function startServices(data) {
  const [databasePort, messagingPort] = [await freePort(), await freePort()];
  addresses.DATABASE_ADDRESS = `127.0.0.1:${databasePort}`;
  addresses.MESSAGING_ADDRESS = `127.0.0.1:${messagingPort}`;
  const services = run(
    'apps/connections/standalone/dist/src/main.js',
    [],
    {
      CONNECTIONS_DATA: data,
      LOG_LEVEL: 'warn',
      DATABASE_CONNECTION_HOST: '127.0.0.1',
      DATABASE_CONNECTION_PORT: String(databasePort),
      MESSAGING_CONNECTION_HOST: '127.0.0.1',
      MESSAGING_CONNECTION_PORT: String(messagingPort),
    },
    ['ignore', 'ignore', 'inherit'],
  );
  const stopped = once(services, 'exit').then(() => {
    throw new Error('the services did not start');
  });
  await Promise.race([answer(addresses, 10_000), stopped]);
  stopped.catch(() => {});
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
  const child = spawn(process.execPath, [file, ...args], { stdio, env: { ...process.env, ...env } });
  children.push(child);
  return child;
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
