/** What an operator does with conflicts, on modelled ones and the tasks of the embedded driver. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createClient } from '@connections/grpc';
import { taskService } from '@connections/proto-utils';
import { createTestServer, openTestChannel, sabotaged } from '@connections/testing';
import type { Tasks } from '../src/port/tasks.ts';
import { ConflictsService } from '../src/service/conflicts-service.ts';
import { createConflictsHandler } from '../src/transport/v1/conflicts-handler.ts';
import { openEmbedded } from './embedded-ports.ts';
import {
  conflictOf,
  conflictRef,
  ModelledConflicts,
  patching,
  putting,
  removing,
} from './modelled-conflicts.ts';
import { refuses, refusesFields, startDatabase } from './v1-database.ts';

const { signal } = new AbortController();
const reading = { token: undefined, strong: true };

async function world(context: TestContext, conflicts: ModelledConflicts) {
  const opened = await openEmbedded('tasks')();
  context.after(() => opened[Symbol.asyncDispose]());
  const tasks: Tasks = opened.port;
  const get = async () => (await tasks.get(conflictRef, reading, signal)).task;
  return { tasks, get, service: new ConflictsService({ conflicts, tasks }) };
}

describe('replay', () => {
  it('writes onto the task as it is, in order, for who asked then, and drops the conflict', async (context) => {
    const conflicts = new ModelledConflicts(conflictOf('k', putting('1', 's'), patching('2', 'm')));
    const { tasks, get, service } = await world(context, conflicts);
    const standing = { status: 'other', code: 0, message: '', data: new Map() };
    const options = { requestId: undefined, principal: 'eve', allowBuffered: false, ifAbsent: true };
    await tasks.put(conflictRef, standing, options, signal);
    assert.equal(await service.replay('k', signal), 2);
    const task = await get();
    assert.deepEqual([task?.status, task?.message, task?.revision], ['s', 'm', 3]);
    const history = await tasks.transitions(conflictRef, signal);
    assert.deepEqual(
      history?.transitions.map(({ principal }) => principal),
      ['eve', 'ann'],
    );
    assert.equal(conflicts.kept.size, 0);
    await refuses(service.replay('k', signal), 'NOT_FOUND', 'CONFLICT_NOT_FOUND');
  });

  it('has one effect, also when it was interrupted before the conflict was dropped', async (context) => {
    for (const operations of [
      [putting('1', 's'), patching('2', 'm')],
      [putting('1', 's'), removing('2'), putting('3', 't')],
      [putting('1', 's'), removing('2')],
    ]) {
      const conflict = conflictOf('k', ...operations);
      const conflicts = new ModelledConflicts(conflict);
      const { get, service } = await world(context, conflicts);
      await service.replay('k', signal);
      const once = await get();
      await conflicts.add(conflict);
      await service.replay('k', signal);
      assert.deepEqual(await get(), once);
    }
  });

  it('by two at the same time has one effect', async (context) => {
    const conflicts = new ModelledConflicts(conflictOf('k', putting('1', 's'), patching('2', 'm')));
    const { get, service } = await world(context, conflicts);
    await Promise.all([service.replay('k', signal), service.replay('k', signal)]);
    assert.equal((await get())?.revision, 2);
  });

  it('has no second effect where the caller has tried again meanwhile', async (context) => {
    const conflicts = new ModelledConflicts(conflictOf('k', putting('1', 's')));
    const { tasks, get, service } = await world(context, conflicts);
    const options = { requestId: '1', principal: 'ann', allowBuffered: false, ifAbsent: true };
    await tasks.put(conflictRef, { status: 's', code: 0, message: '', data: new Map() }, options, signal);
    await service.replay('k', signal);
    assert.equal((await get())?.revision, 1);
  });

  it('that is refused keeps the conflict', async (context) => {
    const conflicts = new ModelledConflicts(conflictOf('k', patching('1', 'm')));
    const { service } = await world(context, conflicts);
    await refuses(service.replay('k', signal), 'NOT_FOUND', 'TASK_NOT_FOUND');
    assert.equal(conflicts.kept.size, 1);
  });

  it('goes on where it was interrupted', async (context) => {
    const conflicts = new ModelledConflicts(conflictOf('k', putting('1', 's'), patching('2', 'm')));
    const { tasks, get, service } = await world(context, conflicts);
    const failing = sabotaged(tasks, { patch: () => Promise.reject(new Error('lost')) });
    const interrupted = new ConflictsService({ conflicts, tasks: failing });
    await assert.rejects(interrupted.replay('k', signal), /lost/);
    assert.equal(await service.replay('k', signal), 2);
    assert.deepEqual([(await get())?.message, (await get())?.revision], ['m', 2]);
  });

  it('leaves the same state when it is repeated with more writes than are remembered', async (context) => {
    const patches = Array.from({ length: 40 }, (_, index) => patching(`p${index}`, `m${index}`));
    const conflict = conflictOf('k', putting('1', 's'), ...patches);
    const conflicts = new ModelledConflicts(conflict);
    const { tasks, get, service } = await world(context, conflicts);
    let writes = 0;
    const patch: Tasks['patch'] = (...call) => {
      writes += 1;
      return writes > 30 ? Promise.reject(new Error('lost')) : tasks.patch(...call);
    };
    const interrupted = new ConflictsService({ conflicts, tasks: sabotaged(tasks, { patch }) });
    await assert.rejects(interrupted.replay('k', signal), /lost/);
    await service.replay('k', signal);
    assert.deepEqual([(await get())?.status, (await get())?.message], ['s', 'm39']);
    await conflicts.add(conflict);
    await service.replay('k', signal);
    assert.equal((await get())?.message, 'm39');
  });
});

describe('the rpcs', () => {
  async function served(context: TestContext, conflicts: ModelledConflicts) {
    const { service, get } = await world(context, conflicts);
    const handler = createConflictsHandler(service, { statusTtlSeconds: () => 60 });
    const { listConflicts, getConflict, replayConflict, dropConflict } = taskService.methods;
    const methods = { listConflicts, getConflict, replayConflict, dropConflict };
    const server = createTestServer({});
    server.add({ fullName: taskService.fullName, methods }, handler);
    const channel = openTestChannel(`127.0.0.1:${await server.listen('127.0.0.1', 0)}`);
    context.after(async () => {
      channel.close();
      await server.stop(0);
    });
    return { client: createClient(taskService, channel), get };
  }

  it('list page by page, the newest first', async (context) => {
    const conflicts = new ModelledConflicts(...['1', '2', '3'].map((id) => conflictOf(id, removing('r'))));
    const { client } = await served(context, conflicts);
    const first = await client.listConflicts({ pageSize: 2 });
    const second = await client.listConflicts({ pageSize: 2, pageToken: first.nextPageToken });
    assert.deepEqual(
      [first, second].map((page) => page.conflicts.map(({ id }) => id)),
      [['3', '2'], ['1']],
    );
    assert.equal(second.nextPageToken, '');
    assert.equal(first.conflicts[0]?.writeCount, 1);
    assert.equal(first.conflicts[0]?.standing?.revision, 4n);
  });

  it('get tells every write, in as many replies as they need', async (context) => {
    const large = 'x'.repeat(1_000_000);
    const operations = Array.from({ length: 5 }, (_, index) => putting(`${index}`, 's', large));
    const { client } = await served(context, new ModelledConflicts(conflictOf('k', ...operations)));
    const ids: string[] = [];
    let left = 1;
    while (left > 0) {
      const found = await client.getConflict({ id: 'k', skipWrites: ids.length });
      ids.push(...found.writes.map(({ requestId }) => requestId));
      assert.equal(found.writesLeft, 5 - ids.length);
      left = found.writesLeft;
    }
    assert.deepEqual(ids, ['0', '1', '2', '3', '4']);
  });

  it('get tells what each write asked for', async (context) => {
    const conflict = conflictOf('k', putting('1', 's', 'm'), patching('2', 'n'), removing('3'));
    const { client } = await served(context, new ModelledConflicts(conflict));
    const { writes, shown } = await client.getConflict({ id: 'k' });
    assert.equal(shown, undefined);
    assert.deepEqual(
      writes.map(({ principal, write }) => [principal, write?.$case]),
      [
        ['ann', 'put'],
        ['ben', 'patch'],
        ['ann', 'remove'],
      ],
    );
    const [, patch] = writes;
    assert.ok(patch?.write?.$case === 'patch');
    assert.deepEqual([patch.write.value.message, patch.write.value.expectedRevision], ['n', 99n]);
  });

  it('replay and drop, each once', async (context) => {
    const conflicts = new ModelledConflicts(
      conflictOf('1', putting('1', 's')),
      conflictOf('2', removing('2')),
    );
    const { client, get } = await served(context, conflicts);
    assert.deepEqual(await client.replayConflict({ id: '1' }), { writeCount: 1 });
    await client.dropConflict({ id: '2' });
    assert.equal((await get())?.status, 's');
    for (const id of ['1', '2']) {
      await refuses(client.replayConflict({ id }), 'NOT_FOUND', 'CONFLICT_NOT_FOUND');
      await refuses(client.dropConflict({ id }), 'NOT_FOUND', 'CONFLICT_NOT_FOUND');
      await refuses(client.getConflict({ id }), 'NOT_FOUND', 'CONFLICT_NOT_FOUND');
    }
  });

  it('refuse what is no id, no page and no number', async (context) => {
    const { client } = await served(context, new ModelledConflicts());
    await refusesFields(client.getConflict({ id: '', skipWrites: -1 }), 'id', 'skip_writes');
    await refusesFields(client.listConflicts({ pageSize: 1_001 }), 'page_size');
    await refusesFields(client.replayConflict({ id: '' }), 'id');
    await refusesFields(client.dropConflict({ id: 'a\n' }), 'id');
    await refuses(client.listConflicts({ pageToken: 'x' }), 'INVALID_ARGUMENT', 'PAGE_TOKEN_INVALID');
  });

  it('are UNIMPLEMENTED where tasks are in one store', async () => {
    await using database = await startDatabase();
    const { tasks } = database;
    for (const call of [
      tasks.listConflicts({}),
      tasks.getConflict({ id: 'k' }),
      tasks.replayConflict({ id: 'k' }),
      tasks.dropConflict({ id: 'k' }),
    ]) {
      await refuses(call, 'UNIMPLEMENTED', 'CONFLICTS_UNSUPPORTED');
    }
  });
});
