/** A client of several replicas: what goes to another one, and what does not. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createClient, isStatusError, type Metadata, overReplicas, StatusError } from '../src/index.ts';
import { type NoteClient, note, noteService, notes, type ServedNotes, textsOf } from './note-service.ts';
import { overEachTransport } from './transports.ts';
import { failureOf, waitUntil } from './wait-until.ts';

const refusal = new StatusError('UNAVAILABLE', 'the service is stopping', {
  details: [{ kind: 'ErrorInfo', reason: 'SHUTTING_DOWN', domain: 'connections', metadata: {} }],
});

overEachTransport('a channel to several replicas', ({ createChannel, serveNotes }) => {
  async function withReplicas(
    served: readonly ServedNotes[],
    use: (client: NoteClient) => Promise<void>,
  ): Promise<void> {
    const channel = overReplicas(served.map(({ port }) => createChannel(`127.0.0.1:${port}`)));
    try {
      await use(createClient(noteService, channel));
    } finally {
      channel.close();
      for (const each of served) await each[Symbol.asyncDispose]();
    }
  }

  function named(name: string) {
    return serveNotes({ get: async () => note(name) });
  }

  it('goes to the next one when a replica has stopped, for unary calls and the next stream', async () => {
    const [one, other] = [await named('one'), await named('other')];
    await withReplicas([one, other], async (client) => {
      assert.equal((await client.get({})).text, 'one');
      await one.stop(0);
      const answers = await Promise.all(Array.from({ length: 20 }, () => client.get({})));
      assert.deepEqual(new Set(answers.map(({ text }) => text)), new Set(['other']));
      assert.deepEqual(await textsOf(client.echo(notes('a', 'b'))), ['a', 'b']);
    });
  });

  it('asks another when one refuses calls because it stops, and tells the trailers of the answer once', async () => {
    let refused = 0;
    const one = await serveNotes({
      get: async () => {
        refused++;
        throw refusal;
      },
    });
    const other = await serveNotes({
      get: async (_, call) => {
        call.trailers.set('x-from', 'other');
        return note('other');
      },
    });
    await withReplicas([one, other], async (client) => {
      const told: Metadata[] = [];
      const onTrailers = (trailers: Metadata) => told.push(trailers);
      assert.equal((await client.get({}, { onTrailers })).text, 'other');
      assert.deepEqual(
        told.map((trailers) => trailers.text('x-from')),
        ['other'],
      );
      await client.get({});
      assert.equal(refused, 1);
    });
  });

  it('repeats nothing that was begun', async () => {
    let asked = 0;
    const one = await serveNotes({
      get: () => {
        asked++;
        return new Promise(() => {});
      },
    });
    const other = await serveNotes({
      get: async () => {
        asked++;
        return note('other');
      },
    });
    await withReplicas([one, other], async (client) => {
      const waiting = client.get({}).catch((error: unknown) => error);
      await waitUntil('the handler runs', () => asked === 1);
      await one.stop(0);
      const failure = await waiting;
      assert.ok(isStatusError(failure));
      assert.deepEqual([failure.status, failure.reason, asked], ['UNAVAILABLE', 'SHUTTING_DOWN', 1]);
    });
  });

  it('passes on what a replica answers', async () => {
    const one = await serveNotes({
      get: () => Promise.reject(new StatusError('UNAVAILABLE', 'its store is away')),
    });
    await withReplicas([one, await named('other')], async (client) => {
      await assert.rejects(client.get({}), { message: 'its store is away', unsent: false });
    });
  });

  it('waits for a replica while there is none, within the timeout of the call', async () => {
    const [one, other] = [await named('one'), await named('other')];
    await one.stop(0);
    await other.stop(0);
    await withReplicas([one, other], async (client) => {
      const since = performance.now();
      const failure = await failureOf(client.get({}, { timeoutMs: 500 }));
      assert.ok(failure.unsent || failure.status === 'DEADLINE_EXCEEDED', `${failure}`);
      const ms = performance.now() - since;
      assert.ok(ms < 3_000, `it took ${ms} ms`);
    });
  });

  it('streams end with what the replica says, and the next stream goes to another', async () => {
    const one = await serveNotes({
      // biome-ignore lint/correctness/useYield: it is refused before its first answer
      async *list() {
        throw refusal;
      },
    });
    const other = await serveNotes();
    await withReplicas([one, other], async (client) => {
      await assert.rejects(textsOf(client.list(note('2'))), { reason: 'SHUTTING_DOWN' });
      assert.deepEqual(await textsOf(client.list(note('2'))), ['1', '2']);
    });
  });
});
