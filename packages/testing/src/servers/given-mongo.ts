/** A database of its own on the MongoDB server that the environment names. */
import { randomUUID } from 'node:crypto';
import { dropDatabase } from './mongo-admin.ts';
import { notOurs, type TestServer } from './test-server.ts';

/** Parts of a connection string, which names several hosts where a URL has one. */
const pattern = /^(mongodb(?:\+srv)?:\/\/)((?:[^@/]*@)?)([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/;

/** Dropped in the end. Who logs in does so where the connection string says, not at the new database. */
export function givenMongo(uri: string): TestServer {
  const [, scheme, login, hosts = '', database = '', options] = pattern.exec(uri) ?? [];
  if (!scheme) throw new Error('MONGODB_TEST_URI is no connection string of MongoDB');
  const query = new URLSearchParams(options);
  if (login && !query.has('authSource')) query.set('authSource', database || 'admin');
  const name = `connections_test_${randomUUID().replaceAll('-', '')}`;
  const url = `${scheme}${login}${hosts}/${name}?${query}`;
  const port = Number(/:(\d+)/.exec(hosts)?.[1] ?? 27_017);
  return notOurs('MONGODB_TEST_URI', url, port, () => dropDatabase(url));
}
