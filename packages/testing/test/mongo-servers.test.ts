/** The MongoDB servers of tests. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MongoClient } from 'mongodb';
import { givenMongo } from '../src/servers/given-mongo.ts';
import { mongoMissing, startMongo } from '../src/servers/mongo-server.ts';
import { withEnvironment } from './with-environment.ts';

suite('Test servers: MongoDB', { skip: mongoMissing({ own: true }) ?? false }, () => {
  test('a server is the writable primary of a replica set', async () => {
    await using server = await startMongo({ own: true });
    await withClient(server.url, async (client) => {
      const hello = await client.db('admin').command({ hello: 1 });
      assert.equal(hello.isWritablePrimary, true);
      assert.ok(hello.setName);
    });
  });

  test('a standalone server says that it is in no replica set', async () => {
    await using server = await startMongo({ standalone: true });
    await withClient(server.url, async (client) => {
      assert.equal((await client.db('admin').command({ hello: 1 })).setName, undefined);
    });
  });

  test('what a server that syncs acknowledged outlives a kill, on the same port', async () => {
    await using server = await startMongo({ syncOnCommit: true });
    await withClient(server.url, async (client) => {
      await client
        .db()
        .collection('kept')
        .insertOne({ text: 'kept' }, { writeConcern: { w: 'majority', j: true } });
    });
    await server.kill();
    await assert.rejects(withClient(server.url, (client) => client.db().command({ ping: 1 })));
    await server.restart();
    await withClient(server.url, async (client) => {
      assert.equal((await client.db().collection('kept').findOne())?.text, 'kept');
    });
  });

  test('a frozen server answers when it is thawed', async () => {
    await using server = await startMongo({ own: true });
    await withClient(server.url, async (client) => {
      await client.db().command({ ping: 1 });
      server.freeze();
      let answered = false;
      const reply = client.db().command({ ping: 1 });
      void reply.then(() => {
        answered = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 200));
      assert.equal(answered, false);
      server.thaw();
      await reply;
    });
  });

  test('fail points can be set on a server that was asked for them', async () => {
    await using server = await startMongo({ failPoints: true });
    await withClient(server.url, async (client) => {
      await client.db('admin').command({
        configureFailPoint: 'failCommand',
        mode: { times: 1 },
        data: { failCommands: ['find'], errorCode: 50 },
      });
      await assert.rejects(client.db().collection('any').findOne(), { code: 50 });
    });
  });

  test('a given server lends a new database to each and is rid of it in the end', async () => {
    await using given = await startMongo({ own: true });
    await withEnvironment({ MONGODB_TEST_URI: given.url }, async () => {
      const [one, other] = await Promise.all([startMongo(), startMongo()]);
      assert.notEqual(one.url, other.url);
      assert.throws(() => one.freeze(), /MONGODB_TEST_URI/);
      await withClient(one.url, (client) => client.db().collection('ours').insertOne({}));
      await withClient(given.url, async (client) => {
        const names = async () =>
          (await client.db().admin().listDatabases()).databases.map(({ name }) => name);
        assert.equal((await names()).filter((name) => name.startsWith('connections_test_')).length, 1);
        await one[Symbol.asyncDispose]();
        await other[Symbol.asyncDispose]();
        assert.equal((await names()).filter((name) => name.startsWith('connections_test_')).length, 0);
      });
    });
  });
});

suite('Test servers: the connection string of a given MongoDB', () => {
  for (const [given, expected, port] of [
    ['mongodb://a:1', 'mongodb://a:1/NAME?', 1],
    ['mongodb://a,b:2/other?replicaSet=rs', 'mongodb://a,b:2/NAME?replicaSet=rs', 2],
    [
      'mongodb+srv://u:p%40@c.example/?w=1',
      'mongodb+srv://u:p%40@c.example/NAME?w=1&authSource=admin',
      27_017,
    ],
    ['mongodb://u:p@a/db', 'mongodb://u:p@a/NAME?authSource=db', 27_017],
    ['mongodb://u:p@a/db?authSource=x', 'mongodb://u:p@a/NAME?authSource=x', 27_017],
  ] as const) {
    test(`${given} keeps its hosts, its options and who logs in where`, () => {
      const server = givenMongo(given);
      assert.equal(server.url.replace(/connections_test_[0-9a-f]{32}/, 'NAME'), expected);
      assert.equal(server.port, port);
    });
  }
});

async function withClient(url: string, use: (client: MongoClient) => Promise<unknown>): Promise<void> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 2_000 });
  try {
    await use(client);
  } finally {
    await client.close();
  }
}
