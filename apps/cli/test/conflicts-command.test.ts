/** `connections conflicts` against a server that has conflicts, and as a process against services that have none. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { StatusError } from '@connections/grpc';
import { taskService } from '@connections/proto-utils';
import { ConflictReason, type ConflictWrite } from '@connections/proto-utils/v1/tasks';
import { createTestServer } from '@connections/testing';
import { runBin, startServices } from './bin-process.ts';
import { cli } from './cli-run.ts';
import { taskState } from './task-state.ts';

const { listConflicts, getConflict, replayConflict, dropConflict } = taskService.methods;
const methods = { listConflicts, getConflict, replayConflict, dropConflict };

const time = new Date('2026-01-31T12:00:00.000Z');
const asked = { time, requestId: 'r', principal: 'ann' };
const writes: readonly ConflictWrite[] = [
  { ...asked, write: { $case: 'put', value: { state: taskState('accepted'), ifAbsent: true } } },
  {
    ...asked,
    write: {
      $case: 'patch',
      value: {
        status: undefined,
        code: undefined,
        message: 'one\u001b[2J',
        data: new Map([['k', 'v']]),
        removeData: ['gone'],
        replaceData: false,
        expectedRevision: 7n,
      },
    },
  },
  { ...asked, write: { $case: 'remove', value: {} } },
];
const conflict = {
  id: 'k1',
  namespace: 'default',
  category: 'validation',
  taskId: '42',
  reason: ConflictReason.CONFLICT_REASON_OVERTAKEN,
  time,
  base: { incarnation: 'i', revision: 3n },
  standing: undefined,
  writeCount: writes.length,
};

describe('connections conflicts', () => {
  const ids = new Set<string>();
  const server = createTestServer({});
  let env: Record<string, string>;

  const checked = (id: string) => {
    if (!ids.has(id)) throw new StatusError('NOT_FOUND', `there is no conflict ${id}`);
  };

  before(async () => {
    server.add(
      { fullName: taskService.fullName, methods },
      {
        listConflicts: async () => ({
          conflicts: [...ids].map((id) => ({ ...conflict, id })),
          nextPageToken: '',
        }),
        getConflict: async ({ id, skipWrites }) => {
          checked(id);
          // A reply has room for one.
          const some = writes.slice(skipWrites, skipWrites + 1);
          const writesLeft = writes.length - skipWrites - some.length;
          return { conflict: { ...conflict, id }, shown: undefined, writes: some, writesLeft };
        },
        replayConflict: async ({ id }) => {
          checked(id);
          ids.delete(id);
          return { writeCount: writes.length };
        },
        dropConflict: async ({ id }) => {
          checked(id);
          ids.delete(id);
          return {};
        },
      },
    );
    env = { DATABASE_CONNECTION_PORT: String(await server.listen('127.0.0.1', 0)) };
  });

  beforeEach(() => {
    ids.clear();
    ids.add('k1');
  });

  after(() => server.stop(0));

  it('list shows a row for each, and says that there are none', async () => {
    const { code, stdout, stderr } = await cli('conflicts list', { env });
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^CONFLICT +NAMESPACE +TASK +FOUND +WRITES +REASON$/m);
    assert.match(
      stdout,
      /^k1 +default +validation\/42 +2026-01-31T12:00:00.000Z +3 +overtaken by other writes$/m,
    );
    ids.clear();
    const none = await cli('conflicts list', { env });
    assert.deepEqual(none, { code: 0, stdout: '', stderr: 'there are no conflicts\n' });
  });

  it('list --json names the reason as the protocol does', async () => {
    const { conflicts, nextPageToken } = JSON.parse((await cli('conflicts list --json', { env })).stdout);
    assert.equal(nextPageToken, '');
    assert.equal(conflicts[0].reason, 'CONFLICT_REASON_OVERTAKEN');
    assert.deepEqual(conflicts[0].base, { incarnation: 'i', revision: '3' });
  });

  it('show tells every write, over as many replies as there are, and moves no cursor', async () => {
    const { code, stdout } = await cli('conflicts show k1', { env });
    assert.equal(code, 0);
    assert.match(stdout, /^made on +revision 3 of i$/m);
    assert.match(stdout, /^stood instead +no task$/m);
    assert.match(stdout, / create +accepted +ann +r$/m);
    assert.match(stdout, / patch +one\S+: k -gone +ann +r$/m);
    assert.match(stdout, / remove +ann +r$/m);
    assert.doesNotMatch(stdout, /[^\P{Cc}\n]/u);
  });

  it('show --json has the writes whole', async () => {
    const shown = JSON.parse((await cli('conflicts show k1 --json', { env })).stdout);
    assert.equal(shown.writes.length, 3);
    assert.deepEqual(shown.writes[1].patch.data, { k: 'v' });
    assert.deepEqual(shown.writes[2].remove, {});
  });

  it('replay says how much was written, drop that it is gone; then there is none', async () => {
    assert.equal((await cli('conflicts replay k1', { env })).stdout, 'replayed k1: 3 writes\n');
    ids.add('k2').add('k3');
    const { stdout } = await cli('conflicts replay k3 --json', { env });
    assert.deepEqual(JSON.parse(stdout), { id: 'k3', writeCount: 3 });
    assert.equal((await cli('conflicts drop k2', { env })).stdout, 'dropped k2\n');
    assert.equal(ids.size, 0);
    for (const verb of ['show', 'replay', 'drop']) {
      const { code, stdout: nothing, stderr } = await cli(`conflicts ${verb} k1`, { env });
      assert.deepEqual([code, nothing], [69, ''], verb);
      assert.match(stderr, /^there is no conflict k1: look for it with `connections conflicts list`\n$/);
    }
  });

  it('exits with 2 without an id', async () => {
    for (const verb of ['show', 'replay', 'drop']) assert.equal((await cli(`conflicts ${verb}`)).code, 2);
  });
});

it('exits with 76 and says why where tasks are in one store', async () => {
  await using services = await startServices();
  for (const line of ['conflicts list', 'conflicts show k', 'conflicts replay k', 'conflicts drop k']) {
    const { code, stdout, stderr } = await runBin(line, services.env);
    assert.deepEqual([code, stdout], [76, ''], line);
    assert.match(stderr, /^tasks are in one store here, which has no conflicts/);
  }
});
