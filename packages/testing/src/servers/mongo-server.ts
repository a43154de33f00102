/** Starts a MongoDB server, or names the one that the environment gives. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { givenMongo } from './given-mongo.ts';
import { makeWritable } from './mongo-admin.ts';
import { type ServerKind, startServer } from './server-process.ts';
import { onPath, reasonToSkip, type TestServer } from './test-server.ts';

export interface MongoOptions {
  /** Every acknowledged write outlives a kill. Without it tests run faster. @default false */
  readonly syncOnCommit?: boolean;
  /** No replica set: no change streams, no retryable writes. @default false */
  readonly standalone?: boolean;
  /** The test freezes or kills it, so that the server of MONGODB_TEST_URI will not do. @default false */
  readonly own?: boolean;
  /** Allows fail points (`configureFailPoint`); implies `own`. @default false */
  readonly failPoints?: boolean;
}

const secantus = fileURLToPath(new URL('../../../../../.servers/secantus/bin/secantusd-py', import.meta.url));

/** Why suites that need MongoDB with these options are skipped. */
export function mongoMissing(options: MongoOptions = {}): string | undefined {
  return reasonToSkip('mongo', givenUri(options) ? undefined : missing());
}

/** An empty database: on the server of MONGODB_TEST_URI when no option asks for one of its own, else on a new one. */
export async function startMongo(options: MongoOptions = {}): Promise<TestServer> {
  const uri = givenUri(options);
  if (uri) return givenMongo(uri);
  const reason = missing();
  if (reason) throw new Error(reason);
  return startServer(onPath('mongod') ? mongodKind(options) : secantusKind(options));
}

function givenUri({ syncOnCommit, standalone, own, failPoints }: MongoOptions): string | undefined {
  return syncOnCommit || standalone || own || failPoints ? undefined : process.env.MONGODB_TEST_URI;
}

function missing(): string | undefined {
  if (onPath('mongod') || existsSync(secantus)) return undefined;
  return 'there is no MongoDB: mongod is not on the path, and `npm run servers` has not been run';
}

function secantusKind({ syncOnCommit, standalone, failPoints }: MongoOptions): ServerKind {
  return {
    name: 'secantus',
    command: secantus,
    args: ({ port, folder }) => [
      ...['--port', `${port}`, '--storage-path', `${folder}/data`],
      ...(syncOnCommit ? ['--sync-on-commit'] : []),
      ...(standalone ? ['--standalone'] : []),
      ...(failPoints ? ['--enable-test-commands'] : []),
    ],
    url: ({ port }) => urlOf(port, standalone ? undefined : 'secantus'),
    async answers({ port, log }) {
      // Its log tells that it, and not another server, has the port.
      if (!log.includes(`secantus listening on 127.0.0.1:${port}`))
        throw new Error('secantus does not listen');
      await makeWritable(port);
    },
  };
}

function mongodKind({ standalone, failPoints }: MongoOptions): ServerKind {
  // A mongod acknowledges writes that ask for the journal only when these are in it: it needs no syncOnCommit.
  const replicaSet = standalone ? undefined : 'tests';
  return {
    name: 'mongod',
    command: 'mongod',
    args: ({ port, folder }) => [
      ...['--port', `${port}`, '--bind_ip', '127.0.0.1', '--dbpath', folder, '--nounixsocket'],
      ...(replicaSet ? ['--replSet', replicaSet] : []),
      ...(failPoints ? ['--setParameter', 'enableTestCommands=1'] : []),
    ],
    url: ({ port }) => urlOf(port, replicaSet),
    async answers({ port, log }) {
      if (!log.includes('Waiting for connections')) throw new Error('mongod does not listen');
      await makeWritable(port, replicaSet);
    },
  };
}

function urlOf(port: number, replicaSet: string | undefined): string {
  return `mongodb://127.0.0.1:${port}/connections${replicaSet ? `?replicaSet=${replicaSet}` : ''}`;
}
